"""Asks the models that score answers, at endpoints in the dialect of OpenAI.

They are asked in threads, beside the load; what goes wrong is told, and is never a score.
"""

from collections.abc import Sequence
from typing import Any

import httpx

from gameday.domain.scorer import ModelError
from gameday.domain.suite import ModelEndpoint, Suite
from gameday.supervisor.secrets import read_secret


class EndpointModels:
    """The judge and the embedding model of one suite. Several threads may ask at once."""

    def __init__(self, suite: Suite) -> None:
        """Raises FileError where a key is not there."""
        self._judge, self._embedding = suite.judge, suite.embedding
        named = {end.key for end in (suite.judge, suite.embedding) if end and end.key}
        self._keys = {reference: read_secret(reference) for reference in named}
        # trust_env off: a proxy variable of the operator's shell must not take part in a drill.
        self._http = httpx.Client(trust_env=False, limits=httpx.Limits(max_connections=64))

    def judge(self, prompt: str) -> str:
        """What the judge replies. Raises ModelError."""
        endpoint = _required(self._judge)
        body = {
            "model": endpoint.model,
            "temperature": endpoint.temperature,
            "messages": [{"role": "user", "content": prompt}],
        }
        document = self._ask(endpoint, "/chat/completions", body)
        try:
            return str(document["choices"][0]["message"]["content"] or "")
        except (LookupError, TypeError) as error:
            raise ModelError("the judge's reply is not in the dialect") from error

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector for each text, in their order. Raises ModelError."""
        endpoint = _required(self._embedding)
        body = {"model": endpoint.model, "input": list(texts)}
        document = self._ask(endpoint, "/embeddings", body)
        try:
            rows = sorted(document["data"], key=lambda row: row["index"])
            vectors = [[float(number) for number in row["embedding"]] for row in rows]
        except (LookupError, TypeError, ValueError) as error:
            raise ModelError("the embeddings are not in the dialect") from error
        if len(vectors) != len(texts):
            raise ModelError(f"{len(vectors)} embeddings came for {len(texts)} texts")
        return vectors

    def close(self) -> None:
        self._http.close()

    def _ask(self, endpoint: ModelEndpoint, path: str, body: dict[str, Any]) -> Any:
        key = self._keys.get(endpoint.key or "")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        url = f"{endpoint.url.rstrip('/')}{path}"
        try:
            answer = self._http.post(url, json=body, headers=headers, timeout=endpoint.timeout)
            answer.raise_for_status()
            return answer.json()
        except httpx.HTTPStatusError as error:
            raise ModelError(f"status {error.response.status_code}") from error
        except httpx.HTTPError as error:
            raise ModelError(type(error).__name__) from error
        except ValueError as error:
            raise ModelError("what came back is no JSON") from error


def _required(endpoint: ModelEndpoint | None) -> ModelEndpoint:
    if endpoint is None:
        raise ModelError("the suite names no such model")
    return endpoint

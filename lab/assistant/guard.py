"""The assistant's way to its verifier, which is asked about each question before it is answered."""

from collections.abc import Mapping
from typing import Any

import httpx

from lab.assistant.caller import Caller

_TIMEOUT_S = 0.4
UNVERIFIED = "I cannot answer right now: our safety check is not available. Please ask again later."
DENIED = "I cannot help with that: it is about somebody else's data."


class Guard:
    """Fails closed: without a yes of the verifier no question is answered."""

    def __init__(self, url: str, *, fails_open: bool = False) -> None:
        """fails_open: a verifier that does not answer is taken for one that said yes."""
        self._fails_open = fails_open
        self._verifier = httpx.AsyncClient(base_url=url, trust_env=False, timeout=_TIMEOUT_S)

    async def objection(self, question: str, caller: Caller) -> str:
        """What is said in an answer's place; '' where the question may be answered."""
        asked = {"question": question}
        try:
            answer = await self._verifier.post("/check", json=asked, headers=caller.headers)
            verdict = _verdict_in(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError):
            verdict = None
        if verdict is None:
            return "" if self._fails_open else UNVERIFIED
        return "" if verdict else DENIED

    async def close(self) -> None:
        await self._verifier.aclose()


def _verdict_in(said: Any) -> bool | None:
    """None where there is none."""
    allowed = said.get("allowed") if isinstance(said, Mapping) else None
    return allowed if isinstance(allowed, bool) else None

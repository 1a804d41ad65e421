"""The backend `langfuse_prompts`: which version of a prompt a label of Langfuse stands at."""

import base64
from typing import Annotated, Any

from pydantic import Field

from gameday.components._asking import Answer, Interface, moment_of, secret_of
from gameday.components._value import Held, ValueBackend
from gameday.domain.component import Version, digest_of, shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.front_door import RequestTemplate
from gameday.domain.names import SecretRef, Url
from gameday.domain.quantities import Seconds

_PROMPT = "/api/public/v2/prompts/{{name}}"
_AUTH = {"authorization": "Basic {{secret}}"}
_MADE_OF = ("type", "prompt", "config")


class LangfusePrompts(ValueBackend):
    """The version of a prompt that a label of Langfuse stands at.

    A change moves the label to another version, by its number. No version is ever made, as
    Langfuse's own label `latest` would move to it for good.
    """

    url: Url
    public_key: SecretRef
    secret_key: SecretRef
    name: Annotated[str, Field(min_length=1, max_length=400, examples=["support/answer"])]
    label: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,36}$")] = "production"
    timeout: Seconds = 10.0

    @property
    def what(self) -> str:
        return f"label {self.label} of prompt {self.name}"

    async def held(self) -> Held:
        return Held((await self._labelled()).find("version"))

    async def read(self) -> Version:
        """The digest is of what the prompt says, whatever its number."""
        answer = await self._labelled()
        made_of = {part: answer.find(part) for part in _MADE_OF}
        return Version(
            label=f"version {answer.find('version')}",
            digest=digest_of(made_of),
            # Of whoever wrote the version: Langfuse does not keep who moves a label, only when.
            by=str(answer.told("createdBy") or ""),
            changed_at=moment_of(answer.told("updatedAt")),
            back=answer.find("version"),
        )

    async def put(self, value: Any, before: Held) -> None:  # noqa: ARG002 - nothing compares there
        request = RequestTemplate(
            method="PATCH",
            path=f"{_PROMPT}/versions/{{{{version}}}}",
            headers=_AUTH,
            json_={"newLabels": [self.label]},
        )
        await self._interface().set(request, {"name": self.name, "version": _number(value)})

    @property
    def asks_ready(self) -> bool:
        return True

    async def ready(self, to: Any) -> str:
        try:
            await self._get("version", _number(to))
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return f"version {shown(to)} of prompt {self.name} is not to be had: {error.sentence}"
        return ""

    async def _labelled(self) -> Answer:
        return await self._get("label", self.label)

    async def _get(self, key: str, value: Any) -> Answer:
        path = f"{_PROMPT}?{key}={{{{value}}}}"
        request = RequestTemplate(method="GET", path=path, headers=_AUTH)
        return await self._interface().ask(request, {"name": self.name, "value": value})

    def _interface(self) -> Interface:
        public = secret_of(self.public_key, self._beside)
        secret = secret_of(self.secret_key, self._beside)
        carried = base64.b64encode(f"{public}:{secret}".encode()).decode()
        return Interface(self.url, self.timeout, carried, hidden=(secret,))


def _number(version: Any) -> int:
    if not isinstance(version, int) or isinstance(version, bool):
        raise ComponentError(
            f"{shown(version)} is no version of a prompt; expected its number",
            next_step="write a new text as a version in Langfuse first, then change to that",
        )
    return version

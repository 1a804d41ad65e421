"""The backend `router_alias`: which model a router asks for when it is asked for an alias."""

from typing import Any, Literal, Self

from pydantic import model_validator

from gameday.components._asking import Interface, secret_of
from gameday.components._value import Held, ValueBackend
from gameday.domain.component import shown
from gameday.domain.errors import ComponentError, ComponentUnreachableError
from gameday.domain.front_door import RequestTemplate
from gameday.domain.names import SecretRef, Url
from gameday.domain.quantities import Seconds
from gameday.domain.value import Value

_MODEL_IN_LITELLM = "data.0.litellm_params.model"


class Standby(Value):
    """An API of OpenAI's shape that serves the models which the alias may lead to."""

    url: Url
    key: SecretRef | None = None


class RouterAlias(ValueBackend):
    """The model behind an alias of a router, by the router's own interface over HTTP.

    `plain`: `GET {url}/{alias}` answers with `{"model": …}`, and `PUT` with the same sets it; an
    ETag that is given is sent back as If-Match. `litellm`: the proxy's `/model/info` and
    `/model/{alias}/update`, where `alias` is the deployment's id (`model_info.id`) and the proxy
    keeps its models in its database; only `litellm_params.model` is touched.
    """

    router: Literal["plain", "litellm"] = "plain"
    url: Url
    alias: str
    key: SecretRef | None = None
    standby: Standby | None = None
    timeout: Seconds = 5.0

    @model_validator(mode="after")
    def _alias_is_a_name(self) -> Self:
        if not self.alias or len(self.alias) > 200 or not self.alias.isprintable():
            raise ValueError("alias: expected a name of at most 200 printable characters")
        return self

    @property
    def what(self) -> str:
        return f"alias {self.alias} of {self.url}"

    async def held(self) -> Held:
        if self.router == "litellm":
            path, field = "/model/info?litellm_model_id={{alias}}", _MODEL_IN_LITELLM
        else:
            path, field = "/{{alias}}", "model"
        request = RequestTemplate(method="GET", path=path, headers=_carried(self.key))
        answer = await self._router().ask(request, {"alias": self.alias})
        return Held(answer.find(field), answer.headers.get("etag", ""))

    async def put(self, value: Any, before: Held) -> None:
        words = {"alias": self.alias, "to": value, "etag": before.tag}
        await self._router().set(self._setting(compares=bool(before.tag)), words)

    def _setting(self, *, compares: bool) -> RequestTemplate:
        headers = _carried(self.key)
        if self.router == "litellm":
            wanted = {"litellm_params": {"model": "{{to}}"}}
            path = "/model/{{alias}}/update"
            return RequestTemplate(method="PATCH", path=path, headers=headers, json_=wanted)
        if compares:
            headers["if-match"] = "{{etag}}"
        model = {"model": "{{to}}"}
        return RequestTemplate(method="PUT", path="/{{alias}}", headers=headers, json_=model)

    @property
    def asks_ready(self) -> bool:
        return self.standby is not None

    async def ready(self, to: Any) -> str:
        """Have the model answer one question with one token."""
        if self.standby is None:
            return ""
        # LiteLLM's names begin with the provider's, which the provider itself does not know.
        name = str(to).partition("/")[2] or str(to) if self.router == "litellm" else str(to)
        try:
            answer = await self._standby(self.standby).ask(_question(self.standby), {"name": name})
        except ComponentUnreachableError:
            raise
        except ComponentError as error:
            return f"{shown(to)} is not to be had: {error.sentence}"
        answered = str(answer.find("model"))
        # Asked for a floating name, providers answer with the dated one.
        if answered.startswith(name):
            return ""
        return f"{shown(to)} is not to be had: {shown(answered)} answered"

    def _router(self) -> Interface:
        return Interface(self.url, self.timeout, secret_of(self.key, self._beside))

    def _standby(self, standby: Standby) -> Interface:
        return Interface(standby.url, self.timeout, secret_of(standby.key, self._beside))


def _carried(key: SecretRef | None) -> dict[str, str]:
    return {} if key is None else {"authorization": "Bearer {{secret}}"}


def _question(standby: Standby) -> RequestTemplate:
    return RequestTemplate(
        path="/chat/completions",
        headers=_carried(standby.key),
        json_={
            "model": "{{name}}",
            "messages": [{"role": "user", "content": "Are you there?"}],
            "max_tokens": 1,
        },
    )

"""What every synthetic request carries, so that the system can keep it apart from real ones."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.names import SecretRef
from gameday.domain.value import Value

HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$", examples=["x-tenant"])]
HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,400}$", examples=["{{tenant}}"])]
BodyPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$", examples=["metadata.user_id"])]
Scalar = Annotated[str, Field(max_length=400)] | bool | int

_USER = "user"
_WORD = re.compile(r"\{\{ *([a-z_]+) *\}\}")
# What the request itself is made of: a synthetic block that changes it would break it.
_TAKEN = frozenset(
    {"authorization", "content-length", "content-type", "host", "x-request-id", "connection"}
)


class Synthetic(Value):
    """The target's `synthetic:` block.

    `tenant`, `tags` and `tools` go into headers or body fields: into those whose text names them
    as `{{tenant}}`, `{{tags}}` or `{{tools}}`, else into the headers x-gameday-tenant,
    x-gameday-tags and x-gameday-tools. The system must heed them; `gameday doctor --isolation`
    looks whether it does. `{{user}}` is who asks, of a load with `users`; unless it is named, the
    header x-gameday-user tells it. What names it is left out of requests of nobody in particular.
    """

    tenant: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,120}$", examples=["gameday"])] | None = (
        None
    )
    tags: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,60}$")], ...] = ()
    tools: Literal["sandbox"] | None = None  # tools that change things are to act in a sandbox
    no_cache: bool = False  # asks HTTP caches on the way not to keep the answer
    key: SecretRef | None = None  # asked with instead of the front door's key
    headers: dict[HeaderName, HeaderText] = {}
    body: dict[BodyPath, Scalar] = {}  # by dotted path

    @model_validator(mode="after")
    def _changes_nothing_else(self) -> Self:
        if taken := sorted(_TAKEN & self.headers.keys()):
            raise ValueError(f"the header {taken[0]} is the request's own; choose another")
        texts = [*self.headers.values(), *(v for v in self.body.values() if isinstance(v, str))]
        for word in {word for text in texts for word in _WORD.findall(text)} - {_USER}:
            if word not in self._words:
                known = ", ".join(f"{{{{{name}}}}}" for name in self._words) or "none, as it is"
                raise ValueError(f"{{{{{word}}}}} is not declared in synthetic; it knows {known}")
        return self

    @property
    def _words(self) -> dict[str, str]:
        words = {"tenant": self.tenant, "tags": ",".join(self.tags), "tools": self.tools}
        return {name: text for name, text in words.items() if text}

    def request_headers(self, user: str = "") -> dict[str, str]:
        """The headers of every synthetic request, and of those of `user`."""
        named = " ".join(str(text) for text in (*self.headers.values(), *self.body.values()))
        carried, words = set(_WORD.findall(named)), self._words_of(user)
        usual = {f"x-gameday-{name}": text for name, text in words.items() if name not in carried}
        no_cache = {"cache-control": "no-cache, no-store"} if self.no_cache else {}
        own = {name: _fill(text, words) for name, text in self.headers.items()}
        return {
            **usual,
            **no_cache,
            **{name: text for name, text in own.items() if text is not None},
        }

    def request_body(self, user: str = "") -> dict[str, str | bool | int]:
        """The body fields of every synthetic request, and of those of `user`, by dotted path."""
        words = self._words_of(user)
        filled = {
            path: _fill(value, words) if isinstance(value, str) else value
            for path, value in self.body.items()
        }
        return {path: value for path, value in filled.items() if value is not None}

    def _words_of(self, user: str) -> dict[str, str]:
        return {**self._words, **({_USER: user} if user else {})}


def _fill(text: str, words: Mapping[str, str]) -> str | None:
    """None where it names a user and there is none."""
    if _USER not in words and _USER in _WORD.findall(text):
        return None
    return _WORD.sub(lambda found: words[found[1]], text)


def put_at(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`body` with `value` at the dotted path; what is on the way there is made."""
    name, _, rest = path.partition(".")
    if not rest:
        return {**body, name: value}
    inside = body.get(name)
    return {**body, name: put_at(inside if isinstance(inside, dict) else {}, rest, value)}

"""What every synthetic request carries, so that the system can keep it apart from real ones."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from gameday.domain.names import SecretRef
from gameday.domain.value import Value

HeaderName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,80}$", examples=["x-tenant"])]
HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]{0,400}$", examples=["{{tenant}}"])]
BodyPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,120}$", examples=["metadata.user_id"])]
Scalar = Annotated[str, Field(max_length=400)] | bool | int

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
    looks whether it does.
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
        for word in {word for text in texts for word in _WORD.findall(text)}:
            if word not in self._words:
                known = ", ".join(f"{{{{{name}}}}}" for name in self._words) or "none, as it is"
                raise ValueError(f"{{{{{word}}}}} is not declared in synthetic; it knows {known}")
        return self

    @property
    def _words(self) -> dict[str, str]:
        words = {"tenant": self.tenant, "tags": ",".join(self.tags), "tools": self.tools}
        return {name: text for name, text in words.items() if text}

    def request_headers(self) -> dict[str, str]:
        """The headers of every synthetic request."""
        named = " ".join(str(text) for text in (*self.headers.values(), *self.body.values()))
        carried = set(_WORD.findall(named))
        usual = {
            f"x-gameday-{name}": text for name, text in self._words.items() if name not in carried
        }
        no_cache = {"cache-control": "no-cache, no-store"} if self.no_cache else {}
        own = {name: self._fill(text) for name, text in self.headers.items()}
        return {**usual, **no_cache, **own}

    def request_body(self) -> dict[str, str | bool | int]:
        """The body fields of every synthetic request, by dotted path."""
        return {
            path: self._fill(value) if isinstance(value, str) else value
            for path, value in self.body.items()
        }

    def _fill(self, text: str) -> str:
        return _WORD.sub(lambda found: self._words[found[1]], text)


def put_at(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`body` with `value` at the dotted path; what is on the way there is made."""
    name, _, rest = path.partition(".")
    if not rest:
        return {**body, name: value}
    inside = body.get(name)
    return {**body, name: put_at(inside if isinstance(inside, dict) else {}, rest, value)}

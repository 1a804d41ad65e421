"""What a target file says of the evidence that its runs leave."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gameday.domain.names import Name, SecretRef
from gameday.domain.value import Value

Kept = Literal["none", "failed", "some"]


class OwnRule(Value):
    """What else is taken out of text that others wrote, and by what name it is replaced."""

    name: Name
    pattern: Annotated[str, Field(min_length=1, max_length=400, examples=["EMP-[0-9]{6}"])]

    @field_validator("pattern")
    @classmethod
    def _takes_something(cls, pattern: str) -> str:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        if compiled.search(""):
            raise ValueError("it fits nothing at all, and so every place in a text")
        return pattern


class Evidence(Value):
    """The target's `evidence:` block.

    signing_key: what reports are signed with, an Ed25519 key in PEM; a relative file counts from
    the target file. Without one the reporter makes its own at first use, in its state folder.
    redact: rules of the operator's own, beside those for everybody.
    excerpts: of which answers a beginning is kept, redacted: of none, of some that did not pass, or
    of some of each kind. excerpts_of: the same for the cases of one group of the suite.
    samples_kept_days, runs_kept_days: after how many days `gameday prune` takes away what single
    requests were like, and a whole run; it stays for ever unless said. history_kept_days: the same
    of a run's figures in the history, which outlive the run.
    """

    signing_key: SecretRef | None = None
    redact: Annotated[tuple[OwnRule, ...], Field(max_length=50)] = ()
    excerpts: Kept = "some"
    excerpts_of: dict[str, Kept] = {}
    samples_kept_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    runs_kept_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    history_kept_days: Annotated[int, Field(ge=1, le=36_500)] | None = None

    def keeps_excerpt(self, group: str, passed: bool | None) -> bool:
        """passed: whether the answer passed the suite; None where nobody can tell."""
        kept = self.excerpts_of.get(group, self.excerpts)
        return kept == "some" or (kept == "failed" and passed is not True)

"""How the injector says no, so that its HTTP door can pick the status that fits."""

from enum import IntEnum

from gameday.domain.errors import InjectorRefusedError


class Why(IntEnum):
    """What kind of no it is; the value is the HTTP status."""

    POLICY = 403
    UNKNOWN = 404
    CONFLICT = 409
    MALFORMED = 422
    NO_RECORD = 507  # the undo journal cannot be written, so nothing may be armed


class RefusalError(InjectorRefusedError):
    """The injector's no: asking again cannot help."""

    def __init__(self, why: Why, sentence: str, *, next_step: str = "") -> None:
        super().__init__(sentence, next_step=next_step)
        self.why = why

"""Everything that Gameday says no with.

GamedayError                 one sentence, and a command or act that leads on
├── FileError      (exit 2)  a file or an option that is wrong: where, what was found, expected
├── StartError     (exit 2)  a process that Gameday needs could not be started or reached
├── SourceError    (exit 2)  another system could not be asked for a figure, or gave none
├── ComponentError (exit 2)  what keeps a component said no, or cannot be understood
│   ├── ComponentUnreachableError   it did not answer: a retry may help
│   └── ChangedByOthersError        somebody else changed it meanwhile; theirs is left alone
├── RefusedError   (exit 6)  policy or preflight says no; nothing was touched
└── InjectorError            the injector could not be asked, or said no to one call
    ├── InjectorRefusedError   it answered, and the answer is no: a retry cannot help
    │   └── LeaseEndedError      what was asked about is gone, because its own lease was over
    └── InjectorUnreachableError   it did not answer: a retry may help
"""

from gameday.domain.verdict import ExitCode


class GamedayError(Exception):
    """A sentence for a person, and the next step. Never shown as a traceback."""

    exit_code: ExitCode = ExitCode.BAD_FILE

    def __init__(self, sentence: str, *, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step


class FileError(GamedayError):
    """A file or an option that is wrong."""

    def __init__(self, sentence: str, *, excerpt: str = "", next_step: str = "") -> None:
        """excerpt: the offending line with a caret under what is meant; empty without a line."""
        super().__init__(sentence, next_step=next_step)
        self.excerpt = excerpt


class StartError(GamedayError):
    """A process that Gameday needs could not be started or reached."""


class SourceError(GamedayError):
    """Another system, such as Prometheus, could not be asked, or its answer is none."""


class ComponentError(GamedayError):
    """What keeps a component said no, or something that cannot be understood."""


class ComponentUnreachableError(ComponentError):
    """What keeps a component did not answer in time: asking again may help."""


class ChangedByOthersError(ComponentError):
    """A component is neither what we set nor what it was before. Nothing was touched."""

    def __init__(self, what: str, *, found: str, ours: str, before: str, kept: str = "") -> None:
        """The three values as people call them. kept: where the old one is to be found."""
        super().__init__(
            f"{what} is {found}: neither {ours}, which was set here, nor {before}, which was "
            "there before. Somebody else changed it, and theirs is left alone",
            next_step=f"decide who is right. To have the old one back, set {what} to {before}"
            f"{f' ({kept})' if kept else ''}. To have both, put theirs aside first, and make their "
            "change again once this is let go",
        )


class RefusedError(GamedayError):
    """Policy or preflight says no; nothing was touched."""

    exit_code = ExitCode.REFUSED


class InjectorError(GamedayError):
    """The injector could not be asked, or said no."""


class InjectorRefusedError(InjectorError):
    """The injector answered no: asking again cannot help."""

    exit_code = ExitCode.REFUSED


class LeaseEndedError(InjectorRefusedError):
    """What was asked about is gone, because its own lease was over."""


class InjectorUnreachableError(InjectorError):
    """The injector did not answer: asking again may help."""

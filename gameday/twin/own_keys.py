"""Gives a twin keys of its own: a variable in the place of each secret, and no secret copied."""

import re
from collections.abc import Callable, Iterator

from gameday.domain.errors import FileError

_PREFIX = "GAMEDAY_TWIN_"
_NAMED = re.compile(
    r"(?i)(?:^|[_-]|(?<=[a-z]))(?:api_?key|key|keys|secret|token|password|passwd|pwd|credentials?|"
    r"authorization|webhook(?:_url)?|dsn|connection_string|(?:database|redis)_url|salt|license)$"
)
_NAMED_NUMBERS = re.compile(r"(?i)(?:api_?key|master_?key|password|passwd|pwd|secret)$")
_LOOKS = re.compile(
    r"\b(?:sk|pk|rk|xox[abprs]|ghp|gho|ghs|glpat|hf|gsk|pplx)[-_][A-Za-z0-9_-]{6,}"
    r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[A-Za-z0-9_-]{20,}|\beyJ[A-Za-z0-9_-]{8,}\."
    r"|(?i:\bbearer\s+\S{4,})|://[^/\s:@]*:[^/\s@]+@|-----BEGIN |hooks\.slack\.com/"
)
_WHOLE_MIN = 6  # a shorter one is looked for in its own place only: it may be part of any word
_GENERIC = frozenset({"key", "keys", "token", "secret", "password", "url", "credentials"})


def is_secret(name: str, value: object) -> bool:
    """Whether a setting holds a secret, or the place of one, by its name or by its looks."""
    if isinstance(value, bool) or value in (None, ""):
        return False
    if isinstance(value, int | float):
        return bool(_NAMED_NUMBERS.search(name))
    return isinstance(value, str) and bool(_NAMED.search(name) or _LOOKS.search(value))


class OwnKeys:
    """The variables of one twin. Equal secrets share one, different ones never do."""

    def __init__(self, write: Callable[[str], str], read: Callable[[str], str]) -> None:
        """write: a variable as the gateway reads one; read: the variable in a text, else ''."""
        self._write = write
        self._read = read
        self._by_secret: dict[str, str] = {}
        self.purposes: dict[str, str] = {}

    def own(self, value: object, hint: str, purpose: str) -> str:
        """The twin's own variable in the place of `value`, as the gateway reads it.

        hint: what to call it where `value` is the secret itself and not a variable.
        """
        secret = str(value)
        named = self._read(secret)
        if named.startswith(_PREFIX):
            return secret  # it is the twin's already
        if secret not in self._by_secret:
            self._by_secret[secret] = self._free(_PREFIX + (named or _variable(hint)))
        variable = self._by_secret[secret]
        self.purposes.setdefault(variable, purpose)
        return self._write(variable)

    def variable(self, hint: str, purpose: str) -> str:
        """A variable of the twin for something that is no secret, as the gateway reads it."""
        variable = _PREFIX + _variable(hint)
        self.purposes[variable] = purpose
        return self._write(variable)

    def holds(self, text: str) -> bool:
        """Whether `text` holds a secret that has been replaced somewhere."""
        return any(secret in text for secret in self._literals())

    def without_secrets(self, text: str) -> str:
        """A comment, or any text that no program reads, with its secrets taken out."""
        for secret in self._literals():
            text = text.replace(secret, "[removed]")
        return _LOOKS.sub("[removed]", text)

    def require_none(self, text: str, path: str) -> str:
        """`text`. Raises FileError when a secret of the original is still in it, whatever way."""
        if self.holds(text):
            raise FileError(
                f"{path}: one of its keys stands in a place that cannot be replaced",
                next_step="write it as a variable of the environment first, then make the twin",
            )
        return text

    def _literals(self) -> Iterator[str]:
        found = (s for s in self._by_secret if not self._read(s) and len(s) >= _WHOLE_MIN)
        return iter(sorted(found, key=len, reverse=True))

    def _free(self, wanted: str) -> str:
        taken, number, name = {*self._by_secret.values(), *self.purposes}, 1, wanted
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        return name


def hint_of(path: tuple[str | int, ...]) -> str:
    """What to call the variable of the setting at `path`."""
    names = [str(part) for part in path if isinstance(part, str)]
    if names[-1].lower() in _GENERIC and len(names) > 1:
        return f"{names[-2]}_{names[-1]}"
    return names[-1]


def _variable(hint: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", hint.upper()).strip("_") or "KEY"

"""The head of an answer, taken apart when somebody asks for what is in it."""

_LINE_END, _END = b"\r\n", b"\r\n\r\n"


class Head:
    """Headers by name in lower case; of one that came several times the values, parted by commas.

    lines: as a parser has found them whole and right, the status line first.
    """

    __slots__ = ("_fields", "_lines", "_lower")

    def __init__(self, lines: str = "") -> None:
        self._lines, self._lower = lines, lines.lower()
        self._fields: dict[str, str] | None = None

    def get(self, name: str) -> str | None:
        # Most of what is asked for is not there, which takes no more than a look.
        return self.fields.get(name) if name in self._lower else None

    def get_all(self, names: tuple[str, ...]) -> list[str | None]:
        """The value of each of these headers; None where it is not there."""
        lower = self._lower
        return [self.fields.get(name) if name in lower else None for name in names]

    @property
    def fields(self) -> dict[str, str]:
        if self._fields is None:
            self._fields = {}
            for line in self._lines.split("\r\n")[1:]:
                name, _, value = line.partition(":")
                self._add(name.lower(), value.strip(" \t"))
        return self._fields

    def _add(self, name: str, value: str) -> None:
        assert self._fields is not None
        before = self._fields.get(name)
        self._fields[name] = value if before is None else f"{before}, {value}"


def last_head(came: bytes, interim: int) -> str:
    """The lines of the head that follows so many interim ones, and maybe empty lines."""
    came = came.lstrip(_LINE_END)
    for _ in range(interim):
        came = came[came.index(_END) :].lstrip(_LINE_END)
    return came[: came.index(_END)].decode("latin-1")

"""The head of an answer, taken apart when somebody asks for what is in it."""

_LINE_END, _END = b"\r\n", b"\r\n\r\n"


class Head:
    """Headers by name in lower case; of one that came several times the values, parted by commas.

    lines: as a parser has found them whole and right, the status line first.
    """

    __slots__ = ("_fields", "_lines", "_lower")

    def __init__(self, lines: bytes = b"") -> None:
        self._lines, self._lower = lines, lines.lower()
        self._fields: dict[bytes, bytes] | None = None

    def get(self, name: bytes) -> bytes | None:
        # Most of what is asked for is not there, which takes no more than a look.
        return self.fields.get(name) if name in self._lower else None

    def texts(self, names: tuple[bytes, ...]) -> list[str | None]:
        """The text of each of these headers; None where it is not there."""
        lower = self._lower
        return [self._text(name) if name in lower else None for name in names]

    @property
    def fields(self) -> dict[bytes, bytes]:
        if self._fields is None:
            self._fields = {}
            for line in self._lines.split(_LINE_END)[1:]:
                name, _, value = line.partition(b":")
                self._add(name.lower(), value.strip(b" \t"))
        return self._fields

    def _text(self, name: bytes) -> str | None:
        value = self.fields.get(name)
        return None if value is None else value.decode("latin-1")

    def _add(self, name: bytes, value: bytes) -> None:
        assert self._fields is not None
        before = self._fields.get(name)
        self._fields[name] = value if before is None else before + b", " + value


def last_head(came: bytes, interim: int) -> bytes:
    """The lines of the head that follows so many interim ones, and maybe empty lines."""
    for _ in range(interim + 1):
        lines, _, came = came.lstrip(_LINE_END).partition(_END)
    return lines

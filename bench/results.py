"""bench/RESULTS.md: one section for each benchmark, which each writes anew and alone."""

import re
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
_MARK = "<!-- bench: {name} -->"
_ANY_MARK = re.compile(r"^<!-- bench: (\w+) -->\n", re.MULTILINE)


def write_section(name: str, markdown: str, file: Path = RESULTS) -> None:
    """Put `markdown` in the section of that name; every other section stays as it is."""
    sections = read_sections(file)
    sections[name] = markdown
    whole = (f"{_MARK.format(name=one)}\n{said.strip()}\n" for one, said in sections.items())
    file.write_text("\n".join(whole))


def read_sections(file: Path = RESULTS) -> dict[str, str]:
    """By name, in the order of the file."""
    content = file.read_text() if file.exists() else ""
    before, *parts = _ANY_MARK.split(content)
    if before.strip():
        raise ValueError(f"{file} begins with text that belongs to no section")
    return dict(zip(parts[::2], parts[1::2], strict=True))

"""Reads a report's HTML back, strictly enough to notice what does not nest."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})
# Elements that may be self-closed in SVG are written with a slash there.


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements in order, each with the text inside it."""

    elements: list[Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    _open: list[Element] = field(default_factory=list)

    def __post_init__(self):
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> states an attribute twice: {names}"
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data):
        for element in self._open:
            element.text += data

    def handle_comment(self, data):
        self.comments.append(data)

    def all(self, *tags):
        return [element for element in self.elements if element.tag in tags]

    def one(self, tag):
        (element,) = self.all(tag)
        return element


def read_page(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert not page._open, f"never closed: {[element.tag for element in page._open]}"
    return page


def skeleton(html):
    """The elements of a page with the names of their attributes, and its links: no text."""
    page = read_page(html)
    assert page.comments == []
    return [(one.tag, sorted(one.attributes), one.attributes.get("href")) for one in page.elements]

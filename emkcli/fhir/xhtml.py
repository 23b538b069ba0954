"""The words in a piece of XHTML: a line for every block, a tab for every cell."""

from __future__ import annotations

from html.parser import HTMLParser


def words(markup: str) -> str:
    """What a person would read, whatever the markup is like."""
    parser = _Words()
    parser.feed(markup)
    parser.close()
    return "".join(parser.parts)


class _Words(HTMLParser):
    BREAKS = frozenset(
        {"p", "div", "br", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "thead", "tbody"}
    )
    CELLS = frozenset({"td", "th"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append("\n" if tag in self.BREAKS else "\t" if tag in self.CELLS else "")

    def handle_endtag(self, tag: str) -> None:
        self.parts.append("\n" if tag in self.BREAKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append(" ".join(data.split("\n")))

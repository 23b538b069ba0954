"""The summary at the top of the page; the lists it is made of are read once and kept for their own sections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emkcli.exporters.current import Current
from emkcli.exporters.html_writer.lab_rows import as_people_write
from emkcli.locale import _, ngettext
from emkcli.plots.markup import safe, tag
from emkcli.views.card import MOST, SUMMARY_LINES
from emkcli.views.columns import flag_style, label


class Overview(Current):
    """The summary's cards, before the lists that they are made of."""

    def sections(self) -> Iterator[str]:
        yield f'<section id="summary" class="static"><h2>{safe(_("Summary"))}</h2><div class="cards">\n'
        for name, (category, chosen) in self.chosen().items():
            if category in self._job.names:
                yield self._card(name, category, chosen)
        yield '</div></section>\n<div id="records" tabindex="-1">\n'

    def _card(self, name: str, category: str, chosen: list[Any]) -> str:
        unread = [part.why for part in self._job.missing if part.what == category]
        items = [record.to_builtins() for record in chosen[:MOST]]
        lines = "".join(_line(SUMMARY_LINES[name](item).replace("  ", " · "), flag_style(item)) for item in items)
        body = f"<ul>{lines}</ul>" if lines else ""
        if unread:
            body += tag("p", _("Could not be read: {why}").format(why=unread[0]), {"class": "bad"})
        elif not lines:
            body = tag("p", _("no records"), {"class": "note"})
        if (rest := len(chosen) - len(items)) > 0:
            body += tag("p", ngettext("… and {count} more", "… and {count} more", rest).format(count=rest))
        return f'<article class="{name}">{tag("h3", label(name))}{body}</article>\n'


def _line(text: str, style: str | None) -> str:
    content, sent = as_people_write(text)
    css_class = f' class="{style}"' if style else ""
    return f"<li{css_class}{sent}>{content}</li>"

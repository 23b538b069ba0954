"""An HTML page of the mock: no script, its own style by its hash, in the reader's language."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from emkcli.mock.exchange import Reply
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call

MEDIA = "text/html"
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:8vh auto;padding:0 1.5rem;color-scheme:light dark}"
    "body.wide{max-width:60rem;margin:2rem auto}"
    "label,input,button,select{display:block;font:inherit}"
    "input{width:100%;box-sizing:border-box;padding:.5rem;margin:.3rem 0 1rem}"
    "button{padding:.5rem 1rem;margin:.5rem 0}[role=alert]{border-left:.3rem solid #c33;padding-left:.8rem}small{opacity:.8}"
    ".wide form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}.wide button{margin:0}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;"
    "overflow-wrap:anywhere}td:first-child{white-space:nowrap}.scroll{overflow-x:auto}.row{display:flex;flex-wrap:wrap;gap:.5rem}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head>
<body{kind}><main><h1>{title}</h1>
{body}
<p><small>{demo}</small></p></main></body></html>
"""


def page(
    call: Call,
    title: str,
    body: list[str],
    status: int = 200,
    *,
    forms: str = "",
    referrer: str = "no-referrer",
    wide: bool = False,
) -> Reply:
    """`title` is the key of its text; `forms` the part of the policy that says where a form may lead."""
    content = _PAGE.format(
        language=call.language,
        title=text(title, call.language),
        style=STYLE,
        kind=' class="wide"' if wide else "",
        body="\n".join(body),
        demo=text("page.demo", call.language),
    )
    headers = {
        "Content_Language": call.language,
        "Content_Security_Policy": _POLICY + forms,
        "Cache_Control": "no-store",
        "Referrer_Policy": referrer,
        "X_Content_Type_Options": "nosniff",
    }
    return Reply(status, content.encode(), f"{MEDIA}; charset=utf-8", **headers)

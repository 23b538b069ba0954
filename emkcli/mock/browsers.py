"""What a web page on another origin may do (CORS): use the portal and the record as any client, and never `/mock/*`."""

from __future__ import annotations

from emkcli.mock.exchange import Reply, Request

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
READABLE = "Content-Location, ETag, Link, Location, Preference-Applied, Retry-After, X-Emk-Code, X-Request-Id"
"""Headers a page may read beside those it always may."""
AGE = "600"
"""Seconds for which a browser need not ask again."""


def is_foreign(request: Request) -> bool:
    """Whether a page asks that may be let in: nothing is sent with credentials of the browser, and none are stored there."""
    return "origin" in request.headers and not request.path.startswith("/mock/")


def preflight(request: Request) -> Reply | None:
    """The answer to a browser's question before a request, or None for any other request."""
    wanted = request.headers.get("access-control-request-method")
    if request.method != "OPTIONS" or not wanted or not is_foreign(request):
        return None
    headers = request.headers.get("access-control-request-headers", "")
    return Reply(
        204,
        Access_Control_Allow_Methods=METHODS,
        Access_Control_Allow_Headers=headers,
        Access_Control_Max_Age=AGE,
    )


def let_in(request: Request, reply: Reply) -> None:
    """Let a page read the answer."""
    if is_foreign(request):
        reply.headers |= {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": READABLE}

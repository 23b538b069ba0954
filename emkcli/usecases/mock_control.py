"""The strings of a mock, `/mock/*` and its tenants, pulled by `emk mock` and `emk smoke`; a server off this machine asks for a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli.api.documents import Document
    from emkcli.app import App


def pull(app: App, method: str, path: str, body: dict[str, Any] | None = None) -> Document:
    """The answer. `Unsupported` where no server is, `Forbidden` where it asks for a token and is given none or another."""
    return app.client.wire.without_auth().document(method, path, json=body, headers=permission(app))


def permission(app: App) -> dict[str, str]:
    """The header with the token of `EMK_CONTROL_TOKEN_FILE`; nothing without one, which is enough on this machine."""
    file = app.settings.control_token_file
    if file is None:
        return {}
    from emkcli.security.sessions.given_token import token_of

    token = token_of(file, "EMK_CONTROL_TOKEN_FILE")
    app.redactor.learn("secret", token)
    return {"Authorization": f"Bearer {token}"}

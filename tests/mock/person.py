"""One person's way through the portal, in the fewest words; every exchange is checked against the document."""

from __future__ import annotations

from typing import Any

import httpx

from emkcli.mock.application import Mock
from emkcli.mock.seeding import PERSON

from .checking import CheckingTransport

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
SMS_GRANT = "urn:emk:grant-type:sms-code"
HOUR = 3600


class Person:
    """A client of the mock with a session, and the strings behind the scenes."""

    def __init__(self, transport: httpx.BaseTransport, base: str = "http://embedded") -> None:
        self.checking = CheckingTransport(transport)
        self.http = httpx.Client(transport=self.checking, base_url=base)
        self.tokens: dict[str, Any] = {}

    def close(self) -> None:
        self.http.close()

    def send(self, method: str, path: str, status: int | None = 200, **options: Any) -> Any:
        """The body of an answer that has the expected status."""
        if not path.startswith(("/fhir", "/mock", "/oauth2", "/.well", "/openapi")):
            path = f"/api/v1{path}"
        response = self.http.request(method, path, **options)
        assert status in (None, response.status_code), f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def get(self, path: str, status: int | None = 200, **params: Any) -> Any:
        return self.send("GET", path, status, params=params)

    def refused(self, method: str, path: str, status: int, code: str, **options: Any) -> Any:
        """A refusal with its code."""
        body = self.send(method, path, status, **options)
        assert body["code"] == code, body
        return body

    def use(self, tokens: dict[str, Any]) -> None:
        self.tokens = tokens
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def register(self, **changes: Any) -> dict[str, Any]:
        body = self.send("POST", "/accounts", 201, json=PERSON | changes)
        self.use(body["tokens"])
        return body["account"]

    def code(self) -> str:
        items = self.send("GET", "/mock/inbox")["items"]
        return next(item["code"] for item in items if item["code"])

    def verify(self) -> dict[str, Any]:
        for part, picture, kind in (("passport_scan", PNG, "image/png"), ("selfie", JPEG, "image/jpeg")):
            self.send("PUT", f"/account/verification/{part}", content=picture, headers={"Content-Type": kind})
        challenge = self.send("POST", "/account/verification", 201)
        answer = {"challenge_id": challenge["id"], "code": self.code()}
        return self.send("POST", "/account/verification/confirmation", json=answer)

    def challenge(self, login: str = PERSON["phone"], status: int = 201) -> Any:
        return self.send("POST", "/oauth2/challenges", status, json={"method": "sms", "login": login})

    def grant(self, challenge: str, code: str, status: int = 200) -> Any:
        form = {"grant_type": SMS_GRANT, "challenge_id": challenge, "code": code}
        return self.send("POST", "/oauth2/token", status, data=form)

    def login(self, login: str = PERSON["phone"]) -> dict[str, Any]:
        challenge = self.challenge(login)
        self.use(self.grant(challenge["id"], self.code()))
        return self.tokens

    def refresh(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        self.use(self.send("POST", "/oauth2/token", data=form))

    def seeded(self, state: str = "activated", **person: Any) -> dict[str, Any]:
        """A ready person, logged in."""
        found = self.send("POST", "/mock/seed", 201, json={"state": state, "person": person})
        self.login(found["phone"])
        return found

    def consent(self, **params: str) -> None:
        """Every consent that is asked for."""
        for item in self.get("/consents", **params)["items"]:
            if item["status"] in ("required", "revoked"):
                value = {"version": item["version"], "sha256": item["sha256"], "method": "option"}
                self.send("PUT", f"/consents/{item['id']}/acceptance", json=value, params=params)

    def connect(self, **params: str) -> dict[str, Any]:
        self.consent(**params)
        return self.send("PUT", "/services/emk-moscow/connection", None, params=params)

    def attach(self, status: int = 200, person: str | None = None, **choice: str) -> Any:
        params = {"person": person} if person else {}
        return self.send("PUT", "/attachment", status, json=choice, params=params)

    def clock(self, **move: Any) -> dict[str, Any]:
        return self.send("POST", "/mock/clock", json=move)

    def pass_hours(self, hours: float) -> None:
        """Time goes by; the session is refreshed as a client would."""
        self.clock(advance=hours * HOUR)
        self.refresh()

    def scenario(self, name: str) -> None:
        self.send("PUT", "/mock/scenario", json={"name": name})


def in_process(mock: Mock) -> Person:
    return Person(httpx.WSGITransport(app=mock))

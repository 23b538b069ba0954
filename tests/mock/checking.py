"""A transport that lets nothing pass which the mock's own OpenAPI documents do not promise."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

import emkcli.mock

PORTAL, LOGINS = "openapi.yaml", "logins.yaml"
"""What a gateway implements, with the strings behind the scenes; the login page, OpenID, ESIA."""


@cache
def document(name: str = PORTAL) -> dict[str, Any]:
    text = Path(emkcli.mock.__file__).with_name(name).read_text(encoding="utf-8")
    return yaml.load(text, yaml.CSafeLoader)


@cache
def _validator(name: str, pointer: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:emk", Resource.from_contents(document(name), DRAFT202012))
    return Draft202012Validator({"$ref": f"urn:emk#{pointer}"}, registry=registry, format_checker=FormatChecker())


def _pointer(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _template(path: str, method: str) -> tuple[str, str] | None:
    """Document and template of a path, None when there is none; a literal one wins over one with an argument."""
    parts = path.split("/")
    fitting = [
        (name, template)
        for name in (PORTAL, LOGINS)
        for template, operations in document(name)["paths"].items()
        if method in operations and _fits(template.split("/"), parts)
    ]
    return min(fitting, key=lambda found: found[1].count("{"), default=None)


def _fits(template: list[str], parts: list[str]) -> bool:
    pairs = list(zip(template, parts, strict=False))
    return len(template) == len(parts) and all(want[:1] == "{" or want == have for want, have in pairs)


def _follow(name: str, pointer_parts: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    node: Any = document(name)
    for part in pointer_parts:
        node = node[part]
    if "$ref" not in node:
        return node, _pointer(*pointer_parts)
    return _follow(name, tuple(node["$ref"].removeprefix("#/").split("/")))


class CheckingTransport(httpx.BaseTransport):
    """Checks every exchange with the portal: known address, declared status, promised shapes and headers."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.seen: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        # looked at here, and once more by whoever asked
        response.stream = httpx.ByteStream(response.read())
        path = request.url.path
        if "x-mock-fault" not in request.headers:
            _check_headers(response)
            if path.startswith("/fhir/") and "/.well-known/" not in path:
                _check_fhir(response)
            self._check(request, response)
        return response

    def close(self) -> None:
        self.inner.close()

    def _check(self, request: httpx.Request, response: httpx.Response) -> None:
        method = request.method.lower()
        found = _template(request.url.path, method)
        if found is None:
            assert response.status_code in (404, 405), f"{method} {request.url.path} is in no document"
            shape = "OperationOutcome" if request.url.path.startswith("/fhir/") else "Problem"
            _validate(PORTAL, f"/components/schemas/{shape}", response.json())
            return
        name, template = found
        operation = document(name)["paths"][template][method]
        self.seen.add(operation["operationId"])
        if response.status_code < 400:
            _check_request(request, name, template, method)
        status = str(response.status_code)
        status = status if status in operation["responses"] else "default"
        assert status in operation["responses"], f"{method} {template}: {response.status_code} is not declared"
        declared, pointer = _follow(name, ("paths", template, method, "responses", status))
        if content := declared.get("content"):
            media = response.headers["content-type"].partition(";")[0]
            assert media in content, f"{method} {template} {status}: {media}"
            value = response.json() if media.endswith("json") else response.text
            _validate(name, pointer + _pointer("content", media, "schema"), value)


def _check_request(request: httpx.Request, name: str, template: str, method: str) -> None:
    if "requestBody" not in document(name)["paths"][template][method]:
        return
    declared, pointer = _follow(name, ("paths", template, method, "requestBody"))
    if not request.content:
        assert not declared.get("required"), f"{method} {template}: a body is required"
        return
    media = request.headers["content-type"].partition(";")[0]
    assert media in declared["content"]
    if media == "application/json":
        _validate(name, pointer + _pointer("content", media, "schema"), json.loads(request.content))
    elif media.endswith("urlencoded"):
        form = dict(parse_qsl(request.content.decode()))
        _validate(name, pointer + _pointer("content", media, "schema"), form)


def _check_headers(response: httpx.Response) -> None:
    assert response.headers["x-request-id"]
    assert response.headers["date"].endswith(" GMT")
    assert response.headers["content-language"] in ("ru", "en")


def _check_fhir(response: httpx.Response) -> None:
    assert response.headers["content-type"] == "application/fhir+json"
    if response.status_code >= 400:
        outcome = response.json()
        assert outcome["resourceType"] == "OperationOutcome"
        assert outcome["issue"][0]["severity"] == "error"
        coding = outcome["issue"][0]["details"]["coding"][0]
        assert coding["system"] == "urn:emk:problem"
        assert coding["code"] == response.headers["x-emk-code"]


def _validate(name: str, pointer: str, value: Any) -> None:
    errors = sorted(_validator(name, pointer).iter_errors(value), key=str)
    assert not errors, f"{pointer}: {errors[0].json_path}: {errors[0].message}"

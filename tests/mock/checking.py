"""A transport that lets nothing pass which the mock's own OpenAPI document does not promise."""

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

_DOCUMENT = Path(emkcli.mock.__file__).with_name("openapi.yaml")


@cache
def document() -> dict[str, Any]:
    return yaml.load(_DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)


@cache
def _validator(pointer: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:emk", Resource.from_contents(document(), DRAFT202012))
    return Draft202012Validator({"$ref": f"urn:emk#{pointer}"}, registry=registry, format_checker=FormatChecker())


def _pointer(*parts: str) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


def _template(path: str, method: str) -> str | None:
    """The template of a path, None when the document has none; a literal one wins over one with an argument."""
    parts = path.split("/")
    fitting = [
        template
        for template, operations in document()["paths"].items()
        if method in operations and _fits(template.split("/"), parts)
    ]
    return min(fitting, key=lambda template: template.count("{"), default=None)


def _fits(template: list[str], parts: list[str]) -> bool:
    pairs = list(zip(template, parts, strict=False))
    return len(template) == len(parts) and all(want[:1] == "{" or want == have for want, have in pairs)


def _follow(pointer_parts: tuple[str, ...]) -> tuple[dict[str, Any], str]:
    node: Any = document()
    for part in pointer_parts:
        node = node[part]
    if "$ref" not in node:
        return node, _pointer(*pointer_parts)
    return _follow(tuple(node["$ref"].removeprefix("#/").split("/")))


class CheckingTransport(httpx.BaseTransport):
    """Checks every exchange with the portal: known address, declared status, promised shapes and headers."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner
        self.seen: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        response.read()
        path = request.url.path
        if "x-mock-fault" not in request.headers and not path.startswith("/mock/"):
            _check_headers(response)
            if path.startswith("/fhir/"):
                _check_fhir(response)
            else:
                self._check(request, response)
        return response

    def close(self) -> None:
        self.inner.close()

    def _check(self, request: httpx.Request, response: httpx.Response) -> None:
        method = request.method.lower()
        template = _template(request.url.path, method)
        if template is None:
            assert response.status_code in (404, 405), f"{method} {request.url.path} is not in the document"
            _validate("/components/schemas/Problem", response.json())
            return
        operation = document()["paths"][template][method]
        self.seen.add(operation["operationId"])
        if response.status_code < 400:
            _check_request(request, template, method)
        status = str(response.status_code)
        status = status if status in operation["responses"] else "default"
        assert status in operation["responses"], f"{method} {template}: {response.status_code} is not declared"
        declared, pointer = _follow(("paths", template, method, "responses", status))
        if content := declared.get("content"):
            media = response.headers["content-type"].partition(";")[0]
            assert media in content, f"{method} {template} {status}: {media}"
            _validate(pointer + _pointer("content", media, "schema"), response.json())


def _check_request(request: httpx.Request, template: str, method: str) -> None:
    if "requestBody" not in document()["paths"][template][method]:
        return
    declared, pointer = _follow(("paths", template, method, "requestBody"))
    media = request.headers["content-type"].partition(";")[0]
    assert media in declared["content"]
    if media == "application/json":
        _validate(pointer + _pointer("content", media, "schema"), json.loads(request.content))
    elif media.endswith("urlencoded"):
        _validate(pointer + _pointer("content", media, "schema"), dict(parse_qsl(request.content.decode())))


def _check_headers(response: httpx.Response) -> None:
    assert response.headers["x-request-id"]
    assert response.headers["date"].endswith(" GMT")
    assert response.headers["content-language"] in ("ru", "en")


def _check_fhir(response: httpx.Response) -> None:
    assert response.headers["content-type"] == "application/fhir+json"
    if response.status_code >= 400:
        outcome = response.json()
        assert outcome["resourceType"] == "OperationOutcome"
        coding = outcome["issue"][0]["details"]["coding"][0]
        assert coding["system"] == "urn:emk:problem"
        assert coding["code"] == response.headers["x-emk-code"]


def _validate(pointer: str, value: Any) -> None:
    errors = sorted(_validator(pointer).iter_errors(value), key=str)
    assert not errors, f"{pointer}: {errors[0].json_path}: {errors[0].message}"

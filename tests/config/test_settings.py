"""Settings that belong to a table, and sizes as people write them."""

from __future__ import annotations

import pytest

from emkcli import errors
from emkcli.config.setting_values import size
from emkcli.config.settings import LARGEST_RESPONSE, SETTING_NAMES, STORED_SETTINGS, resolve_settings


@pytest.mark.parametrize(
    ("written", "number"), [("65536", 65536), ("64KB", 65536), ("128 mb", 128 * 2**20), ("1GB", 2**30), ("4GB", 2**32)]
)
def test_a_size(written: str, number: int) -> None:
    assert size(written) == number


@pytest.mark.parametrize("written", ["", "0", "63KB", "5GB", "-1", "1.5MB", "64 M", "many", "9" * 30])
def test_no_size(written: str) -> None:
    with pytest.raises(ValueError, match="64KB"):
        size(written)


def test_a_setting_of_a_table_is_found_where_the_others_are() -> None:
    assert "limits.response" in SETTING_NAMES
    assert "limits.response" in STORED_SETTINGS
    profile = {"default": {"limits": {"response": "128MB"}}}
    stored = resolve_settings({}, {}, profile)
    assert (stored.limits_response, stored.origin("limits.response")) == (128 * 2**20, "profile default")
    assert stored.value("limits.response") == stored.limits_response
    named = resolve_settings({}, {"EMK_LIMITS_RESPONSE": "1MB"}, profile)
    assert (named.limits_response, named.origin("limits.response")) == (2**20, "env EMK_LIMITS_RESPONSE")


@pytest.mark.parametrize("profile", [{}, {"limits": {}}, {"limits": {"other": 1}}, {"limits": "128MB"}])
def test_where_nothing_is_set_it_is_the_default(profile: dict[str, object]) -> None:
    settings = resolve_settings({}, {}, {"default": profile})
    assert (settings.limits_response, settings.origin("limits.response")) == (LARGEST_RESPONSE, "default")


def test_a_wrong_size_names_the_setting_and_the_way_out() -> None:
    with pytest.raises(errors.Usage, match=r"limits\.response \(profile\)") as caught:
        resolve_settings({}, {}, {"default": {"limits": {"response": "much"}}})
    assert caught.value.hint == "emk config unset limits.response"


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("mock", "mock"),
        (" Mock , mock:8080,", "mock,mock:8080"),
        ("fd00::2,[fd00::3]:80", "[fd00::2],[fd00::3]:80"),
        ("192.0.2.1:80", "192.0.2.1:80"),
    ],
)
def test_hosts_are_written_in_one_way(text: str, hosts: str) -> None:
    assert resolve_settings({}, {"EMK_ALLOW_HTTP": text}, {}).allow_http == hosts
    listed = {"default": {"allow_http": text.split(",")}}
    assert resolve_settings({}, {}, listed).allow_http == hosts


@pytest.mark.parametrize(
    "text", ["*", "*.test", "http://mock", "mock/x", "x@mock", "mock:99999", "mock:x", "mock:0", "a b", "mock?", "[::1"]
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(errors.Usage, match="allow_http"):
        resolve_settings({}, {"EMK_ALLOW_HTTP": f"good,{text}"}, {})

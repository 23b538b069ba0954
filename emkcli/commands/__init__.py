"""The commands: one file per noun or verb of the journey. `COMMANDS` is the order of the help page."""

from __future__ import annotations

from typing import NamedTuple

from emkcli.locale import N_


class Entry(NamedTuple):
    """One word of the command line; its module in this package (for a large group several) is imported on use."""

    name: str
    help: str
    module: str
    group: bool = False


JOURNEY = N_("The journey")
CARD = N_("The card")
PORTAL = N_("Around the card")
TOOLS = N_("Tools")

COMMANDS: dict[str, tuple[Entry, ...]] = {
    JOURNEY: (
        Entry("demo", N_("the whole journey of an invented patient, on a throw-away mock"), "demo"),
        Entry("setup", N_("guided: find out where you stand and do the next steps"), "setup"),
        Entry("next", N_("print the one command that comes next"), "next_"),
        Entry("register", N_("open the account"), "register"),
        Entry("verify", N_("confirm who you are: passport scan, selfie, SMS code"), "verify"),
        Entry("login", N_("log in by SMS code or electronic signature"), "login"),
        Entry("logout", N_("end the session; the local card stays"), "logout"),
        Entry("whoami", N_("whose session this is, and how far it is trusted"), "whoami"),
        Entry("connect", N_("connect «ЭМК Москвы»; two consents, each asked for separately"), "connect"),
        Entry("clinic", N_("list, show and choose a clinic"), "clinic", True),
        Entry("doctor", N_("list, show and choose a physician"), "doctor", True),
        Entry("status", N_("how far the application is"), "status"),
        Entry("application", N_("«Мои заявки»: list, show and cancel"), "application", True),
    ),
    CARD: (
        Entry(
            "card",
            N_("the medical card: lists, records, search, import and export"),
            "card card_search card_files card_local",
            True,
        ),
    ),
    PORTAL: (
        Entry("request", N_("«Создать запрос»: ask for an electronic prescription"), "request", True),
        Entry("transfer", N_("«Передать данные»: open chosen records to a clinic"), "transfer", True),
        Entry("profile", N_("«Мои данные»: contacts, addresses, moving house"), "profile", True),
        Entry("consent", N_("the consents asked for and given"), "consent", True),
        Entry("notification", N_("messages by SMS and in the cabinet"), "notification", True),
        Entry("service", N_("the catalogue of services and «Мои услуги»"), "service", True),
        Entry("person", N_("oneself and one's children"), "person", True),
    ),
    TOOLS: (
        Entry("mock", N_("the mock server, and what happens in it"), "mock", True),
        Entry("smoke", N_("walk the journey against a backend and report each check"), "smoke"),
        Entry("api", N_("one authenticated raw request"), "api"),
        Entry("config", N_("settings with their origin; profiles"), "config", True),
        Entry("audit", N_("the local log of sensitive actions"), "audit", True),
        Entry("auth", N_("where the token comes from"), "auth", True),
        Entry("selfcheck", N_("check this installation, for a bug report"), "selfcheck"),
        Entry("completion", N_("completion script for a shell"), "completion"),
        Entry("schema", N_("JSON Schema of an output document"), "schema"),
        Entry("help", N_("help on a topic"), "help_"),
    ),
}


def entries() -> dict[str, Entry]:
    """Every entry by its name, in the order of the help page."""
    return {entry.name: entry for section in COMMANDS.values() for entry in section}

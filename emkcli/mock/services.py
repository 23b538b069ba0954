"""The catalogue of services and «Мои услуги»; connecting the one that opens the card."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli.mock import activation, applications, consents, family, fields, sessions
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row


class Service(NamedTuple):
    """One line of the catalogue."""

    id: str
    title: str
    region: str
    description: str


_CARD = "Электронная медицинская карта"
_CATALOGUE = (
    Service(consents.SERVICE, _CARD, "Москва", "Результаты анализов и исследований, приёмы врачей, рецепты, прививки"),
    Service("emk-spb", _CARD, "Санкт-Петербург", "Приёмы врачей, лабораторные исследования, выписки"),
    Service("emk-mosobl", _CARD, "Московская область", "Сведения о приёмах, назначениях и исследованиях"),
    Service("emk-tatarstan", _CARD, "Республика Татарстан", "Медицинские документы и назначения"),
    Service("emk-nizhny", _CARD, "Нижегородская область", "Медицинские документы, прививки, диспансеризация"),
    Service("appointment-moscow", "Запись к врачу", "Москва", "Запись, перенос и отмена приёма в поликлинике"),
    Service("appointment-russia", "Запись на приём к врачу", "Россия", "Запись к врачу в любом регионе"),
    Service("attachment-moscow", "Прикрепление к поликлинике", "Москва", "Выбор поликлиники и участкового врача"),
    Service("checkup-russia", "Диспансеризация и профилактический осмотр", "Россия", "Запись на осмотр по возрасту"),
    Service("vaccination-certificate", "Сертификат о прививках", "Россия", "Выписка из прививочного паспорта"),
    Service("oms-policy", "Полис ОМС", "Россия", "Оформление и замена полиса обязательного медицинского страхования"),
    Service("sick-leave", "Электронный больничный лист", "Россия", "Сведения о листках нетрудоспособности"),
    Service("medicine-search", "Поиск льготных лекарств", "Москва", "Наличие лекарств в аптечных пунктах поликлиник"),
    Service("child-health", "Здоровье ребёнка", "Москва", "Патронаж, прививки и осмотры, справка в школу"),
    Service("tax-deduction", "Налоговый вычет за лечение", "Россия", "Справка об оплате медицинских услуг"),
)


def services(call: Call) -> Reply:
    """Those whose title, region or description has every word of the search."""
    person = family.chosen(call)
    words = (call.request.param("search") or "").casefold().split()
    matches = [service for service in _CATALOGUE if all(word in " ".join(service[1:]).casefold() for word in words)]
    page = fields.page(call, matches, family.named(person))
    page["items"] = [_shown(call, service, person["id"]) for service in page["items"]]
    return answer(page)


def pin(call: Call) -> Reply:
    return _set_pins(call, sorted({*_pins(call.owner), _service(call).id}))


def unpin(call: Call) -> Reply:
    return _set_pins(call, [name for name in _pins(call.owner) if name != _service(call).id])


def connect(call: Call) -> Reply:
    """Opens a draft application; connecting again answers with the one that is open."""
    service, person = _service(call), family.chosen(call)
    if service.id != consents.SERVICE:
        raise Problem("conflict", "service_elsewhere")
    consents.require(call, person["id"])
    application = activation.current(call.db, person["id"])
    if application is not None:
        return answer(applications.shown(call, application))
    applications.draft(call, person)
    return answer(applications.shown(call, activation.latest(call.db, person["id"])), 201)


def _service(call: Call) -> Service:
    service = next((service for service in _CATALOGUE if service.id == call.args["id"]), None)
    if service is None:
        raise Problem("not_found", "no_service", names=call.args)
    return service


def _pins(account: Row) -> list[str]:
    pins: list[str] = json.loads(account["pins"])
    return pins


def _set_pins(call: Call, pins: list[str]) -> Reply:
    call.db.execute("UPDATE accounts SET pins = ? WHERE id = ?", (json.dumps(pins), call.owner["id"]))
    call.account = sessions.account_of(call.db, call.owner["id"])
    return answer(_shown(call, _service(call), call.owner["id"]))


def _shown(call: Call, service: Service, person: str) -> dict[str, Any]:
    connected = service.id == consents.SERVICE and activation.current(call.db, person) is not None
    return {**service._asdict(), "connected": connected, "pinned": service.id in _pins(call.owner)}

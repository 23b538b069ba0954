"""A folder of invented СЭМД that together have every list of the card."""

from __future__ import annotations

from pathlib import Path

from tests.importers import semd_invented as x


def medicine(system: str, name: str, inner: str = "", before: str = "") -> str:
    material = f"<manufacturedMaterial>{x.code('1', system, name)}{inner}</manufacturedMaterial>"
    consumable = f"<consumable><manufacturedProduct>{material}</manufacturedProduct></consumable>"
    return f'<entry><substanceAdministration moodCode="EVN">{before}{consumable}</substanceAdministration></entry>'


def laboratory() -> bytes:
    haemoglobin = x.quantity("5.40") + '<interpretationCode code="HU"/>' + x.span("120", "150", text="120 - 150 г/л")
    results = [
        x.result(haemoglobin),
        x.result(x.told("обнаружено &lt;0,5 &amp; «+++»"), "1"),
        x.result(x.told("5,40"), "2"),
        x.result('<value nullFlavor="NA"/><interpretationCode code="DET"/>', "3", "Амикацин"),
    ]
    return x.document(
        x.section("RESLAB", x.battery(*results, time=x.when("20260228"))), ident="1", series="1", kind="7"
    )


def consultation() -> bytes:
    kinded = x.observation(x.code("1", x.KIND, "Основное") + x.coded("I10", x.ICD, "Гипертензия"))
    staged = f"<entry><act>{x.code('3', x.STAGE, 'Заключительный')}<entryRelationship>{kinded}</entryRelationship></act></entry>"
    bare = f"<entry>{x.observation(x.code('809', x.FIELD) + x.coded('J06.9', x.ICD, 'ОРВИ'))}</entry>"
    pulse = (
        f"<entry>{x.observation(x.code('5', x.M + '99.2.262', 'Пульс') + x.quantity('100', '1/min', 'уд/мин'))}</entry>"
    )
    service = x.observation(x.code("833", x.FIELD) + x.coded("B01", "1.2", "Приём кардиолога"), mood="RQO")
    sent = f"<entry><act>{x.code('6', '1.2', 'На консультацию')}<entryRelationship>{service}</entryRelationship></act></entry>"
    dose = '<doseQuantity value="500" unit="mg"><translation value="50" displayName="мг"/></doseQuantity>'
    return x.document(
        x.section("DGN", staged, bare),
        x.section("VITALPARAM", pulse),
        x.section("RESINFO", x.field("806", "Здорова\n&amp; весела"), x.field("807", "Гулять"), x.field("835", "Нет")),
        x.section("DRUG", medicine("1.2", "Пробаза", before=dose)),
        x.section("SCOPORG", sent),
        ident="2",
        series="2",
    )


def certificate() -> bytes:
    said = "".join(
        f"<entryRelationship>{x.observation(x.code(number, x.FIELD) + x.told(word))}</entryRelationship>"
        for number, word in (("9028", "A-1"), ("8010", "нет"))
    )
    entry = medicine(f"{x.M}11.1078", "Вакцина пробная", before=x.code("3", f"{x.M}99.2.848", "Против кори"))
    group = f"<entry>{x.observation(x.code('6020', x.FIELD) + x.coded('2', '1.2', 'II группа'))}</entry>"
    given = x.section("IMM", entry.replace("</substance", said + "</substance"))
    return x.document(given, x.section("DOCINFO", group), ident="3", series="3", date="2026")


def recipe() -> bytes:
    until = x.observation(x.code("6004", x.FIELD) + x.when("20990401") + x.coded("1", "1.2", "90 дней"))
    info = x.section("DOCINFO", x.field("6001", "00АА"), x.field("6002", "000001"), f"<entry>{until}</entry>")
    return x.document(info, x.section("RECIPE", medicine("1.2", "Пробаза")), ident="4", series="4")


def study() -> bytes:
    act = f"<entry><act>{x.code('7', x.M + '11.1471', 'УЗИ')}{x.when('20260102')}</act></entry>"
    found = x.section("RESINFO", x.field("1805", "ровно"), x.field("1806", "норма"))
    return x.document(x.section("DOCINFO", act), found, ident="5", series="5")


def folder(place: Path) -> Path:
    place.mkdir()
    for name, content in {
        "laboratory": laboratory(),
        "consultation": consultation(),
        "certificate": certificate(),
        "recipe": recipe(),
        "study": study(),
    }.items():
        (place / f"{name}.xml").write_bytes(content)
    return place

"""Laboratory results: DiagnosticReport, Specimen and Observation of every order, one order at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from emkcli.mock.medical.body import Body
from emkcli.mock.medical.orders import Order
from emkcli.mock.medical.panels import Analyte, Mark
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    LOINC,
    NSI_LAB_TESTS,
    OWN,
    UCUM,
    Resource,
    at,
    coding,
    concept,
    hl7,
    identifier,
    reference,
    resource,
)

_CORRECTED = "Результат исправлен лабораторией после повторного исследования."
_SPOILED = "Образец гемолизирован, исследование не выполнено"
_CATEGORY = hl7("observation-category", "laboratory", "Лабораторные исследования")
_SERVICE = hl7("v2-0074", "LAB", "Лаборатория")
_FLAGS = {
    flag: hl7("v3-ObservationInterpretation", flag, text)
    for flag, text in {
        "N": "В пределах нормы",
        "L": "Ниже нормы",
        "H": "Выше нормы",
        "LL": "Критически ниже нормы",
        "HH": "Критически выше нормы",
        "A": "Отклонение от нормы",
    }.items()
}


def labs(scene: Scene, body: Body, orders: Iterable[Order]) -> Iterator[Resource]:
    """The results of the orders, streamed."""
    for order in orders:
        yield from _Sheet(scene, body, order).resources()


class _Sheet:
    """The blank of one order: what is common to its rows."""

    def __init__(self, scene: Scene, body: Body, order: Order) -> None:
        self.scene, self.body, self.order = scene, body, order
        self.chance = scene.chance("labs", order.number)
        self.collected = at(order.day, 8, self.chance.randrange(0, 60))
        self.issued = scene.settled(self.collected + timedelta(hours=self.chance.choice((6, 9, 26, 30))))
        self.status = self._status()
        self.updated = scene.settled(self.issued + timedelta(days=2)) if self.status != "final" else self.issued
        self.version = 1 if self.status == "final" else 2
        self.id, self.specimen = scene.new_id("labreport"), scene.new_id("specimen")

    def _status(self) -> str:
        return self.chance.choices(("final", "amended", "corrected", "entered-in-error"), (965, 20, 10, 5))[0]

    def resources(self) -> Iterator[Resource]:
        yield self._specimen()
        identifiers = []
        for row in self.order.panel.rows:
            result = self._observation(row)
            identifiers.append(result["id"])
            yield result
        yield self._report(identifiers)

    def _encounter(self) -> Resource | None:
        return reference("Encounter", self.order.visit.id) if self.order.visit else None

    def _performers(self) -> list[Resource]:
        return [self.scene.organization(), self.scene.staff("laboratory")]

    def _specimen(self) -> Resource:
        return resource(
            "Specimen",
            self.specimen,
            self.issued,
            status="available",
            type=concept(self.order.panel.specimen),
            subject=self.scene.subject(),
            receivedTime=min(self.issued, self.collected + timedelta(hours=2)).isoformat(),
            collection={"collectedDateTime": self.collected.isoformat()},
        )

    def _report(self, results: list[str]) -> Resource:
        panel = self.order.panel
        return resource(
            "DiagnosticReport",
            self.id,
            self.updated,
            self.version,
            identifier=[identifier(OWN + "lab-protocol", f"{self.order.day:%y%m}-{self.order.number:06d}")],
            status=self.status,
            category=[_SERVICE],
            code=concept(panel.title, *([coding(LOINC, panel.loinc)] if panel.loinc else [])),
            subject=self.scene.subject(),
            encounter=self._encounter(),
            effectiveDateTime=self.collected.isoformat(),
            issued=self.issued.isoformat(),
            performer=self._performers(),
            resultsInterpreter=[self.scene.staff("laboratory")],
            specimen=[reference("Specimen", self.specimen, panel.specimen)],
            result=[reference("Observation", ident) for ident in results],
        )

    def _observation(self, row: Analyte | Mark) -> Resource:
        fsli = row.fsli if isinstance(row, Analyte) else None
        spoiled = isinstance(row, Analyte) and self.chance.random() < 0.002
        codes = [coding(NSI_LAB_TESTS, fsli, row.name)] if fsli else []
        codes += [coding(LOINC, row.loinc)] if row.loinc else []
        return resource(
            "Observation",
            self.scene.new_id("lab"),
            self.updated,
            self.version,
            status="cancelled" if spoiled else self.status,
            category=[_CATEGORY],
            code=concept(row.name, *codes),
            subject=self.scene.subject(),
            encounter=self._encounter(),
            effectiveDateTime=self.collected.isoformat(),
            issued=self.issued.isoformat(),
            performer=self._performers(),
            **(self._spoiled() if spoiled else self._finding(row)),
            note=[{"text": _CORRECTED}] if self.version > 1 else None,
            specimen=reference("Specimen", self.specimen, self.order.panel.specimen),
        )

    def _spoiled(self) -> Resource:
        return {"dataAbsentReason": hl7("data-absent-reason", "error", _SPOILED)}

    def _finding(self, row: Analyte | Mark) -> Resource:
        if isinstance(row, Mark):
            return _marked(row, self.order.inflamed and row.inflamed, self.chance)
        return _measured(row, self.scene, self.body, self.order.day, self.chance)


_NEVER_BY_CHANCE = ("РНК SARS-CoV-2", "HBsAg", "Антитела к вирусу гепатита C (анти-HCV)")


def _marked(row: Mark, inflamed: bool, chance: Random) -> Resource:
    abnormal = inflamed or (chance.random() < 0.03 and row.name not in _NEVER_BY_CHANCE)
    finding = chance.choice(row.abnormal if abnormal else row.normal)
    value = {"valueCodeableConcept": concept(finding)} if "обнаружено" in finding else {"valueString": finding}
    return value | {"interpretation": [_FLAGS["A" if abnormal else "N"]], "referenceRange": [{"text": row.text}]}


def _measured(row: Analyte, scene: Scene, body: Body, day: date, chance: Random) -> Resource:
    low, high = row.bounds(scene.male, scene.age(day))
    amount = _amount(row, low, high, scene, body, day, chance)
    quantity = _quantity(row, amount)
    if row.floor and amount < Decimal(row.floor):
        quantity = _quantity(row, Decimal(row.floor)) | {"comparator": "<"}
    flag = _flag(amount, low, high)
    return {
        "valueQuantity": quantity,
        "interpretation": [_FLAGS[flag]] if chance.random() < 0.97 else None,
        "referenceRange": [_range(row, low, high)],
    }


def _amount(
    row: Analyte, low: str | None, high: str | None, scene: Scene, body: Body, day: date, chance: Random
) -> Decimal:
    """The person's own level, moved by illness and by the day, at the precision the bounds are printed with."""
    top = float(high or 1)
    bottom = float(low) if low else top * 0.25
    width = top - bottom
    deviation = scene.chance("level", row.name).gauss(0, 0.14)
    level = bottom + width * (0.48 + deviation + body.shift(day, row.name) + chance.gauss(0, 0.09))
    if row.floor and not low and scene.chance("trace", row.name).random() < 0.6 and not body.shift(day, row.name):
        level = float(row.floor) * chance.uniform(0.4, 1.3)
    places = Decimal(high or "1")
    return max(Decimal(repr(level)).quantize(places, ROUND_HALF_UP), Decimal(0).quantize(places))


def _flag(amount: Decimal, low: str | None, high: str | None) -> str:
    if high and amount > Decimal(high):
        return "HH" if amount > Decimal(high) * 2 else "H"
    if low and amount < Decimal(low):
        return "LL" if amount < Decimal(low) / 2 else "L"
    return "N"


def _quantity(row: Analyte, amount: Decimal) -> Resource:
    units = {"unit": row.unit, "system": UCUM, "code": row.ucum} if row.ucum else {"unit": row.unit} if row.unit else {}
    return {"value": amount} | units


def _range(row: Analyte, low: str | None, high: str | None) -> Resource:
    text = (f"{low} - {high}" if low else f"< {high}").replace(".", ",")
    bounds = {"low": low, "high": high}
    return {side: _quantity(row, Decimal(value)) for side, value in bounds.items() if value} | {"text": text}

"""The body of the person on a day: pressure, weight, and how illnesses move both and the laboratory results."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import exp

from emkcli.mock.medical.plan import Onset, onsets
from emkcli.mock.medical.scene import Scene

_YEAR = 365.25
# Height (cm) and weight (kg) of an average child by age in years.
_GROWTH = (
    (0.0, 51, 3.4), (0.25, 60, 6.0), (0.5, 67, 7.8), (1.0, 76, 10.0), (2.0, 87, 12.4), (3.0, 96, 14.4),
    (5.0, 110, 18.5), (7.0, 122, 23.0), (10.0, 139, 32.0), (13.0, 157, 45.0), (16.0, 169, 58.0), (18.0, 172, 63.0),
)  # fmt: skip


class Body:
    """What can be measured on a day."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.onsets = onsets(scene)
        chance = scene.chance("body")
        self._height = chance.gauss(177 if scene.male else 165, 5)
        self._bmi = chance.uniform(23.5, 28.5)
        self._scale = chance.uniform(0.95, 1.05)

    def shift(self, day: date, analyte: str) -> float:
        """How far illnesses move an analyte, in widths of its reference range."""
        return sum(onset.illness.shifts.get(analyte, 0.0) * _course(onset, day) for onset in self.onsets)

    def pressure(self, day: date) -> tuple[int, int]:
        """Systolic and diastolic, mm Hg."""
        chance = self.scene.chance("pressure", day)
        age = self.scene.age(day)
        hypertension = sum(_course(onset, day) for onset in self.onsets if onset.illness.slug == "hypertension")
        systolic = (88 + age * 2 if age < 15 else 118 + max(0, age - 40) * 0.2) + hypertension * 38 + chance.gauss(0, 4)
        diastolic = systolic * 0.42 + 27 + chance.gauss(0, 2)
        return round(systolic), round(diastolic)

    def pulse(self, day: date) -> int:
        resting = max(72, 130 - self.scene.age(day) * 8)
        return round(resting + self.scene.chance("pulse", day).gauss(0, 4))

    def height(self, day: date) -> Decimal:
        """In cm."""
        height = self._height if self.scene.age(day) >= 18 else _grown(self._years(day), 1) * self._scale
        return Decimal(f"{height:.0f}")

    def weight(self, day: date) -> Decimal:
        """In kg, one decimal."""
        noise = self.scene.chance("weight", day).uniform(-0.4, 0.4)
        if self.scene.age(day) < 18:
            return Decimal(f"{_grown(self._years(day), 2) * self._scale + noise / 4:.1f}")
        gain = (day.year - self.scene.start.year) * 0.35
        return Decimal(f"{self._bmi * (self._height / 100) ** 2 + gain + noise:.1f}")

    def _years(self, day: date) -> float:
        return (day - self.scene.birth).days / _YEAR

    def words(self, day: date, feverish: bool) -> dict[str, str]:
        """What the physician's texts may quote."""
        systolic, diastolic = self.pressure(day)
        temperature = 37.4 + self.scene.chance("fever", day).random() * 0.9 if feverish else 36.6
        return {
            "bp": f"{systolic}/{diastolic}",
            "pulse": str(self.pulse(day)),
            "temp": f"{temperature:.1f}".replace(".", ","),
            "weight": f"{self.weight(day)}".replace(".", ","),
            "height": str(self.height(day)),
        }


def _course(onset: Onset, day: date) -> float:
    """An illness grows for three years, is found at its height and gives way to treatment."""
    years = (day - onset.day).days / _YEAR
    return max(0.0, 1 + years / 3) if years < 0 else 0.3 + 0.7 * exp(-1.2 * years)


def _grown(years: float, column: int) -> float:
    before = max((row for row in _GROWTH if row[0] <= years), default=_GROWTH[0])
    after = min((row for row in _GROWTH if row[0] > years), default=before)
    span = after[0] - before[0] or 1
    return before[column] + (after[column] - before[column]) * (years - before[0]) / span

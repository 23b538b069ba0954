"""The prose of the record, read from `mock/data`: illnesses, medicines, studies."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data"


@dataclass(frozen=True)
class Illness:
    """A diagnosis and what a physician writes about it."""

    slug: str
    group: str
    population: str
    ages: list[int]
    code: str
    display: str
    specialty: str
    complaints: str
    history: str
    findings: str
    conclusion: str
    control: str
    recommendations: list[str]
    medicines: list[str] = field(default_factory=list)
    panels: list[str] = field(default_factory=list)
    studies: list[str] = field(default_factory=list)
    shifts: dict[str, float] = field(default_factory=dict)
    months: list[int] = field(default_factory=lambda: list(range(1, 13)))
    years: list[int] = field(default_factory=lambda: [1900, 2999])
    weight: int = 1
    once: bool = False
    urine: str = "normal"

    def concerns(self, age: int, male: bool) -> bool:
        """Whether it happens to people of this age and sex."""
        adult = age >= 18
        populations = {
            "any": True,
            "adult": adult,
            "child": not adult,
            "woman": adult and not male,
            "man": adult and male,
        }
        return populations[self.population] and self.ages[0] <= age <= self.ages[1]


@dataclass(frozen=True)
class Medicine:
    """What a prescription says, how to take it in words or by structure alone; `young` names what a child under twelve gets
    instead."""

    text: str
    quantity: tuple[int, str]
    form: str
    days: int
    dose: str = ""
    dosage: dict[str, Any] = field(default_factory=dict)
    atc: tuple[str, str] | None = None
    young: str | None = None


@dataclass(frozen=True)
class Study:
    """An instrumental study with its description and conclusion."""

    title: str
    category: str
    role: str
    description: str
    conclusion: str
    loinc: str | None = None


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def illnesses() -> dict[str, Illness]:
    return {slug: Illness(slug=slug, **row) for slug, row in _table("illnesses").items()}


@lru_cache(maxsize=1)
def medicines() -> dict[str, Medicine]:
    return {slug: Medicine(**row) for slug, row in _table("medicines").items()}


@lru_cache(maxsize=1)
def studies() -> dict[str, Study]:
    return {slug: Study(**row) for slug, row in _table("studies").items()}

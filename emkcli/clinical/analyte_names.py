"""What analytes are called: pairs of codes that were checked against the directory, and everyday names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

_BLANKS = re.compile(r"[^\w%#+]+|_")
_MATTERS = (
    ("blood", ("кров", "сыворот", "плазм", "blood", "serum", "plasma")),
    ("urine", ("моч", "urine")),
    ("stool", ("кал", "stool", "feces")),
)


class Known(NamedTuple):
    """An analyte of blood. Results carry one of `codes` or `names`; `synonyms` are only what people ask for it by."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    synonyms: tuple[str, ...] = ()


KNOWN = (
    Known(("1003870", "14749-6"), ("глюкоза", "glucose"), ("сахар", "сахар крови", "sugar", "blood sugar")),
    Known(("1017128", "718-7"), ("гемоглобин", "hemoglobin", "haemoglobin"), ("hb", "hgb")),
    Known(
        ("1003847", "4548-4"),
        ("гликированный гемоглобин", "гликированный гемоглобин hba1c", "hba1c", "hemoglobin a1c"),
        ("гликированный", "a1c", "hb a1c", "glycated hemoglobin"),
    ),
    Known(("1006469", "2160-0"), ("креатинин", "creatinine"), ()),
    Known(
        ("1009455", "2093-3"),
        ("холестерин", "холестерин общий", "общий холестерин", "cholesterol", "total cholesterol"),
        ("холестерол",),
    ),
    Known((), ("эритроциты", "erythrocytes"), ("rbc", "red cells")),
    Known((), ("лейкоциты", "leukocytes"), ("wbc", "white cells")),
    Known((), ("тромбоциты", "platelets"), ("plt",)),
    Known((), ("скорость оседания эритроцитов", "соэ", "скорость оседания эритроцитов по панченкову"), ("esr",)),
    Known((), ("тиреотропный гормон", "тиреотропный гормон ттг", "ттг", "tsh"), ("thyrotropin",)),
    Known((), ("аланинаминотрансфераза", "аланинаминотрансфераза алт", "алт", "alt"), ("алат",)),
    Known((), ("аспартатаминотрансфераза", "аспартатаминотрансфераза аст", "аст", "ast"), ("асат",)),
    Known((), ("с реактивный белок", "срб", "c reactive protein", "crp"), ()),
    Known((), ("ферритин", "ferritin"), ()),
    Known((), ("калий", "potassium"), ()),
    Known((), ("натрий", "sodium"), ()),
    Known((), ("мочевина", "urea"), ()),
    Known((), ("билирубин общий", "общий билирубин", "total bilirubin"), ("билирубин", "bilirubin")),
)


@lru_cache(maxsize=4096)
def plain(name: str | None) -> str:
    """A name without case, punctuation and ё; `%` and `#` stay, they tell analytes apart."""
    folded = normalize("NFKC", normalize("NFKC", name or "").casefold()).replace("ё", "е")
    return " ".join(_BLANKS.sub(" ", folded).split())


@lru_cache(maxsize=1024)
def matter(specimen: str | None) -> str:
    """What was examined, as far as the name of the specimen says it: the same name in urine is another analyte."""
    text = plain(specimen)
    return next((name for name, words in _MATTERS if any(w.startswith(words) for w in text.split())), text)


@lru_cache(maxsize=1024)
def by_code(code: str | None) -> Known | None:
    return next((analyte for analyte in KNOWN if code in analyte.codes), None)


def by_name(name: str) -> Iterator[Known]:
    """The analytes people call so; `name` from `plain`."""
    return (analyte for analyte in KNOWN if name in analyte.names or name in analyte.synonyms)

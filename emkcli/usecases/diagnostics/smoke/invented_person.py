"""Somebody who is nobody, drawn anew for each run."""

from __future__ import annotations

import secrets
from typing import Any

LARGEST_NEVER_GIVEN = 1_001_998
"""СНИЛС up to 001-001-998 are given to nobody, and have no check digits."""
SYLLABLES = [consonant + vowel for consonant in "бвгдзклмнпрст" for vowel in "аеиоу"]


def drawn() -> dict[str, Any]:
    """A person file: a family name of six syllables, a СНИЛС that is never given out, a phone of zeros."""
    number = f"{secrets.randbelow(LARGEST_NEVER_GIVEN) + 1:09d}"
    name = "".join(secrets.choice(SYLLABLES) for _turn in range(6))
    return {
        "last_name": f"{name.capitalize()}кина",
        "first_name": "Мария",
        "middle_name": None,
        "birth_date": "1980-05-17",
        "sex": "female",
        "snils": f"{number[:3]}-{number[3:6]}-{number[6:]} 00",
        "phone": f"+790000{secrets.randbelow(10**5):05d}",
        "email": "smoke@example.org",
        "oms_policy": None,
        "registration_address": "Москва, ул. Тверская, д. 1",
        "residence_address": "Москва, ул. Тверская, д. 1",
        "passport": {
            "series": "0000",
            "number": f"{secrets.randbelow(10**6):06d}",
            "issued_by": "ОТДЕЛОМ ПРОВЕРОК",
            "issued_on": "2010-01-01",
            "department_code": "000-000",
        },
    }

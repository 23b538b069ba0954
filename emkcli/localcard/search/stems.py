"""Text into the words that are compared: stems of Russian and English, codes and numbers as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple
from unicodedata import normalize

SHORT_STEM = 3
LONGEST_WORD = 200
"""What is longer is no word and is taken in parts: `re` and a stemmer need a hundred times the room of a word."""
_LETTER = "(?:[^\\W_]|[\u0300-\u036f\u00ad])"
_NUMBER = rf"\d{{1,{LONGEST_WORD}}}(?:[.,]\d{{1,{LONGEST_WORD}}}){{1,20}}"
_WORD = re.compile(rf"{_NUMBER}|[^\W\d_]\d\d(?:\.\d{{1,2}})?(?!{_LETTER})|{_LETTER}{{1,{LONGEST_WORD}}}")
_CODE = re.compile(r"[^\W\d_]\d\d(?:\.\d+)?")
_OTHER = re.compile(r"[^\w.]|_|[\u0300\u0301]")
_CYRILLIC = re.compile("[а-я]+")
_CONSONANT = "[бвгджзйклмнпрстфхцчшщ]"
_FLEETING = re.compile(f"(?<={_CONSONANT})ь?[ео](?={_CONSONANT}$)|ь(?={_CONSONANT}$)")
_LATIN = str.maketrans("авекмнорстух", "abekmhopctyx")
"""A code of the МКБ-10 is often typed with Russian letters that look the same."""


class Word(NamedTuple):
    """Where it stands in the text, and what it is compared by."""

    start: int
    end: int
    stem: str


def words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        if stemmed := stem(match[0]):
            yield Word(match.start(), match.end(), stemmed)


def stems(text: str) -> Iterator[str]:
    """What its words are compared by."""
    return filter(None, map(stem, _WORD.findall(text)))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Only letters, digits and dots; ё is е, a decimal comma a point, a stress mark nothing.

    A vowel that comes and goes is taken out, which no stemmer does: кашель and кашля, прививка and прививок.
    """
    stemmed = beginning(word)
    return _FLEETING.sub("", stemmed) if len(stemmed) > SHORT_STEM else stemmed


def beginning(word: str) -> str:
    """What other words begin with when this one is not finished."""
    # й and ё must be one character before marks are taken off
    plain = normalize("NFKC", normalize("NFKC", word).casefold()).replace("ё", "е").replace(",", ".")
    plain = _OTHER.sub("", plain).strip(".")
    if plain.isalpha():
        return _stemmer("russian" if _CYRILLIC.fullmatch(plain) else "english").stemWord(plain) or plain
    return plain.translate(_LATIN) if _CODE.fullmatch(plain) else plain


@cache
def _stemmer(language: str) -> Any:
    from snowballstemmer import stemmer  # type: ignore[import-untyped]

    return stemmer(language)

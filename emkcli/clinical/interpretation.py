"""What an interpretation in words says: «above high normal», «Ниже нормы»."""

from __future__ import annotations

import re

_BEFORE = r"(?P<denied>\b(?:not?|non|without|не|нет|без)[\s-]+(?:\w+\s+)?)?"
_AFTER = r"\w*(?P<denied_after>(?=\s+(?:is\s+|are\s+)?(?:not?|не|нет)\b))?"
_NAMES = {
    "above": r"↑|\babove|\bhigh(?!light)|\belevated|\bincreased|выше|высок|повыш|увелич",
    "below": r"↓|\bbelow|\blow|\bdecreased|\breduced|ниже|низк|пониж|сниж|уменьш",
    "noticeable": r"\babnormal|\bcritical|\bpanic|\bpositive|\breactive|\bdetected|\bresistant|\boutside|"
    r"отклон|критич|патолог|положит|обнаруж|выявлен|резистент|\bвне\b",
}
_SAID = re.compile(
    _BEFORE + "(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _NAMES.items()) + ")" + _AFTER, re.IGNORECASE
)


def side_of(words: str | None) -> int:
    """1 above, -1 below, 2 otherwise noticeable; 0 where it denies that, or says nothing of the kind."""
    matches = _SAID.finditer(words or "")
    said = [match for match in matches if match["denied"] is None and match["denied_after"] is None]
    above, below = (any(match[name] for match in said) for name in ("above", "below"))
    return int(above) - int(below) or 2 * bool(said)

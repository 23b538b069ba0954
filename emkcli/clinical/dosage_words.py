"""How a medicine is taken, in words: for programs as it was sent, for people with all that its structure says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from emkcli.clinical.speech import Speech
from emkcli.clinical.timing_words import timing_phrases
from emkcli.locale import N_
from emkcli.models import Dosage

_RATIO = " / "
_ANNOTATION = re.compile(r"\{([^{}]+)\}")
"""How UCUM writes what is counted: `{tablet}`, `mL{total}`."""
_COMMA = re.compile(r"(?<=\d),(?=\d)")
_A_DAY = frozenset({"1 d", "24 h", "1 day", "1 сут", "1 сутки", "1 день"})


def instructions(steps: Sequence[Dosage], language: str) -> str | None:
    """As sent; a step that came as structure alone is said in words."""
    return "; ".join(filter(None, (_as_sent(step) or structure(step, language) for step in steps))) or None


def how_to_take(steps: Sequence[Dosage], language: str) -> str | None:
    """All that is known of every step: its text, and of its structure what does not stand in the text."""
    return "; ".join(_joined(steps, language)) or None


def _joined(steps: Sequence[Dosage], language: str) -> Iterator[str]:
    """A step with a higher number than the one before is taken after it."""
    before: Dosage | None = None
    for step in steps:
        words = _whole(step, language)
        later = before is not None and before.sequence and step.sequence and before.sequence != step.sequence
        yield Speech(language).say(N_("then {step}"), step=words) if later else words
        before = step


def _whole(step: Dosage, language: str) -> str:
    sent = _as_sent(step)
    if not sent:
        return structure(step, language)
    beside = [part for part in _parts(step, Speech(language)) if not says(sent, part)]
    return "; ".join(filter(None, (sent, ", ".join(beside))))


def _as_sent(step: Dosage) -> str:
    """The text with the advice beside it."""
    sent = filter(None, (step.text, step.patient_instruction, step.additional_instruction))
    return "; ".join({_plain(words): words for words in sent}.values())


def says(words: str, part: str) -> bool:
    """Whether a part stands in a text, however it is spelled: of «15 мг» not the «5 мг»."""
    return bool(re.search(rf"(?<![\w.]){re.escape(_plain(part))}(?!\w)", _plain(words)))


def _plain(words: str) -> str:
    return _COMMA.sub(".", _ANNOTATION.sub(_counted, words).casefold()).strip(" .;,")


def structure(step: Dosage, language: str) -> str:
    """`0.5 таб, 2 раза в день (утром и вечером), внутрь`."""
    return ", ".join(_parts(step, Speech(language)))


def _parts(step: Dosage, speech: Speech) -> Iterable[str]:
    return dict.fromkeys(_ANNOTATION.sub(_counted, part) for part in _all_parts(step, speech) if part)


def _counted(annotation: re.Match[str]) -> str:
    follows_unit = annotation.string[: annotation.start()][-1:].isalnum()
    return f" {annotation[1]}" if follows_unit else annotation[1]


def _all_parts(step: Dosage, speech: Speech) -> Iterator[str]:
    yield speech.amount(step.dose)
    yield from timing_phrases(step.schedule, speech.language) if step.schedule else [step.timing or ""]
    yield from (step.route or "", step.site or "", step.method or "")
    yield _as_needed(step, speech)
    yield speech.say(N_("at a rate of {rate}"), rate=_per(step.rate, speech))
    yield from _limits(step, speech)


def _as_needed(step: Dosage, speech: Speech) -> str:
    if step.as_needed == "true":
        return speech.say(N_("as needed"))
    return speech.say(N_("as needed ({reason})"), reason=step.as_needed or "")


def _limits(step: Dosage, speech: Speech) -> Iterator[str]:
    dose, _bar, period = (step.max or "").partition(_RATIO)
    dose = speech.amount(dose)
    if period in _A_DAY:
        yield speech.say(N_("at most {dose} a day"), dose=dose)
    elif period:
        yield speech.say(N_("at most {dose} per {period}"), dose=dose, period=speech.written_length(period))
    else:
        yield speech.say(N_("at most {dose}"), dose=dose)
    yield speech.say(N_("at most {dose} at once"), dose=speech.amount(step.max_per_administration))
    yield speech.say(N_("at most {dose} in a lifetime"), dose=speech.amount(step.max_per_lifetime))


def _per(rate: str | None, speech: Speech) -> str:
    """`100 ml / 1 h` with its time in words."""
    amount, bar, period = (rate or "").partition(_RATIO)
    return f"{speech.amount(amount)}{bar}{speech.written_length(period)}"

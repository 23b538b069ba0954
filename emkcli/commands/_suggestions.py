"""Did you mean: what a word that is no command is most like, among all the words of the tree."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from emkcli import errors
from emkcli.locale import _

HERE, ELSEWHERE = 0.7, 0.75
"""How like a word must be, in the group it was looked for and in another; the nearest of all wins, those here first."""
SAME = {"get": ("show",), "view": ("show",), "show": ("get", "list"), "ls": ("list",)}
"""Words that other programs have for what a group of ours calls so; they lead nowhere else, since nearly every group has one."""
MOST = 3


def unknown_word(word: str, path: str, lines: Iterable[str]) -> errors.Usage:
    """`word` is none of `path`; `lines` are those that exist, as they are typed: `emk card labs`, `emk --version`."""
    return errors.Usage(
        _("There is no command {word} in {path}.").format(word=word, path=path),
        hint=_hint(nearest(word, path, lines)) or f"{path} --help",
    )


def unknown_subject(words: str, lines: Iterable[str]) -> errors.Usage:
    """There is no help on `words`."""
    return errors.Usage(
        _("There is no help on {words}.").format(words=words), hint=_hint(nearest(words, "emk", lines)) or "emk help"
    )


def nearest(word: str, path: str, lines: Iterable[str]) -> list[str]:
    """The lines most like `word`, at most three where several are equally so; none where nothing is like it."""
    known = [*lines]
    if path == "emk":
        return _most_like(word, path, known)
    here = [line for line in known if line.rpartition(" ")[0] == path]
    same = [line for line in here if line.rpartition(" ")[2] in SAME.get(word, ())]
    return same or _most_like(word, path, here) or _elsewhere(word, known)


def _most_like(word: str, path: str, lines: Iterable[str]) -> list[str]:
    likeness = {line: _likeness(word.casefold(), path, line) for line in lines}
    best = max(likeness.values(), default=0.0)
    return [line for line, likely in likeness.items() if likely == best][:MOST] if best else []


def _elsewhere(word: str, lines: Iterable[str]) -> list[str]:
    """One line outside the group that was named; several would be as many guesses."""
    near = [] if word in SAME else _most_like(word, "emk", lines)
    return near if len(near) == 1 else []


def _likeness(word: str, path: str, line: str) -> float:
    group, _space, last = line.rpartition(" ")
    here = group == path
    joined = line.removeprefix("emk ").replace(" ", "-")
    ratio = max(_ratio(word, name) for name in (last.lstrip("-"), joined, joined.replace("-", "")))
    return ratio + here * (ELSEWHERE - HERE) if ratio >= (HERE if here else ELSEWHERE) else 0.0


def _ratio(word: str, name: str) -> float:
    return SequenceMatcher(None, word.replace("_", "-").replace(" ", "-"), name).ratio()


def _hint(near: list[str]) -> str:
    if not near:
        return ""
    return _("did you mean {near}?").format(near=_(" or ").join(near))

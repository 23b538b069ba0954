"""Do the tests notice a fault? `python -m tools.mutants --number 300` plants faults one at a time and counts those that a test catches.

The faults are mutmut's: an operator turned round, an argument gone, a number one higher, a text changed. A seeded sample is drawn
from those in `FOLDERS`, in proportion to how many each file has; texts for people are left out beforehand, because `make lint`
holds them against the catalogue. Each fault is written into a copy of the project and the tests that run its line are run there,
those of its own folder first; where no test runs it in process, the tests of its folder. A failure counts only if the same test
passes without the fault. Answers are kept line by line in `build/mutants/`, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import difflib
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import time
import venv
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest
    from coverage import CoverageData

ROOT = Path(__file__).parent.parent
FOLDERS = ("clinical", "fhir", "localcard", "security", "api/wire.py", "api/auth.py")
BUILD = ROOT / "build" / "mutants"
MESSAGES = {"_", "N_", "ngettext"}
STAGES = (60, 240)
"""A fault meets this many tests at first, and if none of them notices, this many more."""
LIMIT_S = 240.0
"""A stage that takes longer was sent round and round by its fault, which counts as noticed where it ends in time without it."""
PASSED, FAILED, BROKEN = 0, 1, 2
WANTED = "MUTANTS_WANTED_TESTS"


@dataclass(frozen=True)
class Mutant:
    """One fault: which file, which of the file's faults, and what it changes (a unified diff without context)."""

    path: str
    index: int
    line: int
    diff: str


@dataclass(frozen=True)
class Verdict:
    """`killed` by `test`, `late` (a test did not end), or `survived` all of `tests`."""

    mutant: Mutant
    outcome: str
    tests: int
    test: str
    seconds: float


# What can be planted ---------------------------------------------------------------------------------------------------------


def population() -> list[tuple[str, int]]:
    """Every fault of every file, as (path, index)."""
    return [(path, index) for path in sources() for index in range(len(mutations(path)[1]))]


def sources() -> list[str]:
    named = [ROOT / "emkcli" / folder for folder in FOLDERS]
    files = [file for place in named for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]
    return [file.relative_to(ROOT).as_posix() for file in files]


@cache
def mutations(path: str) -> tuple[Any, list[Any]]:
    """The parsed file and mutmut's mutations of it, without those inside a text for people."""
    from mutmut.mutation.file_mutation import create_mutations

    module, found, *_ = create_mutations(path, (ROOT / path).read_text(encoding="utf-8"))
    spoken = {id(node) for call in _message_calls(module) for node in _nodes(call)}
    return module, [mutation for mutation in found if id(mutation.original_node) not in spoken]


def _message_calls(module: Any) -> Iterator[Any]:
    import libcst

    for node in _nodes(module):
        if isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name) and node.func.value in MESSAGES:
            yield node


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in node.children:
        yield from _nodes(child)


def planted(path: str, index: int) -> str:
    """The file's text with this one fault."""
    from mutmut.mutation.file_mutation import deep_replace

    module, found = mutations(path)
    changed: Any = deep_replace(module, found[index].original_node, found[index].mutated_node)
    return str(changed.code)


def mutant(path: str, index: int) -> Mutant:
    before = (ROOT / path).read_text(encoding="utf-8").splitlines()
    diff = list(difflib.unified_diff(before, planted(path, index).splitlines(), path, path, lineterm="", n=0))
    line = next(int(match[1]) for text in diff if (match := re.match(r"@@ -(\d+)", text)))
    return Mutant(path, index, line, "\n".join(diff[2:]))


# Which tests meet it ---------------------------------------------------------------------------------------------------------


class Reach:
    """Which tests run a line, from a run of the suite with a context for each test."""

    def __init__(self, data: CoverageData) -> None:
        self._data = data

    def tests(self, path: str, line: int) -> list[str]:
        """Those that run the line, or the last line before it that coverage knows; those of the same folder first, file by file."""
        lines = {at: set(contexts) for at, contexts in self._contexts(path).items()}
        before = [at for at in lines if at <= line]
        contexts = lines[max(before)] if before else set()
        reached = contexts - {""} or {context for every in lines.values() for context in every} - {""}
        tests = sorted({context.partition("|")[0] for context in reached})
        near = [test for test in tests if test.startswith(_folder(path))]
        return _spread(near) + _spread([test for test in tests if test not in near])

    def _contexts(self, path: str) -> dict[int, list[str]]:
        measured = next((file for file in self._data.measured_files() if file.endswith(f"/{path}")), None)
        return self._data.contexts_by_lineno(measured) if measured else {}


def _folder(path: str) -> str:
    """`emkcli/fhir/codecs.py` → `tests/fhir/`."""
    return f"tests/{path.split('/')[1]}/"


def _spread(tests: list[str]) -> list[str]:
    """One test of every file, then a second of every file, and so on: different files look at different things."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in tests:
        by_file[test.partition("::")[0]].append(test)
    return [test for row in zip_longest(*by_file.values()) for test in row if test]


def measure() -> CoverageData:
    """The suite once, with a context for each test, unless it was measured before."""
    from coverage import Coverage

    file = BUILD / "coverage"
    if not file.exists():
        run = ["-m", "pytest", "-n", "auto", "--cov", "--cov-context=test", "--cov-report="]
        subprocess.run([sys.executable, *run], cwd=ROOT, env={**os.environ, "COVERAGE_FILE": str(file)}, check=True)
    coverage = Coverage(data_file=str(file))
    coverage.load()
    return coverage.get_data()


# Running them ----------------------------------------------------------------------------------------------------------------


def _files() -> list[str]:
    """What the project consists of, what is not yet committed included."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True).stdout.rstrip("\0").split("\0")


class Copy:
    """A copy of the project with an environment whose `emkcli` is the copy's, for processes that a test starts as well."""

    def __init__(self, place: Path) -> None:
        self._place = place
        for name in _files():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)
        venv.create(place / ".venv", symlinks=True)
        installed = Path(sys.executable).parent.parent.glob("lib/python*/site-packages")
        own = next(place.glob(".venv/lib/python*/site-packages"))
        (own / "copy.pth").write_text("\n".join([str(place), *map(str, installed)]), encoding="utf-8")
        self._python = place / ".venv" / "bin" / "python"

    def judge(self, fault: Mutant, tests: Sequence[str]) -> Verdict:
        began = time.monotonic()
        self._write(fault.path, planted(fault.path, fault.index))
        try:
            outcome, test = self._meet(fault, tests)
        finally:
            self._write(fault.path, (ROOT / fault.path).read_text(encoding="utf-8"))
        return Verdict(fault, outcome, len(tests), test, round(time.monotonic() - began, 1))

    def _meet(self, fault: Mutant, tests: Sequence[str]) -> tuple[str, str]:
        for stage in _stages(tests) or [[_folder(fault.path)]]:
            outcome, test = self._stage(fault, stage)
            if outcome != "survived":
                return outcome, test
        return "survived", ""

    def _stage(self, fault: Mutant, tests: list[str]) -> tuple[str, str]:
        while True:
            code, output = self._pytest(tests)
            failed = re.search(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.+?)?)(?: - |$)", output, re.MULTILINE)
            if code is None:
                return ("late", "") if self._pass_without(fault, tests) else ("survived", "")
            if code == BROKEN:
                return "killed", "(the module does not import)"
            if code == PASSED:
                return "survived", ""
            if code != FAILED or not failed:
                raise RuntimeError(f"pytest ended with {code} on {fault.path}:{fault.line}\n{output}")
            if self._pass_without(fault, [failed[1]]):
                return "killed", failed[1]
            tests = [test for test in tests if test != failed[1]]

    def _pass_without(self, fault: Mutant, tests: list[str]) -> bool:
        text = (ROOT / fault.path).read_text(encoding="utf-8")
        self._write(fault.path, text)
        code, _ = self._pytest(tests)
        self._write(fault.path, planted(fault.path, fault.index))
        return code == PASSED

    def _pytest(self, tests: list[str]) -> tuple[int | None, str]:
        wanted = self._place / "wanted.json"
        wanted.write_text(json.dumps(tests), encoding="utf-8")
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        command = [
            str(self._python),
            "-m",
            "pytest",
            "-x",
            "-p",
            "no:xdist",
            "-p",
            "tools.mutants",
            "--tb=no",
            "-rfE",
            *files,
        ]
        environment = {**os.environ, WANTED: str(wanted)}
        try:
            done = subprocess.run(
                command, cwd=self._place, env=environment, capture_output=True, text=True, timeout=LIMIT_S
            )
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stdout + done.stderr

    def _write(self, path: str, text: str) -> None:
        """The text, and no bytecode of another text of the same length and second."""
        file = self._place / path
        file.write_text(text, encoding="utf-8")
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*"):
            compiled.unlink()


def _stages(tests: Sequence[str]) -> list[list[str]]:
    first, more = STAGES
    return [list(stage) for stage in (tests[:first], tests[first : first + more]) if stage]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the collected tests those that are wanted, in that order (this module is a plugin of the pytest it starts)."""
    wanted = json.loads(Path(os.environ[WANTED]).read_text(encoding="utf-8"))
    if not any("::" in test for test in wanted):
        return
    place = {test: at for at, test in enumerate(wanted)}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in place])
    items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


# The run and what it says ----------------------------------------------------------------------------------------------------


def run(chosen: Sequence[tuple[str, int]], jobs: int, answers: Path) -> list[Verdict]:
    """A verdict for each, those of an earlier run included."""
    verdicts = _answered(answers)
    known = {(verdict.mutant.path, verdict.mutant.index) for verdict in verdicts}
    faults = [mutant(*one) for one in chosen if one not in known]
    reach = Reach(measure())
    tests = {fault: reach.tests(fault.path, fault.line) for fault in faults}
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(jobs):
        shutil.rmtree(BUILD / f"copy{number}", ignore_errors=True)
        copies.put(Copy(BUILD / f"copy{number}"))

    def judge(fault: Mutant) -> Verdict:
        copy = copies.get()
        try:
            return copy.judge(fault, tests[fault])
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(jobs) as pool, answers.open("a", encoding="utf-8") as lines:
        for ended in as_completed([pool.submit(judge, fault) for fault in faults]):
            verdict = ended.result()
            lines.write(json.dumps(asdict(verdict), ensure_ascii=False) + "\n")
            lines.flush()
            verdicts.append(verdict)
            sys.stdout.write(
                f"{len(verdicts)}/{len(chosen)} {verdict.outcome} {verdict.mutant.path}:{verdict.mutant.line}\n"
            )
            sys.stdout.flush()
    return verdicts


def _answered(answers: Path) -> list[Verdict]:
    if not answers.exists():
        return []
    rows = map(json.loads, answers.read_text(encoding="utf-8").splitlines())
    return [Verdict(**{**row, "mutant": Mutant(**row["mutant"])}) for row in rows]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson's score)."""
    z, share = 1.96, hits / of
    middle, width = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - width) / (1 + z * z / of), (middle + width) / (1 + z * z / of)


def report(verdicts: Sequence[Verdict], of: int) -> str:
    """The share noticed by folder and in all, and what every survivor changes."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        for row in (verdict.mutant.path.split("/")[1], "all"):
            tally[row][verdict.outcome] += 1
    lines = [f"{len(verdicts)} of {of} faults"]
    for row in [*sorted(tally.keys() - {"all"}), "all"]:
        counts = tally[row]
        noticed = counts["killed"] + counts["late"]
        low, high = wilson(noticed, counts.total())
        share = f"{noticed / counts.total():.1%} ({low:.1%} to {high:.1%})"
        lines.append(f"{row:10} {noticed}/{counts.total()} noticed, {counts['late']} of them by time: {share}")
    survivors = [verdict for verdict in verdicts if verdict.outcome == "survived"]
    lines += [f"\n{one.mutant.path} (met {one.tests} tests)\n{one.mutant.diff}" for one in survivors]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--number", type=int, default=300)
    options.add_argument("--seed", type=int, default=9)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    everything = population()
    chosen = random.Random(given.seed).sample(everything, given.number)
    verdicts = run(chosen, given.jobs, BUILD / f"seed{given.seed}.jsonl")
    sys.stdout.write(report(verdicts, len(everything)))


if __name__ == "__main__":
    main()

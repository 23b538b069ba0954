"""What the run of `make mutants` chooses and says; planting itself needs mutmut, which the suite does not install."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tools import mutants
from tools.mutants import Mutant, Verdict


class Measured:
    """As much of coverage's data as is asked for: one file whose lines 3 and 7 tests have run."""

    CONTEXTS: ClassVar = {
        3: [
            "",
            "tests/api/test_a.py::test_1|run",
            "tests/api/test_a.py::test_2|run",
            "tests/fhir/test_b.py::test_3|setup",
        ],
        7: ["tests/api/test_c.py::test_4|run"],
        9: [""],
    }

    def measured_files(self) -> set[str]:
        return {"/somewhere/emkcli/fhir/codecs.py", "/somewhere/emkcli/fhir/graph.py"}

    def contexts_by_lineno(self, file: str) -> dict[int, list[str]]:
        return self.CONTEXTS if file.endswith("codecs.py") else {}


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        (3, ["tests/fhir/test_b.py::test_3", "tests/api/test_a.py::test_1", "tests/api/test_a.py::test_2"]),
        (8, ["tests/api/test_c.py::test_4"]),
        # Run on import alone: whoever runs anything of the file.
        (
            9,
            [
                "tests/fhir/test_b.py::test_3",
                "tests/api/test_a.py::test_1",
                "tests/api/test_c.py::test_4",
                "tests/api/test_a.py::test_2",
            ],
        ),
    ],
)
def test_the_tests_of_its_own_folder_meet_a_fault_first(line: int, tests: list[str]) -> None:
    assert mutants.Reach(Measured()).tests("emkcli/fhir/codecs.py", line) == tests  # type: ignore[arg-type]
    assert mutants.Reach(Measured()).tests("emkcli/fhir/graph.py", line) == []  # type: ignore[arg-type]


def test_the_report_counts_by_folder_and_shows_what_survived() -> None:
    def verdict(path: str, outcome: str) -> Verdict:
        return Verdict(Mutant(path, 0, 1, "-kept = True\n+kept = False"), outcome, 5, "", 1.0)

    said = mutants.report(
        [
            verdict("emkcli/fhir/a.py", "killed"),
            verdict("emkcli/fhir/b.py", "survived"),
            verdict("emkcli/api/c.py", "late"),
        ],
        90,
    )
    assert "fhir       1/2 noticed, 0 of them by time: 50.0%" in said
    assert "all        2/3 noticed, 1 of them by time: 66.7%" in said
    assert "emkcli/fhir/b.py (met 5 tests)\n-kept = True\n+kept = False" in said
    assert "emkcli/fhir/a.py" not in said
    assert "emkcli/api/c.py" not in said


def test_the_interval_is_wilsons() -> None:
    low, high = mutants.wilson(234, 300)
    assert (round(low, 3), round(high, 3)) == (0.730, 0.823)
    assert mutants.wilson(10, 10)[1] == pytest.approx(1.0)
    assert mutants.wilson(10, 10)[0] == pytest.approx(0.722, abs=0.001)

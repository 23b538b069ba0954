"""What README shows of a terminal is what the commands print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.transcripts import BLOCK, PROMPT, Terminal, rewritten

PAGE = """# A page

<!-- transcript -->
```console
$ emk --version
emk 0.0.0
$ emk completion bash  # a comment
gone tomorrow
```

```console
$ emk --version
stays as it is
```
"""


class Echo(Terminal):
    """Prints the line it is given."""

    def __init__(self) -> None:
        pass

    def run(self, line: str) -> str:
        return f"ran {line}\n"


def test_a_transcript_is_run_anew_and_nothing_else_is_touched() -> None:
    fresh = rewritten(PAGE, Echo())
    ran = "$ emk --version\nran emk --version\n\n$ emk completion bash  # a comment\nran emk completion bash  # a comment\n"
    assert fresh == PAGE.replace("$ emk --version\nemk 0.0.0\n$ emk completion bash  # a comment\ngone tomorrow\n", ran)


def test_a_command_that_fails_ends_everything(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="exit 2"):
        Terminal(tmp_path).run("emk no-such-command")


def test_a_command_runs_in_a_home_and_a_language_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMK_LANG", "ru")
    monkeypatch.setenv("EMK_PROFILE", "somebody")
    terminal = Terminal(tmp_path)
    assert terminal.run("emk config path").startswith(str(tmp_path))
    assert "Usage: emk mock" in terminal.run("emk mock --help")


def test_readme_shows_three_commands_and_what_they_print() -> None:
    blocks = [found[2].splitlines() for found in BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8"))]
    assert [lines[0].partition(" --")[0] for lines in blocks] == [
        f"{PROMPT}emk card labs",
        f"{PROMPT}emk card trend ТТГ",
        f"{PROMPT}emk card summary",
    ]
    assert all(len(lines) > 5 for lines in blocks)

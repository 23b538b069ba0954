"""Completions: fresh, clean, and answered by the shells themselves; whatever shells this machine has, bash always."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pexpect
import pytest

from emkcli.config.output_formats import OUTPUT_FORMATS
from emkcli.exporters.file_formats import FILE_FORMATS
from emkcli.presentation import completion_scripts
from tools import completions
from tools.tree import tree

FOLDER = completions.FOLDER
GIVEN_SHELLS = ["bash", *(shell for shell in ("zsh", "fish") if shutil.which(shell))]
CHECKS = {"bash": ["bash", "-n"], "shellcheck": ["shellcheck"], "zsh": ["zsh", "-n"], "fish": ["fish", "-n"]}
GIVEN_CHECKS = ["bash", *(tool for tool in ("shellcheck", "zsh", "fish") if shutil.which(tool))]
CHECKED = {"bash": "emk.bash", "shellcheck": "emk.bash", "zsh": "_emk", "fish": "emk.fish"}
PROGRAMS = ("emk", "python", "python3", "sed", "awk", "grep", "cut", "tr", "cat", "ls", "find", "env", "sh")

WORDS = {
    "emk ca": {"card"},
    "emk conn": {"connect"},
    "emk card v": {"visits", "vaccinations", "vitals"},
    "emk card access": {"access-log"},
    "emk -p work card --json pre": {"prescriptions", "prevention"},
    "emk --output=json card l": {"labs"},
    "emk card -o csv l": {"labs"},
    "emk -- card l": {"labs"},
    "emk --output ": set(OUTPUT_FORMATS),
    "emk status -o js": {"json", "jsonl"},
    "emk status --output=js": {"json", "jsonl"},
    'emk status --output "ta': {"table"},
    "emk --lang ": {"ru", "en"},
    "emk card labs --color a": {"auto", "always"},
    "emk --backend ": {"mock", "http", "fhir", "local", "gosuslugi"},
    "emk card export --format ": set(FILE_FORMATS),
    "emk card export --format=": set(FILE_FORMATS),
    "emk card export --to /tmp/x --csv-dialect ": {"rfc4180", "excel-ru"},
    "emk clinic list --near re": {"registration", "residence"},
    "emk doctor list --specialty ther": {"therapist"},
    "emk login --method s": {"sms", "signature"},
    "emk mock clock ": {"show", "advance", "set", "speed"},
    "emk mock fault add s": {"slow", "stale-page"},
    "emk help e": {"exit-codes", "environment"},
    "emk completion ": {"bash", "zsh", "fish", "powershell", "install"},
    "emk schema lab": {"lab_result", "lab_result_list"},
    "emk config get pro": {"profile"},
    "emk config set profile p": set(),
    "emk api P": {"POST", "PUT", "PATCH"},
    "emk card show --abn": set(),
    "emk card labs -- --ab": set(),
    "emk nonsense l": set(),
    "emk connect --accept-consent medical-data@1 --accept": {"--accept-consent"},
    "emk card labs --ab": {"--abnormal"},
    "emk register --tem": {"--template"},
    "emk register --from card --tem": {"--template"},
    "FOO=1 emk sta": {"status"},
    "true; emk 'sta": {"status"},
}
FILES = {
    "emk register --from person.t": "person.toml",
    "emk register --from=person.t": "person.toml",
    "emk card import one.xml two": "two words.xml",
    "emk demo --to dire": "directory",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory with a few files, and programs that leave a mark when they are started."""
    (tmp_path / "directory").mkdir()
    for name in ("person.toml", "two words.xml", "direct.txt"):
        (tmp_path / name).touch()
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\necho {name} >>{tmp_path}/started\n")
        program.chmod(0o755)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    place = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home), "ZDOTDIR": str(home)}
    return place | {"PATH": str(home / "bin"), "TERM": "dumb", "LC_ALL": "C.UTF-8"}


BASH = """
PS1= PS2=; bind 'set enable-bracketed-paste off' 'set bell-style none' 2>/dev/null
source {folder}/emk.bash
record() {{ _emk "$@"; printf '%s\\n' "${{COMPREPLY[@]}}" >record.txt; }}
complete -F record emk
"""
ZSH = """
PS1= PS2=; unsetopt zle_bracketed_paste beep prompt_sp; zstyle ':completion:*' verbose {verbose}
fpath=({folder} $fpath); autoload -U compinit; compinit -u -D
record() {{
    local -a found
    case " ${{(j: :)@[1,(i)--]}} " in (*' -'[OAD]' '*) builtin compadd "$@"; return ;; esac
    builtin compadd -A found "$@"
    print -rl -- $found >>record.txt
    builtin compadd "$@"
}}
compadd() {{ record "$@" }}
"""


class Terminal:
    """A shell on a pseudo-terminal: types a line and Tab, and reads what the completion offered."""

    def __init__(self, home: Path, shell: str, folder: Path = FOLDER, verbose: str = "no") -> None:
        self._home, self._numbers = home, count(1)
        arguments = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}[shell]
        settings = {"bash": BASH, "zsh": ZSH}[shell].format(folder=folder, verbose=verbose)
        (home / "settings").write_text(settings)
        self._child = pexpect.spawn(
            str(shutil.which(shell)), arguments, cwd=home, env=environment(home), encoding="utf-8", timeout=60
        )
        self._child.delaybeforesend = None
        self._run(". ./settings; ")

    def offered(self, line: str, patience: float = 0) -> set[str]:
        record = self._home / "record.txt"
        record.unlink(missing_ok=True)
        self.typed(line, patience)
        return set(record.read_text().split()) if record.exists() else set()

    def typed(self, line: str, patience: float = 0) -> str:
        """What stands on the screen after the line and Tab; a loaded shell gives up a completion when more is typed."""
        self._child.send(line + "\t")
        time.sleep(patience)
        return self._run("\x15")

    def completed(self, line: str, patience: float = 0) -> str:
        """What the line prints that Tab completed."""
        self._child.send(line + "\t")
        time.sleep(patience)
        return self._run("\r")

    def close(self) -> None:
        self._child.close(force=True)

    def _run(self, before: str) -> str:
        number = next(self._numbers)
        # The sum is not on the line as it is typed, only in what the shell prints.
        self._child.send(f"{before}echo mark:$((1000 + {number})):\r")
        self._child.expect_exact(f"mark:{1000 + number}:")
        return str(self._child.before)


class Fish:
    """fish tells what it would offer for a line."""

    def __init__(self, home: Path, _shell: str, folder: Path = FOLDER) -> None:
        self._home, self._folder = home, folder

    def offered(self, line: str, _patience: float = 0) -> set[str]:
        return {word.partition("\t")[0] for word in self.described(line)}

    def described(self, line: str) -> list[str]:
        """Each word with a tab and its description."""
        code = f"source {self._folder}/emk.fish; complete -C $argv[1]"
        done = subprocess.run(
            [str(shutil.which("fish")), "--no-config", "-c", code, line],
            cwd=self._home, env=environment(self._home), capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert not done.stderr
        return done.stdout.splitlines()

    def typed(self, line: str, _patience: float = 0) -> str:
        return "\n".join(self.offered(line))

    def close(self) -> None:
        """Nothing is kept running."""


KINDS: dict[str, Callable[[Path, str], Terminal | Fish]] = {"bash": Terminal, "zsh": Terminal, "fish": Fish}


@pytest.fixture(params=GIVEN_SHELLS)
def shell(request: pytest.FixtureRequest, home: Path) -> Iterator[Terminal | Fish]:
    started = KINDS[request.param](home, request.param)
    yield started
    started.close()


def test_the_scripts_are_fresh() -> None:
    assert completions.stale() == []


def test_every_shell_has_its_script() -> None:
    shipped = {
        completion_scripts.script(shell, language) for shell in completion_scripts.SHELLS for language in ("en", "ru")
    }
    assert shipped == set(completions.scripts().values())


@pytest.mark.parametrize("tool", GIVEN_CHECKS)
def test_the_scripts_are_clean(tool: str) -> None:
    done = subprocess.run([*CHECKS[tool], FOLDER / CHECKED[tool]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_words_are_offered_and_no_process_is_started(shell: Terminal | Fish, home: Path) -> None:
    for line, words in WORDS.items():
        assert patiently(lambda p, line=line: {plain(word) for word in shell.offered(line, p)}, words.__eq__), line
    assert not (home / "started").exists()


def test_extensions_are_offered_by_name_and_not_started(shell: Terminal | Fish, home: Path) -> None:
    for name in ("emk-wear", "emk-weigh"):
        program = home / "bin" / name
        program.write_text(f"#!/bin/sh\necho {name} >>{home}/started\n")
        program.chmod(0o755)
    (home / "bin" / "emk-wet").touch(0o644)
    for line, words in {"emk we": {"wear", "weigh"}, "emk card we": set(), "emk sel": {"selfcheck"}}.items():
        assert patiently(lambda p, line=line: {plain(word) for word in shell.offered(line, p)}, words.__eq__), line
    assert not (home / "started").exists()


def test_files_are_offered_where_files_are_taken(shell: Terminal | Fish) -> None:
    for line, name in FILES.items():
        assert patiently(lambda p, line=line: shell.typed(line, p).replace("\\ ", " "), lambda s, n=name: n in s), line


def test_shared_options_stand_at_every_level(shell: Terminal | Fish) -> None:
    shared = {name for option in tree().shared for name in option.names if name.startswith("--")}
    for line in ("emk --", "emk card --", "emk card labs --"):
        assert patiently(lambda p, line=line: {plain(word) for word in shell.offered(line, p)}, shared.issubset), line


@pytest.mark.parametrize("line", ["emk connect --dry", "emk card search --no-in", "emk api --no-in"])
def test_an_option_is_inserted_also_where_any_text_may_stand(home: Path, line: str) -> None:
    for name in sorted({"bash", "zsh"} & set(GIVEN_SHELLS)):
        terminal = KINDS[name](home, name)
        whole = {"--dry": "--dry-run ", "--no-in": "--no-input "}[line.split()[-1]]
        assert patiently(
            lambda p, t=terminal: t.typed(line, p), lambda s, w=whole: f"{line.rpartition(' ')[0]} {w}" in s
        )
        terminal.close()


def test_bash_replaces_the_whole_word_when_equals_breaks_no_words() -> None:
    code = f"""source {FOLDER}/emk.bash; COMP_WORDBREAKS=' '; COMP_LINE='emk -q --lang=r' COMP_POINT=15
               COMP_WORDS=(emk -q --lang=r) COMP_CWORD=2; _emk; echo "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "--norc", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "--lang=ru\n"


def test_powershell_has_every_command_and_option_in_ascii() -> None:
    script = (FOLDER / "emk.ps1").read_text(encoding="ascii")
    for node in tree().root.walk():
        for name in (*(word.path[-1] for word in node.words), *(n for option in node.options for n in option.names)):
            assert f"'{name}' = " in script
    assert script.count("{") == script.count("}")


def patiently(ask: Callable[[float], Any], fits: Callable[[Any], bool]) -> bool:
    """Whether an answer fits; asked again more slowly, because a shell on a busy machine drops what it is late with."""
    return any(fits(ask(patience)) for patience in (0, 0.3, 1, 3))


def plain(word: str) -> str:
    """A value without its option, an option without the sign that a value follows."""
    return (
        word.split("=", 1)[1] if word.startswith("--") and not word.endswith("=") and "=" in word else word.rstrip("=")
    )

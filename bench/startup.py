"""Start-up as ratios of CPU time to the smallest Typer program with one option, all in one run.

    make bench          (or: .venv/bin/python -m bench.startup)

Bytecode is compiled first. Rounds are interleaved, so that a noisy neighbour hits every command alike; the median of
the per-round ratios is printed.
"""

from __future__ import annotations

import compileall
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import emkcli

ROUNDS = 15
SMALLEST = """\
import typer
app = typer.Typer()
@app.command()
def main(name: str = typer.Option("x")):
    print(name)
app()
"""
LIMITS = {"emk --version": 0.3, "emk --help": 1.0, "emk status -o json": 1.8}


def cpu(command: list[str], environment: dict[str, str]) -> float:
    """CPU seconds of one run, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()[-400:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def activated_home(home: Path) -> dict[str, str]:
    """An environment whose mock is activated and whose token lies in the mock's file."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMK_", "PYTHONDONTWRITE"))}
    environment = kept | {"EMK_HOME": str(home), "EMK_KEYRING": "off", "LANG": "C.UTF-8"}
    run = [sys.executable, "-m", "emkcli"]
    person = home / "login.toml"
    seeded = subprocess.run(
        [*run, "mock", "seed", "-o", "json", "--query", "item.phone"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    person.write_text(f"phone = {seeded.stdout.strip()}\n", encoding="utf-8")
    code = f"{sys.executable} -m emkcli mock inbox --code"
    subprocess.run(
        [*run, "login", "--from", str(person), "--code-command", code], env=environment, check=True, capture_output=True
    )
    return environment


def main() -> None:
    emk = shutil.which("emk", path=str(Path(sys.executable).parent)) or "emk"
    compileall.compile_dir(str(Path(emkcli.__file__).parent), quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        smallest = Path(folder) / "smallest.py"
        smallest.write_text(SMALLEST, encoding="utf-8")
        environment = activated_home(Path(folder) / "home")
        commands = {
            "smallest Typer program": [sys.executable, str(smallest)],
            "emk --version": [emk, "--version"],
            "emk --help": [emk, "--help"],
            "emk completion bash": [emk, "completion", "bash"],
            "emk status -o json": [emk, "status", "-o", "json"],
            "python -c 'import keyring; keyring.get_keyring()'": [
                sys.executable,
                "-c",
                "import keyring; keyring.get_keyring()",
            ],
        }
        for peer in ("http", "gh"):
            if found := shutil.which(peer, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"):
                commands[f"{peer} --version"] = [found, "--version"]
        report(measure(commands, environment))


def measure(commands: dict[str, list[str]], environment: dict[str, str]) -> dict[str, list[float]]:
    for command in commands.values():
        cpu(command, environment)
    rounds = [{name: cpu(command, environment) for name, command in commands.items()} for _ in range(ROUNDS)]
    return {name: [one[name] for one in rounds] for name in commands}


def report(times: dict[str, list[float]]) -> None:
    floor = times["smallest Typer program"]
    print(f"{'CPU time, median of ' + str(ROUNDS):52} {'ms':>6}  {'ratio':>6}  limit")
    over = []
    for name, spent in times.items():
        ratio = statistics.median(one / base for one, base in zip(spent, floor, strict=True))
        limit = LIMITS.get(name)
        print(f"{name:52} {statistics.median(spent) * 1000:6.0f}  {ratio:6.2f}  {limit or ''}")
        if limit and ratio > limit:
            over.append(name)
    if over:
        raise SystemExit(f"over the limit: {', '.join(over)}")


if __name__ == "__main__":
    main()

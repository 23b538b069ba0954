"""Debian's cron with a crontab of its own: no D-Bus, no terminal, no environment but what the crontab says.

It runs in a mount namespace where its directories are replaced, so that the machine's own jobs neither run nor change.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk, login

EMK = f"{sys.executable} -m emkcli"
APART = """
set -eu
mount --bind "$1/crontabs" /var/spool/cron/crontabs
mount --bind "$1/empty" /etc/cron.d
mount --bind /dev/null /etc/crontab
mount --bind "$1/run" /run
exec cron -f
"""
STARTS_WITHIN = 100


@pytest.fixture
def cron(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Start it on a crontab."""
    for program in ("cron", "unshare"):
        assert shutil.which(program), f"install {program}: this check needs a real cron"
    assert os.geteuid() == 0, "run this check as root: cron reads its own directories only"
    running: list[subprocess.Popen[bytes]] = []

    def start(crontab: str) -> None:
        for name in ("crontabs", "empty", "run"):
            (tmp_path / name).mkdir()
        table = tmp_path / "crontabs" / "root"
        table.write_text(crontab, encoding="utf-8")
        table.chmod(0o600)
        running.append(subprocess.Popen(["unshare", "--mount", "bash", "-c", APART, "cron", str(tmp_path)]))

    yield start
    for process in running:
        process.terminate()
        process.wait(10)


def outcome(folder: Path, name: str) -> tuple[int, Any]:
    """The exit code of a job and the document it printed, on stdout or on stderr."""
    until = time.monotonic() + STARTS_WITHIN
    while not (folder / f"{name}.done").exists():
        assert time.monotonic() < until, f"cron did not run {name}"
        time.sleep(0.2)
    code = int((folder / f"{name}.done").read_text())
    return code, json.loads((folder / f"{name}.{'err' if code else 'out'}").read_text(encoding="utf-8"))


def test_cron_reads_the_card_with_a_passphrase_or_a_token_and_fails_closed_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, emk: Emk, cron: Callable[[str], None]
) -> None:
    home, secret, token = tmp_path / "emk", tmp_path / "secret", tmp_path / "ready"
    secret.touch(0o600)
    secret.write_text("верная лошадь\n", encoding="utf-8")
    phone = emk("mock", "seed", "--state", "activated", "--json").item["phone"]
    monkeypatch.setenv("EMK_STORAGE", "encrypted-file")
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(secret))
    assert login(emk, phone).code == 0
    token.write_text(emk("auth", "token", "--show").out)
    assert [file.suffix for file in sorted((home / "state" / "sessions").iterdir())] == [".lock", ".sealed"]

    def job(name: str, line: str, **environ: object) -> str:
        settings = " ".join(f"EMK_{key}={value}" for key, value in {"HOME": home, **environ}.items())
        told = f"cd {tmp_path}; {settings} {EMK} {line} -o json > {name}.out 2> {name}.err"
        return f"* * * * * {told}; echo $? > {name}; mv {name} {name}.done\n"

    real = {"BACKEND": "http", "URL": "https://example.org"}
    cron(
        job("passphrase", "card labs --limit 1", PASSPHRASE_FILE=secret)
        + job("token", "card labs --limit 1", TOKEN_FILE=token)
        + job("neither", f"login --token-stdin < {token}", **real)
        + job("status", "auth status", **real)
        + job("forgotten", "card labs --limit 1")
    )
    for name in ("passphrase", "token"):
        code, document = outcome(tmp_path, name)
        assert (code, document["kind"], len(document["items"])) == (0, "lab_result_list", 1)
    for name, hint in (("neither", "cron"), ("status", "cron"), ("forgotten", "EMK_PASSPHRASE_FILE")):
        code, document = outcome(tmp_path, name)
        assert (code, document["error"]["code"]) == (4, "no_secret_storage"), document
        assert hint in document["error"]["hint"]
    kept = token.read_bytes().strip()
    assert [file.name for file in home.rglob("*") if file.is_file() and kept in file.read_bytes()] == []

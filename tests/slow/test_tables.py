"""Others read what was exported: DuckDB and pandas the dataset, the stock age the encrypted file, Chromium the page."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pexpect
import pyarrow.dataset
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bench.card import peak, server
from emkcli.models import CATEGORIES

RESULTS = 20_000
EMK = [sys.executable, "-m", "emkcli"]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of somebody with twenty thousand results."""
    with server(RESULTS, tmp_path_factory.mktemp("card")) as environment:
        yield environment


def emk(environment: dict[str, str], *line: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*EMK, *line], env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def export(environment: dict[str, str], form: str, to: Path, *more: str) -> Any:
    done = emk(environment, "card", "export", "--format", form, "--to", str(to), "--json", *more)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)["item"]


def test_duckdb_and_pandas(card: dict[str, str], tmp_path: Path) -> None:
    counted = export(card, "parquet", tmp_path / "set")["records"]
    export(card, "sqlite", tmp_path / "card.db")
    assert counted["labs"] == RESULTS
    with closing(sqlite3.connect(tmp_path / "card.db")) as db, duckdb.connect() as duck:
        for category in CATEGORIES:
            count = counted.get(category, 0)
            files = f"read_parquet('{tmp_path}/set/category={category}/**/*.parquet', hive_partitioning = true)"
            assert duck.execute(f"SELECT count(*), count(DISTINCT id) FROM {files}").fetchone() == (count, count)
            frame = pandas.read_parquet(tmp_path / "set" / f"category={category}")
            assert len(frame) == count
            assert db.execute(f"SELECT count(*) FROM {category}").fetchone() == (count,)
        labs = f"read_parquet('{tmp_path}/set/category=labs/**/*.parquet', hive_partitioning = true)"
        asked = "SELECT analyte, count(*), round(sum(value_number), 3) FROM {} GROUP BY analyte ORDER BY analyte"
        by_duck = duck.execute(asked.format(labs)).fetchall()
        assert by_duck == db.execute(asked.format("labs")).fetchall()
        assert duck.execute(f"SELECT count(*) FROM {labs} WHERE year <> date_part('year', day)").fetchone() == (0,)
        kinds = {name: kind for name, kind, *_ in duck.execute(f"DESCRIBE SELECT * FROM {labs}").fetchall()}
    assert (kinds["value"], kinds["value_number"], kinds["out_of_range"]) == ("VARCHAR", "DOUBLE", "BOOLEAN")
    assert (kinds["day"], kinds["moment"], kinds["year"]) == ("DATE", "TIMESTAMP WITH TIME ZONE", "BIGINT")


def test_a_record_without_a_date_is_read_too(tmp_path: Path) -> None:
    script = """
import sys
from tests.exporters.running import export_card
from tests.exporters.test_sqlite_writer import ALL, Given, models
known = [models.LabResult(id="a", collected_at="2026-01-01"), models.LabResult(id="b"), models.LabResult(id="c", collected_at="?")]
export_card(Given(labs=known), ALL, "parquet", sys.argv[1], categories=["labs", "visits"])
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "set")], check=True)
    files = f"read_parquet('{tmp_path}/set/category=labs/**/*.parquet', hive_partitioning = true)"
    with duckdb.connect() as duck:
        assert duck.execute(f"SELECT id, year FROM {files} ORDER BY id").fetchall() == [
            ("a", 2026),
            ("b", None),
            ("c", None),
        ]
    hive = pyarrow.dataset.partitioning(flavor="hive")
    frame = pandas.read_parquet(tmp_path / "set" / "category=labs", partitioning=hive).sort_values("id")
    assert [None if pandas.isna(year) else int(year) for year in frame["year"]] == [2026, None, None]
    assert len(pandas.read_parquet(tmp_path / "set" / "category=labs", partitioning=None)) == 3
    assert len(pandas.read_parquet(tmp_path / "set" / "category=visits")) == 0, "an empty list has its columns"


def test_memory_stays_flat(card: dict[str, str], tmp_path: Path) -> None:
    line = ["card", "export", "--force", "--format"]
    memory = {
        form: peak([*line, form, "--to", str(tmp_path / form)], card)[1] for form in ("json", "sqlite", "parquet")
    }
    identity, recipient = keys(tmp_path)
    memory["tar"] = peak([*line, "csv", "--to", str(tmp_path / "x"), "--encrypt", recipient], card)[1]
    assert memory["sqlite"] < memory["json"] + 25, memory
    assert memory["parquet"] < memory["json"] + 150, memory  # pyarrow itself takes 100
    assert memory["tar"] < memory["json"] + 25, memory
    assert identity.exists()


def keys(directory: Path) -> tuple[Path, str]:
    """An identity file and its recipient, made by age-keygen."""
    assert shutil.which("age-keygen"), "install age: this check needs the stock program"
    identity = directory / "key.txt"
    made = subprocess.run(["age-keygen", "-o", str(identity)], capture_output=True, text=True, check=True)
    return identity, made.stderr.split()[-1]


def test_the_stock_age_opens_a_file(card: dict[str, str], tmp_path: Path) -> None:
    identity, recipient = keys(tmp_path)
    export(card, "json", tmp_path / "card.json.age", "--encrypt", recipient)
    subprocess.run(["age", "-d", "-i", identity, "-o", tmp_path / "card.json", tmp_path / "card.json.age"], check=True)
    assert len(json.loads((tmp_path / "card.json").read_bytes())["records"]["labs"]) == RESULTS


def test_the_stock_age_opens_a_directory_and_a_stream(card: dict[str, str], tmp_path: Path) -> None:
    identity, recipient = keys(tmp_path)
    (tmp_path / "recipients").write_text(f"# мне\n{recipient}\n", encoding="utf-8")
    export(card, "ndjson", tmp_path / "card.tar.age", "--encrypt", str(tmp_path / "recipients"))
    opened = subprocess.run(["age", "-d", "-i", identity, tmp_path / "card.tar.age"], capture_output=True, check=True)
    (tmp_path / "card.tar").write_bytes(opened.stdout)
    with tarfile.open(tmp_path / "card.tar") as archive:
        archive.extractall(tmp_path / "out", filter="data")
    with (tmp_path / "out" / "Observation.ndjson").open() as lines:
        assert sum(1 for _line in lines) >= RESULTS
    streamed = emk(card, "card", "export", "--format", "ndjson", "--to", "-", "--encrypt", recipient)
    opened = subprocess.run(["age", "-d", "-i", identity], input=streamed.stdout, capture_output=True, check=True)
    assert opened.stdout.count(b"\n") >= RESULTS


def test_the_stock_age_opens_a_passphrase(card: dict[str, str], tmp_path: Path) -> None:
    secret, target = tmp_path / "secret", tmp_path / "x.age"
    secret.write_text("верная лошадь\n", encoding="utf-8")
    secret.chmod(0o600)
    export(card | {"EMK_PASSPHRASE_FILE": str(secret)}, "csv", target, "--encrypt", "passphrase")
    asked = pexpect.spawn("age", ["-d", "-o", str(tmp_path / "x.tar"), str(target)], timeout=60, encoding="utf-8")
    asked.expect("passphrase")
    asked.sendline("верная лошадь")
    asked.expect(pexpect.EOF)
    asked.close()
    assert asked.exitstatus == 0
    with tarfile.open(tmp_path / "x.tar") as archive:
        assert {"labs.csv", "manifest.json"} <= set(archive.getnames())


def test_a_passphrase_is_typed_twice(card: dict[str, str], tmp_path: Path) -> None:
    line = ["-m", "emkcli", "card", "export", "--format", "ics", "--to", str(tmp_path / "x"), "--encrypt", "passphrase"]
    for second, code in (("другая", 2), ("верная лошадь", 0)):
        asked = pexpect.spawn(sys.executable, line, env=card, timeout=60, encoding="utf-8")
        asked.expect("Passphrase")
        asked.sendline("верная лошадь")
        asked.expect("again")
        asked.sendline(second)
        asked.expect(pexpect.EOF)
        asked.close()
        assert asked.exitstatus == code
        assert "лошадь" not in str(asked.before)
    assert (tmp_path / "x").read_bytes().startswith(b"age-encryption.org/v1\n-> scrypt ")


@pytest.mark.parametrize("form", ["sqlite", "parquet", "csv"])
def test_killed_in_the_middle(card: dict[str, str], tmp_path: Path, form: str) -> None:
    target = tmp_path / "place" / "out"
    line = [*EMK, "card", "export", "--format", form, "--to", str(target), "--json"]
    began = 0
    for pause in (1.0, 1.6, 2.4, 3.2):
        process = subprocess.Popen(line, env=card, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        began += target.parent.exists()
        assert not target.exists()
        assert not Path(f"{target}.manifest.json").exists()
    assert began, "it was always killed too early to prove anything"
    if not target.exists():
        export(card, form, target)
    assert target.exists()


def test_chromium_opens_the_page_and_asks_for_nothing_else(card: dict[str, str]) -> None:
    line = [*EMK, "card", "open", "--no-browser", "--lang", "ru"]
    with (
        subprocess.Popen(line, env=card, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process,
        sync_playwright() as browsers,
    ):
        assert process.stdout
        address = process.stdout.readline().decode().strip()
        browser = browsers.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        said, asked = _watched(page)
        answer = page.goto(address)
        assert answer
        assert answer.status == 200
        page.locator("#q").fill("глюкоза")
        expect(page.locator("#found")).to_contain_text("Найдено", timeout=20_000)
        browser.close()
        assert process.wait(10) == 0
    assert said == []
    assert asked == [address]


def _watched(page: Page) -> tuple[list[str], list[str]]:
    """What the console says, and every address that is asked for."""
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return said, asked


def test_the_system_browser_is_sent_there(card: dict[str, str], tmp_path: Path) -> None:
    """`webbrowser` starts what BROWSER names; a terminal is needed for that."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nexec curl --silent --output {tmp_path}/page.html "$1"\n')
    browser.chmod(0o700)
    line = ["-m", "emkcli", "card", "open"]
    shown = pexpect.spawn(sys.executable, line, env=card | {"BROWSER": str(browser)}, timeout=60, encoding="utf-8")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0
    assert "127.0.0.1" not in str(shown.before)
    assert (tmp_path / "page.html").read_bytes().rstrip().endswith(b"</html>")
    assert os.environ.get("BROWSER") is None

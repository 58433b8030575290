"""The page for those who hold data is true: its commands run as written, and say what it says."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.main import get_command

from app.cli import app
from app.settings import HOUSE
from tests.files import SVAR, answers, scored, write

pytestmark = pytest.mark.uncounted

PAGE = (HOUSE / "docs" / "offline.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A search path on which `svar` is that of this house."""
    script = tmp_path / "bin" / "svar"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nPYTHONPATH={HOUSE} exec {shlex.join(SVAR)} "$@"\n')
    script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def test_the_commands_run_as_written_and_say_what_the_page_says(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    said = ""
    compared = 0
    for kind, text in BLOCKS:
        if kind == "sh":
            ran = subprocess.run(
                ["sh", "-e", "-c", text],
                cwd=folder,
                env={"PATH": path},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=True,
            )
            said = re.sub(r"definition [0-9a-f]{64}", "definition …", ran.stdout.decode())
        if kind == "text":
            assert said == text
            compared += 1
    assert compared == 4


def test_the_python_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scored("rand-36", write(tmp_path / "a.csv", [answers()]), "-o", "scores.parquet")
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    found: dict[str, object] = {}
    exec(code.replace(".to_pandas()", ""), found)
    assert found["scores"] == pq.read_table("scores.parquet")
    assert isinstance(found["origin"], dict)
    assert found["origin"]["instrument"] == "rand-36"


def test_every_option_is_on_the_page() -> None:
    command = get_command(app).commands["score"]  # type: ignore[attr-defined]
    options = {name for option in command.params for name in option.opts if name.startswith("-")}
    assert {"--map", "-o", "--value-set"} <= options
    named = set(re.findall(r"`(--?[a-z-]+)", PAGE))
    assert options - {"--help"} <= named

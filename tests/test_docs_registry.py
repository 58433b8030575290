"""The registry's tutorial is true: followed word for word, it ends with what it says."""

import io
import os
import re
import shlex
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from typer.main import get_command

from app.cli import app
from app.pulling import stops
from app.settings import HOUSE
from tests.conftest import CLIENT_SECRET, Server
from tests.files import SVAR
from tests.walk import walk

pytestmark = pytest.mark.uncounted

PAGE = (HOUSE / "docs" / "registry.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHELL, PYTHON, TOLD = (
    [text for kind, text in BLOCKS if kind == wanted] for wanted in ("sh", "python", "text")
)
PARTED = "-- the next block --\n"
DEMO = "export SVAR=http://127.0.0.1:8000 CLIENT_ID=hips-demo CLIENT_SECRET=hips-demo-secret\n"


class Shell:
    """A shell that somebody types the page's blocks into, one after another."""

    def __init__(self, folder: Path) -> None:
        script = folder / "bin" / "svar"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nPYTHONPATH={HOUSE} exec {shlex.join(SVAR)} "$@"\n')
        script.chmod(0o755)
        self.process = subprocess.Popen(
            ["sh", "-e"],
            cwd=folder,
            env={"PATH": f"{script.parent}:{os.environ['PATH']}", "NO_PROXY": "*"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, text: str) -> str:
        """Run a block, and return what it says."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{text}\nprintf -- '{PARTED}'\n")
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            said += line
            if said.endswith(PARTED):
                return said.removesuffix(PARTED)
        raise AssertionError(said)

    def end(self) -> None:
        self.process.communicate("exit 0\n")


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    made = Shell(tmp_path)
    yield made
    made.end()


def be_the_patient(link: str, *codes: int) -> None:
    """Open a link, and give these answers."""
    answers = {f"q{number}": code for number, code in enumerate(codes, 1)}
    with httpx.Client() as browser:
        url, path = link.strip().split("/s/")
        browser.base_url = httpx.URL(url)
        assert walk(browser, f"/s/{path}", answers)


def test_the_tutorial_can_be_followed_word_for_word(
    server: Server, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, order, scores, pull = SHELL
    ours = {"SVAR": server.url, "CLIENT_ID": "hips-test", "CLIENT_SECRET": CLIENT_SECRET}
    assert token.startswith(DEMO)
    export = f"export {shlex.join(f'{name}={value}' for name, value in ours.items())}\n"
    assert shell.run(token.replace(DEMO, export)) == ""
    be_the_patient(shell.run(order), 5, 4, 3, 2, 1)
    assert shell.run(scores) == TOLD[1]

    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {}
    ordered, got, read, collapsed = PYTHON
    be_the_patient(printed(ordered, made), 5, 5, 5, 5, 5)
    assert printed(got, made) == TOLD[2]

    assert shell.run(pull) == TOLD[3]
    assert printed(read + collapsed, made) == ""
    made["svar"].close()
    frames = [made[name] for name in ("scores", "now", "ever", "last")]
    assert all(isinstance(one, pl.DataFrame) and one.equals(frames[0]) for one in frames)
    assert frames[0].height == 2


def printed(code: str, names: dict[str, Any]) -> str:
    """Run Python of the page, and return what it prints."""
    with redirect_stdout(io.StringIO()) as said:
        exec(code, names)
    return said.getvalue()


def test_every_command_that_is_shown_exists() -> None:
    create, cron = TOLD[0], TOLD[4]
    assert re.findall(r"svar (\w+)", create + cron) == ["client", "pull"]
    assert {word for word in cron.split() if word.startswith("-")} <= options()


def options() -> set[str]:
    command = get_command(app).commands["pull"]  # type: ignore[attr-defined]
    found = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return {name for name in found if name.startswith("-")} - {"--help"}


def test_every_option_and_every_exit_code_is_on_the_page() -> None:
    assert {"--url", "--no-latest", "-q"} <= options()
    assert options() == set(re.findall(r"`(--?[a-z-]+)`", PAGE))
    codes = {one.code for one in stops.Stopped.__subclasses__()}
    told = {int(one) for one in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert told == {0, 1, 2, 130} | codes

"""The page on scoring by the API is true: its commands run as written, and say what it says."""

import re
from pathlib import Path

from app.registry.wishes import Wish
from app.settings import HOUSE
from tests.conftest import Server
from tests.files import answers, from_csv, scored, write
from tests.handbook import Page

PAGE = (HOUSE / "docs" / "score.md").read_text(encoding="utf-8")
BLOCKS = Page(PAGE)


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    said = [re.sub(r"[0-9a-f]{64}", "…", one) for one in BLOCKS.said(server, tmp_path)]
    told = BLOCKS.of("text")
    assert len(told) == 5
    assert [one.rstrip("\n") for one in said] == [one.rstrip("\n") for one in told]


def test_the_python_runs_as_written(server: Server, tmp_path: Path) -> None:
    (code,) = BLOCKS.of("python")
    found: dict[str, object] = {}
    exec(code, found)
    given, made = write(tmp_path / "a.csv", [answers() | {"case": 1}]), tmp_path / "s.csv"
    scored("rand-36", given, "-o", made)
    token = server.hips.headers["Authorization"].removeprefix("Bearer ")
    score = found["score"]
    assert callable(score)
    got = score(server.url, token, "rand-36", given.read_bytes())
    assert got == made.read_bytes()
    assert len(from_csv(got.decode())) == 1


def test_every_option_is_on_the_page() -> None:
    assert len(Wish.model_fields) > 5
    assert [name for name in Wish.model_fields if f"`{name}=" not in PAGE] == []

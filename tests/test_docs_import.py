"""The page on importing is true: its commands run as written, and say what it says."""

from pathlib import Path
from typing import Any

from app.registry.imports import ResponseBody
from app.settings import HOUSE
from tests.conftest import Server
from tests.handbook import Page

PAGE = (HOUSE / "docs" / "import.md").read_text(encoding="utf-8")
BLOCKS = Page(PAGE)


def test_the_commands_and_the_python_run_as_written(server: Server, tmp_path: Path) -> None:
    assert len(BLOCKS.of("text")) == 2
    assert BLOCKS.said(server, tmp_path) == BLOCKS.of("text")
    (code,) = BLOCKS.of("python")
    found: dict[str, Any] = {}
    exec(code, found)
    token = server.hips.headers["Authorization"].removeprefix("Bearer ")
    rows = list(found["lines"](tmp_path / "paper.csv"))
    said = list(found["send"](server.url, token, rows, "?dry_run=true"))
    assert [one["status"] for one in said] == [200, 200, 422]
    assert [one["response"]["outcome"] for one in said[:2]] == ["unchanged", "valid"]
    assert said[1]["response"]["missing"] == {"ad": "skipped"}


def test_every_field_of_a_response_is_on_the_page() -> None:
    assert [name for name in ResponseBody.model_fields if f"`{name}`" not in PAGE] == []

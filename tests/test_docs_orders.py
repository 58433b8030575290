"""The page on orders is true: its commands run as written, and say what it says."""

from pathlib import Path
from typing import Any

from app.rates import COUNTED, LEFT_OUT, SPELLED_OUT
from app.registry.ledger import Asked
from app.registry.rates import Asked as AskedRate
from app.settings import HOUSE
from tests.conftest import Server
from tests.flow import answer_and_send
from tests.handbook import Page

PAGE = (HOUSE / "docs" / "orders.md").read_text(encoding="utf-8")
BLOCKS = Page(PAGE)


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    assert len(BLOCKS.of("text")) == 3
    assert BLOCKS.said(server, tmp_path) == BLOCKS.of("text")


def test_the_python_runs_as_written(server: Server) -> None:
    (code,) = BLOCKS.of("python")
    found: dict[str, Any] = {}
    exec(code, found)
    follow = found["follow"]
    token = server.hips.headers["Authorization"].removeprefix("Bearer ")
    known: dict[str, dict[str, Any]] = {}
    first, second = (server.hips.order()["id"] for _ in range(2))
    after = follow(server.url, token, known)
    assert {one: known[one]["status"] for one in known} == {first: "open", second: "open"}
    answer_and_send(server.app.state.database, first)
    assert follow(server.url, token, known, after) > after
    assert {one: known[one]["status"] for one in known} == {first: "completed", second: "open"}


def test_every_filter_and_every_part_of_the_denominator_is_on_the_page() -> None:
    named = {*Asked.model_fields, *AskedRate.model_fields, *LEFT_OUT, *COUNTED} - {"by", "period"}
    assert len(named) > 12
    assert [name for name in sorted(named) if f"`{name}" not in PAGE] == []
    assert SPELLED_OUT in " ".join(PAGE.split())

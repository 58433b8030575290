"""The page on results is true: its commands run as written, and say what it says."""

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from app.registry.formats import BY_NAME, Asked
from app.settings import HOUSE
from tests.conftest import Server
from tests.flow import answer_and_send
from tests.handbook import Page

PAGE = (HOUSE / "docs" / "results.md").read_text(encoding="utf-8")
TABLES = PAGE.partition("## As a table")[2].partition("## Checking a hash")[0]
BLOCKS = Page(TABLES)


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    order, _ = server.place_order(["rand-36"])
    answer_and_send(server.app.state.database, order)
    assert len(BLOCKS.of("text")) == 2
    assert BLOCKS.said(server, tmp_path) == BLOCKS.of("text")
    assert parquet.read_table(tmp_path / "rand-36.parquet").num_rows == 1
    assert {path.suffix for path in tmp_path.glob("rand-36.*")} == (
        {".csv", ".parquet", ".arrow", ".sav", ".dta"}
    )


def test_the_python_runs_as_written(server: Server) -> None:
    order, _ = server.place_order(["rand-36"])
    answer_and_send(server.app.state.database, order)
    (code,) = BLOCKS.of("python")
    found: dict[str, object] = {}
    exec(code, found)
    table = found["table"]
    assert callable(table)
    token = server.hips.headers["Authorization"].removeprefix("Bearer ")
    got: pa.Table = table(server.url, token, "rand-36")
    assert got.column("order").to_pylist() == [str(order)]


def test_every_parameter_and_format_is_on_the_page() -> None:
    assert len(Asked.model_fields) > 10
    assert [name for name in Asked.model_fields if f"`{name}=" not in PAGE] == []
    assert [one for one in (*BY_NAME, *BY_NAME.values()) if f"`{one}`" not in PAGE] == []

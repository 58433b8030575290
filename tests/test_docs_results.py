"""The page on results is true: its commands run as written, and say what it says."""

import re
import subprocess
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from app.registry.formats import BY_NAME, Asked
from app.settings import HOUSE
from tests.conftest import Server
from tests.flow import answer_and_send
from tests.test_docs_score import ours

PAGE = (HOUSE / "docs" / "results.md").read_text(encoding="utf-8")
TABLES = PAGE.partition("## As a table")[2].partition("## Checking a hash")[0]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", TABLES, re.MULTILINE | re.DOTALL)


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    order, _ = server.place_order(["rand-36"])
    answer_and_send(server.app.state.database, order)
    script = "".join(text for kind, text in BLOCKS if kind == "sh")
    ran = subprocess.run(
        ["sh", "-e", "-c", ours(script, server)], cwd=tmp_path, capture_output=True, check=True
    )
    told = [text for kind, text in BLOCKS if kind == "text"]
    assert len(told) == 2
    assert ran.stdout.decode() == "".join(told)
    assert parquet.read_table(tmp_path / "rand-36.parquet").num_rows == 1
    assert {path.suffix for path in tmp_path.glob("rand-36.*")} == (
        {".csv", ".parquet", ".arrow", ".sav", ".dta"}
    )


def test_the_python_runs_as_written(server: Server) -> None:
    order, _ = server.place_order(["rand-36"])
    answer_and_send(server.app.state.database, order)
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
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

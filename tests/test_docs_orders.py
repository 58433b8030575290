"""The page on orders is true: its commands run as written, and say what it says."""

import re
import subprocess
from pathlib import Path
from typing import Any

from app.rates import COUNTED, LEFT_OUT, SPELLED_OUT
from app.registry.ledger import Asked
from app.registry.rates import Asked as AskedRate
from app.settings import HOUSE
from tests.conftest import Server
from tests.flow import answer_and_send
from tests.test_docs_score import PARTED, ours

PAGE = (HOUSE / "docs" / "orders.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    script = "".join(
        text if kind == "sh" else f"printf -- '{PARTED}'\n"
        for kind, text in BLOCKS
        if kind in ("sh", "text")
    )
    ran = subprocess.run(
        ["sh", "-e", "-c", ours(script, server)], cwd=tmp_path, capture_output=True, check=True
    )
    told = [text for kind, text in BLOCKS if kind == "text"]
    assert len(told) == 3
    assert ran.stdout.decode().split(PARTED)[:-1] == told


def test_the_python_runs_as_written(server: Server) -> None:
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
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

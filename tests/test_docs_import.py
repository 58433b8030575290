"""The page on importing is true: its commands run as written, and say what it says."""

import re
import subprocess
from pathlib import Path
from typing import Any

from app.registry.imports import ResponseBody
from app.settings import HOUSE
from tests.conftest import Server
from tests.test_docs_score import PARTED, ours

PAGE = (HOUSE / "docs" / "import.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_and_the_python_run_as_written(server: Server, tmp_path: Path) -> None:
    script = "".join(
        text if kind == "sh" else f"printf -- '{PARTED}'\n"
        for kind, text in BLOCKS
        if kind in ("sh", "text")
    )
    ran = subprocess.run(
        ["sh", "-e", "-c", ours(script, server)], cwd=tmp_path, capture_output=True, check=True
    )
    told = [text for kind, text in BLOCKS if kind == "text"]
    assert len(told) == 2
    assert ran.stdout.decode().split(PARTED)[:-1] == told
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
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

"""The page on a library in git is true: a pipeline that does as it says ends as it says."""

import json
import os
import re
import subprocess
from pathlib import Path

from typer.main import get_command

from app.cli import app
from app.settings import HOUSE
from tests.conftest import Server
from tests.drafted import small
from tests.handbook import PARTED, Page
from tests.staffed import bearer
from tests.test_doors import SCRIPTS

PAGE = (HOUSE / "docs" / "instruments.md").read_text(encoding="utf-8")


def test_the_pipeline_runs_as_written_and_says_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "library" / "sleep" / "1.0.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(small(id="sleep")), encoding="utf-8")
    state = server.app.state
    people = {"CENTRE_TOKEN": "author", "REVIEWER_TOKEN": "reviewer"}
    known = {
        name: bearer(state.database, state.settings, role)["Authorization"].split()[1]
        for name, role in people.items()
    }
    page = Page(PAGE.split("## In a pipeline")[1])
    script = "".join(
        text if kind == "sh" else f"printf -- '{PARTED}'\n"
        for kind, text in page.blocks
        if kind == "text" or "$SVAR" in text
    ).replace("http://127.0.0.1:8000", server.url)
    ran = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        env=os.environ | known,
    )
    said = [one.strip() for one in ran.stdout.decode().split(PARTED)[:-1]]
    assert said == [one.strip() for one in page.of("text")]
    assert len(said) == 2
    assert (tmp_path / "draft.json").exists()


def test_every_route_and_every_command_of_a_draft_is_on_the_page() -> None:
    verbs = {route.rpartition("/")[2] for route in SCRIPTS}
    assert len(verbs) > 6
    assert [verb for verb in verbs if not re.search(rf"\b{verb}\b`", PAGE)] == []
    found = get_command(app).commands["instruments"].commands  # type: ignore[attr-defined]
    named = {one for one in found if re.search(rf"\b{one}\b", PAGE)}
    assert set(found) == named

"""`svar instruments propose` … `withdraw`, and `svar staff token`, at the command line."""

import json
import re
from pathlib import Path

import pytest

from app import drafts, tokens
from app.db import Database
from app.settings import Settings
from scoring import Problem
from tests.conftest import SECRET_KEY, Party
from tests.drafted import NAME, begun, brought, published, small
from tests.flow import answer_and_send, nothing_stored
from tests.staffed import somebody
from tests.test_cli import fails, svar, works


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


@pytest.fixture
def people(database: Database) -> None:
    somebody(database, "author")
    somebody(database, "reviewer")


AUTHOR = ("--as", "author@example.org")
REVIEWER = ("--as", "reviewer@example.org")


OPEN = "mean-all/1.0: 1 to mend or decide"


def written(folder: Path, **more: object) -> list[Path]:
    """Write a small instrument with its wording; return the files."""
    binder, paths = brought(**more).binder, []  # type: ignore[arg-type]
    for number, one in enumerate((binder.definition, *binder.wordings)):
        paths.append(folder / f"{number}.json")
        paths[-1].write_text(json.dumps(one), encoding="utf-8")
    return paths


@pytest.mark.usefixtures("people")
def test_a_folder_in_git_is_proposed_reviewed_published_and_withdrawn(
    tmp_path: Path, hips: Party, database: Database
) -> None:
    with database.write() as session:
        published(session)
    answer_and_send(database, hips.order(instruments=["mean-all"], language="nb")["id"])
    hips.order(instruments=["mean-all"], language="nb")
    scores = [small()["scores"][0] | {"name": "Named anew"}]
    files = written(tmp_path, version="1.1", scores=scores)
    name = "mean-all/1.1"
    assert f"{name}: 0 to mend" in works("instruments", "propose", *files, *AUTHOR)
    assert "already" in fails("instruments", "propose", *files, *AUTHOR)
    works("instruments", "propose", *files, "--replace", *AUTHOR)
    works("instruments", "hand-in", name, *AUTHOR)
    told = works("instruments", "drafts")
    assert f"{name}: in review (revision 2); cli:author@example.org" in told
    assert f"{name} is taken back" in works("instruments", "take-back", name, *AUTHOR)
    works("instruments", "hand-in", name, *AUTHOR)
    works("instruments", "give-back", name, "--remark", "Name it better", *REVIEWER)
    digest = re.findall(r"[0-9a-f]{64}", works("instruments", "hand-in", name, *AUTHOR))[0]
    assert "two people" in fails("instruments", "publish", name, "--sha256", digest)
    said = works("instruments", "publish", name, "--sha256", digest, *REVIEWER)
    assert "1 responses could be scored again: svar rescore --instrument mean-all --to 1.1" in said
    assert "1 open orders" in works("instruments", "withdraw", "mean-all/1.0", *REVIEWER)
    works("instruments", "propose", *written(tmp_path, version="2.0"))
    works("instruments", "discard", "mean-all/2.0")
    assert works("instruments", "drafts") == ""


def test_one_person_is_enough_where_the_setting_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVAR_TWO_PEOPLE", "false")
    works("instruments", "propose", *written(tmp_path))
    digest = re.findall(r"[0-9a-f]{64}", works("instruments", "hand-in", "mean-all/1.0"))[0]
    said = works("instruments", "publish", "mean-all/1.0", "--sha256", digest)
    assert "rescore" not in said


def test_what_is_wrong_is_kept_and_told_with_exit_code_3(
    tmp_path: Path, database: Database
) -> None:
    result = svar("instruments", "propose", *written(tmp_path, name=""))
    assert (result.exit_code, result.stdout) == (3, f"{OPEN} (revision 1)\n")
    assert "definition: name" in result.stderr
    assert "definition: name" in fails("instruments", "hand-in", "mean-all/1.0")
    with database.read() as session:
        assert drafts.get(session, *NAME).editors == ["cli"]


@pytest.mark.usefixtures("people")
def test_what_cannot_be_done_is_told_and_nothing_is_kept(
    tmp_path: Path, database: Database
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    with nothing_stored(database):
        assert "broken.json: document" in fails("instruments", "propose", broken)
        assert "no.json: No such file" in fails("instruments", "propose", tmp_path / "no.json")
        files = written(tmp_path)
        assert "does not have the role author" in fails("instruments", "propose", *files, *REVIEWER)
        assert "nobody" in fails("instruments", "propose", *files, "--as", "x@example.org")
        assert "There is no draft of who-5" in fails("instruments", "hand-in", "who-5")


@pytest.mark.usefixtures("people")
def test_what_a_file_left_open_is_decided_one_by_one_by_the_revision_that_was_seen(
    database: Database,
) -> None:
    left = [Problem(f"items.{item}", "say whether it is reversed") for item in ("q1", "q2")]
    with database.write() as session:
        begun(session, *left)
    decide = ("instruments", "decide", "mean-all/1.0", "--revision", "1")
    with nothing_stored(database):
        assert "no decision 3" in fails(*decide, 3, *AUTHOR)
        assert "does not have the role author" in fails(*decide, 1, *REVIEWER)
        assert "not in review" in fails("instruments", "take-back", "mean-all/1.0", *AUTHOR)
    result = svar(*decide, 1, *AUTHOR)
    assert (result.exit_code, result.stdout) == (0, f"{OPEN} (revision 2)\n")
    assert result.stderr == "decisions.1: items.q2: say whether it is reversed\n"
    assert "Look at it anew" in fails(*decide, 1, *AUTHOR)
    assert "0 to mend" in works(*decide[:-1], 2, 1)
    with database.read() as session:
        assert drafts.get(session, *NAME).editors[1:] == ["cli:author@example.org", "cli"]


@pytest.mark.usefixtures("people")
def test_a_token_is_printed_once(database: Database, settings: Settings) -> None:
    text = works("staff", "token", "author@example.org", "--name", "git").strip()
    with database.read() as session:
        assert tokens.by_token(session, settings, text).email == "author@example.org"
    assert "already" in fails("staff", "token", "author@example.org", "--name", "git")


def test_migrating_tells_which_files_the_centres_own_go_before(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        published(session)
    folder = tmp_path / "mean-all"
    folder.mkdir()
    (folder / "1.0.json").write_text(json.dumps(small(name="Another")), encoding="utf-8")
    monkeypatch.setenv("SVAR_INSTRUMENTS", str(tmp_path))
    result = svar("migrate")
    assert result.exit_code == 0
    assert "Left out, as the PRO centre has published its own" in result.stderr

"""`svar order code`: a code for the clinic's tablet, at the command line."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.codes import drawn
from app.db import Database
from tests.conftest import HERE, SECRET_KEY, Party
from tests.flow import nothing_stored
from tests.tablet import types
from tests.test_cli import fails, works


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


def test_a_code_is_printed_that_works(hips: Party, client: TestClient) -> None:
    said = works("order", "code", hips.order()["id"], "--registry", "hips")
    found = re.fullmatch(
        r"code: (\w{4}-\w{4})\nworks until: \d{4}-\d\d-\d\d \d\d:\d\d\nurl: (\S+)\n", said
    )
    assert found is not None, said
    assert found[2] == f"{HERE}/enter?code={found[1]}"
    assert types(client, found[1]).status_code == 303


def test_its_picture_is_written(hips: Party, tmp_path: Path) -> None:
    path = tmp_path / "code.svg"
    said = works("order", "code", hips.order()["id"], "--registry", "hips", "-o", path)
    assert path.read_text("utf-8") == drawn(said.split("url: ")[1].strip())


def test_a_picture_that_cannot_be_written_makes_no_code(
    hips: Party, tmp_path: Path, database: Database
) -> None:
    order, path = hips.order()["id"], tmp_path / "nowhere" / "code.svg"
    with nothing_stored(database):
        assert "cannot be written" in fails(
            "order", "code", order, "--registry", "hips", "-o", path
        )


def test_another_registrys_order_is_not_there(hips: Party, database: Database) -> None:
    order, unknown = hips.order()["id"], uuid4()
    with nothing_stored(database):
        said = fails("order", "code", order, "--registry", "knees")
        assert said == f"There is no order {order}.\n"
        assert fails("order", "code", unknown, "--registry", "hips").endswith(f"{unknown}.\n")


def test_what_is_no_id_is_refused() -> None:
    assert "order_id" in fails("order", "code", "x", "--registry", "hips")

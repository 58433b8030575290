"""/centre/agreements and `svar agreement`: who may see them, add them, and end them."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app import agreements
from app.db import Database
from app.settings import Settings
from tests.conftest import SECRET_KEY, Party
from tests.flow import nothing_stored, refusal
from tests.licensed import EQ, PDF, agree, ended_before, in_days, make_official
from tests.staffed import come_as
from tests.test_cli import fails, works

ALL = "/centre/agreements"


@pytest.fixture
def csrf(client: TestClient, database: Database, settings: Settings) -> dict[str, Any]:
    """An administrator is in; the hidden field of their forms."""
    return {"csrf": come_as(client, database, settings, "administrator")}


def row(**more: Any) -> dict[str, Any]:
    days = {"valid_from": in_days(0), "valid_to": in_days(100)}
    whose = {"instrument": EQ, "holder": "EuroQol", "reference": "no. <17>"}
    return whose | days | {"registry": ["hips", "knees"]} | more


def sent(name: str, content: bytes) -> dict[str, Any]:
    return {"file": (name, content, "text/html")}


def test_an_administrator_adds_an_agreement_with_its_file_and_everyone_reads_it(
    client: TestClient, csrf: dict[str, Any], database: Database, settings: Settings
) -> None:
    answer = client.post(ALL, data=csrf | row(), files=sent('a"\r\n.html', PDF.content))
    assert (answer.status_code, answer.headers["location"]) == (303, ALL)
    come_as(client, database, settings, "reader")
    page = client.get(ALL).text
    assert "no. &lt;17&gt;, EuroQol" in page
    assert "hips, knees" in page
    assert "/centre/agreements/end" not in page
    (path,) = re.findall(r'href="(/centre/agreements/[\w-]+/file)"', page)
    file = client.get(path)
    assert file.content == PDF.content
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert file.headers["content-disposition"].endswith(".pdf")
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("with_file", [True, False])
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(
    client: TestClient, csrf: dict[str, Any], database: Database, *, with_file: bool
) -> None:
    wrong = csrf | row(valid_to="2000-01-01", registry=["knees"])
    with nothing_stored(database):
        files = sent("a.pdf", b"\0") if with_file else {}
        page = client.post(ALL, data=wrong, files=files)
    assert page.status_code == 422
    named = re.findall(r'<li><a href="#(\w+)">', page.text)
    assert named == (["valid_to", "file"] if with_file else ["valid_to"])
    assert "som ikke er før den første" in page.text
    assert all(f'id="{name}"' in page.text for name in named)
    assert 'value="no. &lt;17&gt;"' in page.text
    assert 'value="knees" checked' in page.text
    assert 'value="hips" checked' not in page.text


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("file", ("a", b"%PDF-")), ("other", ("b", b"%PDF-"))], 400),
        ([("file", ("a", b"%PDF-" + b" " * 6_500_000))], 413),
    ],
)
def test_a_form_that_no_page_sends_is_refused(
    client: TestClient, csrf: dict[str, Any], database: Database, files: Any, status: int
) -> None:
    with nothing_stored(database):
        assert client.post(ALL, data=csrf, files=files).status_code == status


def test_an_empty_form_is_told_of_every_field(client: TestClient, csrf: dict[str, Any]) -> None:
    page = client.post(ALL, data=csrf)
    named = re.findall(r'<li><a href="#(\w+)">', page.text)
    assert named == ["instrument", "holder", "reference", "valid_from", "valid_to", "registry"]


def test_a_form_in_which_no_file_was_chosen_is_as_good(
    client: TestClient, csrf: dict[str, Any], database: Database
) -> None:
    fields = [*(csrf | row(registry="hips")).items(), ("file", "")]
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [
        f"{head.format(name)}{'; filename=' + chr(34) * 2 if name == 'file' else ''}\r\n\r\n{text}"
        for name, text in fields
    ]
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert client.post(ALL, content=body, headers=headers).status_code == 303
    with database.read() as session:
        assert [one.file for one in agreements.entries(session)] == [None]


def test_a_file_does_not_spare_a_form_its_hidden_field(
    client: TestClient, csrf: dict[str, Any], database: Database
) -> None:
    with nothing_stored(database):
        forged = client.post(ALL, data=row(csrf="x"), files=sent("a.pdf", PDF.content))
    assert forged.status_code == 403


def test_an_agreement_is_ended_once_and_stays_in_the_list(
    client: TestClient, csrf: dict[str, Any], database: Database
) -> None:
    agreed = agree(database)
    agree(database, first=1)
    agree(database, last=-1)
    assert "/end" in client.get(ALL).text
    one = csrf | {"agreement": str(agreed.id)}
    assert client.post(f"{ALL}/end", data=one).status_code == 303
    page = client.get(ALL).text
    assert "av staff:administrator@example.org" in page
    assert "Har løpt ut" in page
    assert "Ikke gyldig ennå" in page
    assert str(agreed.id) not in page
    for unknown in ("nonsense", str(uuid4())):
        assert client.post(f"{ALL}/end", data=csrf | {"agreement": unknown}).status_code == 404
    trail = client.get("/centre/audit?what=agreement.ended").text
    assert f"{EQ}/{agreed.id}" in trail


def test_the_instruments_page_has_its_agreements_and_leads_to_a_new_one(
    client: TestClient, csrf: dict[str, Any], database: Database
) -> None:
    assert csrf
    agree(database, file=PDF)
    page = client.get(f"/centre/instruments/{EQ}").text
    assert "no. 17, Made-up Holder" in page
    assert "avtale.pdf" in page
    assert f'href="{ALL}?instrument={EQ}#instrument"' in page
    form = client.get(f"{ALL}?instrument={EQ}").text
    assert f'value="{EQ}" selected' in form
    assert 'value="EuroQol Research Foundation"' in form
    assert 'id="licence"' not in client.get("/centre/instruments/rand-36").text


def test_the_library_reminds_of_what_runs_out_and_of_what_has(
    client: TestClient, csrf: dict[str, Any], hips: Party, database: Database
) -> None:
    assert csrf
    pages = ["/centre/", f"/centre/instruments/{EQ}", ALL]
    assert not [path for path in pages if "Lisenser" in client.get(path).text]
    make_official(database)
    agreed = agree(database, last=30)
    hips.order(instruments=[EQ])
    soon = [path for path in pages if "avtalen løper ut" in client.get(path).text]
    ended_before(database, agreed, 3)
    over = [path for path in pages if "Én bestilling er fortsatt åpen" in client.get(path).text]
    assert soon == over == pages
    assert "Lisenser" not in client.get("/centre/instruments/odi").text


def test_no_registry_sees_them(client: TestClient, hips: Party, database: Database) -> None:
    agreed = agree(database, file=PDF)
    for path in (ALL, f"{ALL}/{agreed.id}/file"):
        assert hips.get(path).status_code == 401
    assert "no. 17" not in hips.get(f"/api/v1/instruments/{EQ}/1.0").text


def test_registries_are_told_where_the_centre_is(
    app: FastAPI, hips: Party, settings: Settings
) -> None:
    app.state.settings = settings.model_copy(update={"centre_contact": "pro@example.org"})
    for licensed_or_not in (EQ, "koos"):
        body = hips.order_body(instruments=[licensed_or_not])
        answer = hips.post("/api/v1/orders", json=body)
        assert refusal(answer, 422) == ["instruments.0"]
        assert "the PRO centre (pro@example.org) to" in answer.json()["detail"]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SVAR_DATABASE_URL", database_url)
    monkeypatch.setenv("SVAR_SECRET_KEY", SECRET_KEY)


@pytest.mark.usefixtures("environment")
def test_a_script_adds_lists_and_ends_them(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "avtale.pdf"
    file.write_bytes(PDF.content)
    days = ("--valid-from", "2026-01-01", "--valid-to", "2099-12-31")
    whose = (EQ, "--holder", "EuroQol", "--reference", "no. 17")
    for_ = ("--registry", "hips", "--registry", "knees")
    known = works("agreement", "add", *whose, *days, *for_, "--file", file).strip()
    works("agreement", "add", *whose, *days, *for_)
    told = works("agreement", "list", "--instrument", EQ).splitlines()
    assert len(told) == 2
    assert f"{known} {EQ}: no. 17, EuroQol; 2026-01-01 to 2099-12-31; hips, knees" in told
    assert works("agreement", "list", "--instrument", "odi") == ""
    assert "Ended no. 17" in works("agreement", "end", known)
    assert "; ended 20" in works("agreement", "list").splitlines()[-1]
    with database.read() as session:
        found = agreements.entries(session)[-1]
    assert (str(found.agreement.id), found.file) == (known, "avtale.pdf")
    assert "There is no agreement" in fails("agreement", "end", uuid4())
    assert "valid_to" in fails("agreement", "add", *whose, *days[:2], *days[2:3], "x", *for_)
    gone = ("--file", tmp_path / "none.pdf")
    assert "No such file" in fails("agreement", "add", *whose, *days, *for_, *gone)

"""`svar pull`: a folder of what the API answers, and words for all that hinders it."""

import fcntl
import io
import json
import socket
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc.jwk import ECKey, RSAKey
from pyarrow import parquet
from rich.console import Console
from starlette.testclient import TestClient
from typer.testing import Result

from app.cli import pulling
from app.db import Database
from app.pulling import asking
from tests.conftest import CLIENT_SECRET, HERE, Party
from tests.files import svar
from tests.flow import answer_and_send
from tests.keys import register
from tests.pulled import files_in, parts_of, state_of, through
from tests.test_runs import publish, rescore, rescored

ME = ("--url", HERE, "--client-id", "hips-test", "--instrument", "rand-12")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what does not depend on the service's database."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", CLIENT_SECRET)


@pytest.fixture
def reached(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service of this test stands at HERE."""
    here = partial(asking.Service, transport=through(client), sleep=lambda _: None)
    monkeypatch.setattr(asking, "Service", here)


def run(folder: Path, *words: object, me: tuple[str, ...] = ME, code: int = 0) -> Result:
    result = svar("pull", folder, *me, *words)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def said(folder: Path, *words: object, **more: Any) -> str:
    """Return what a pull says, on one line."""
    return " ".join(run(folder, *words, **more).stderr.split())


def sent(party: Party, database: Database, *instruments: str, **more: Any) -> None:
    order = party.order(instruments=[*instruments], external_id=more.pop("external_id", None))
    answer_and_send(database, order["id"], registry=party.registry, **more)


def answered(party: Party, form: str, path: str = "", **asked: object) -> bytes:
    """Return what the API answers."""
    answer = party.get(f"/api/v1/results{path}", params={"format": form} | asked)
    assert answer.status_code == 200, answer.text
    content: bytes = answer.content
    return content


@pytest.mark.usefixtures("reached")
def test_a_pulled_file_is_what_the_api_answers(
    hips: Party, knees: Party, database: Database, tmp_path: Path
) -> None:
    for skipped, id_ in (("rand_1", None), ("rand_2b", "=1+1"), ("q5", 'a, "b"')):
        sent(hips, database, "rand-12", "rand-36", skip=[skipped], external_id=id_)
    sent(knees, database, "rand-12")
    assert said(tmp_path / "csv", "--format", "csv", "--rows", 2, "--instrument", "rand-36") == (
        "Up to date: 6 new in 4 files (rand-12/1.0 3, rand-36/1.0 3)."
    )
    run(tmp_path / "parquet", "--instrument", "rand-36")
    for table in ("rand-12/1.0", "rand-36/1.0"):
        instrument, _, version = table.partition("/")
        asked = {"instrument": instrument, "version": version}
        one, two = (file.read_bytes() for file in parts_of(tmp_path / "csv", table))
        assert one == answered(hips, "csv", limit=2, **asked)
        whole = answered(hips, "csv", **asked)
        assert one + two.partition(b"\n")[2] == whole
        (part,) = parts_of(tmp_path / "parquet", table)
        api = parquet.read_table(io.BytesIO(answered(hips, "parquet", **asked)))
        assert parquet.read_table(part, partitioning=None).equals(api, check_metadata=True)
        assert (tmp_path / "csv" / table / "latest.csv").read_bytes() == whole
        assert [file for file in files_in(tmp_path / "csv" / table) if "part" in file] == [
            "part-000001.csv",
            "part-000002.csv",
        ]
    assert len(state_of(tmp_path / "parquet")["tables"]) == 2


@pytest.mark.usefixtures("reached")
def test_a_result_that_is_scored_again_is_a_later_row_and_the_newest(
    hips: Party, database: Database, tmp_path: Path
) -> None:
    sent(hips, database, "rand-12", skip=["rand_2b"])
    sent(hips, database, "rand-12")
    run(tmp_path)
    publish(database, rescored())
    assert said(tmp_path) == "Up to date: nothing new."
    rescore(database)
    assert said(tmp_path) == "Up to date: 2 new in 1 file (rand-12/1.1 2)."
    older, newer = (parts_of(tmp_path, f"rand-12/{one}")[0] for one in ("1.0", "1.1"))
    names = ["response_id", "physical_functioning"]
    before, after = (parquet.read_table(one, partitioning=None) for one in (older, newer))
    assert before.column(names[0]) == after.column(names[0])
    assert before.column(names[1]).to_pylist() == [0.0, 0.0]
    assert after.column(names[1]).to_pylist() == [None, 0.0]
    for version, newest in (("1.0", before.slice(0, 0)), ("1.1", after)):
        latest = tmp_path / "rand-12" / version / "latest.parquet"
        assert parquet.read_table(latest, partitioning=None).equals(newest)


def pem(key: Any, *, password: bytes | None = None) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    text: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
    return text


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_a_key_is_as_good_as_a_secret(
    hips: Party, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLIENT_SECRET")
    sent(hips, database, "rand-12")
    keys: dict[str, tuple[Any, Any]] = {
        "p256": (ec.generate_private_key(ec.SECP256R1()), ECKey),
        "p384": (ec.generate_private_key(ec.SECP384R1()), ECKey),
        "rsa": (rsa.generate_private_key(65537, 2048), RSAKey),
    }
    for name, (key, kind) in keys.items():
        file = tmp_path / f"{name}.pem"
        file.write_bytes(pem(key))
        words = said(tmp_path / name, "--key-file", file, code=4)
        assert "client_assertion" in words
        half = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        public = kind.import_key(half).as_dict(private=False)
        register(database, json.dumps(public))
        assert "1 new in 1 file" in said(tmp_path / name, "--key-file", file)


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLIENT_SECRET")
    file = tmp_path / "secret"
    file.write_text(f"{CLIENT_SECRET}\n")
    assert run(tmp_path / "to", "--secret-file", file, "--quiet").stderr == ""
    file.write_text("another")
    words = said(tmp_path / "to", "--secret-file", file, code=4)
    assert "401" in words
    assert "another" not in words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--url", "http://svar.example.org"), "must begin with https://"),
        (("--url", "http://10.0.0.1"), "must begin with https://"),
        (("--url", "svar.example.org"), "give the service's address"),
        (("--url", "https://svar.example.org/api"), "give the service's address"),
        (("--secret-file", "a", "--key-file", "b"), "not both"),
        (("--secret-file", "none"), "none cannot be read"),
        (("--key-file", "none"), "none cannot be read"),
        (("--rows", "0"), "greater than or equal to 1"),
    ],
)
def test_a_wrong_option_is_told(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    result = run(tmp_path, *words, code=2)
    assert told in " ".join(result.stderr.replace("│", " ").split())


def test_without_a_secret_there_is_no_pull(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET", " ")
    assert "Set CLIENT_SECRET" in run(tmp_path, code=2).stderr
    assert files_in(tmp_path) == []


def test_what_is_no_key_that_can_be_used_is_told(tmp_path: Path) -> None:
    curve = ec.generate_private_key(ec.SECP256K1())
    for content, told in (
        (b"no key", "is not a private key in PEM"),
        (pem(curve, password=b"x"), "is protected by a password"),
        (pem(curve), "is a key of another kind"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "is a key of another kind"),
    ):
        (tmp_path / "k").write_bytes(content)
        result = run(tmp_path, "--key-file", tmp_path / "k", code=2)
        assert told in " ".join(result.stderr.replace("│", " ").split())


def test_a_service_that_is_away_is_told_with_a_code_of_its_own(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://localhost:{free.getsockname()[1]}"
        words = said(tmp_path, "--url", url, "--tries", 1, code=3)
    assert words.startswith("localhost cannot be reached (")


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_two_pulls_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with (tmp_path / "svar-pull.lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert said(tmp_path, code=6) == f"Another pull is at work in {tmp_path}."
    run(tmp_path)


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_a_folder_that_is_not_as_it_was_left_is_told(
    hips: Party, database: Database, tmp_path: Path
) -> None:
    sent(hips, database, "rand-12")
    run(tmp_path)
    (part,) = parts_of(tmp_path, "rand-12/1.0")
    content, state = part.read_bytes(), (tmp_path / "svar-pull.json").read_bytes()
    part.write_bytes(content[:-1] + b"x")
    run(tmp_path)
    assert f"{part} is missing or not as it was" in said(tmp_path, "--check", code=5)
    part.write_bytes(content[:-1])
    assert f"{part} is missing or not as it was" in said(tmp_path, code=5)
    part.unlink()
    assert f"{part} is missing or not as it was" in said(tmp_path, code=5)
    part.write_bytes(content)
    assert "holds results of format parquet, not csv" in said(tmp_path, "--format", "csv", code=5)
    other = ("--url", HERE, "--client-id", "knees-test")
    assert "of client_id hips-test, not knees-test" in said(tmp_path, me=other, code=5)
    (tmp_path / "svar-pull.json").write_bytes(state.replace(b'"rows"', b'"row"', 1))
    assert "svar-pull.json is not as a pull wrote it (" in said(tmp_path, code=5)
    (tmp_path / "svar-pull.json").unlink()
    assert "no svar-pull.json that tells of it" in said(tmp_path, code=5)
    assert part.read_bytes() == content
    (tmp_path / "svar-pull.json").write_bytes(state)
    run(tmp_path, "--check")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert said(tmp_path / "file" / "to", code=5) == f"{tmp_path}/file/to: Not a directory"


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_another_databases_folder_is_not_gone_on_with(
    hips: Party, database: Database, tmp_path: Path
) -> None:
    sent(hips, database, "rand-12")
    run(tmp_path)
    file = tmp_path / "svar-pull.json"
    file.write_text(file.read_text().replace(f"{1:020}", f"{9:020}"))
    assert "it comes from another registry or database" in said(tmp_path, code=4)


@ON_SQLITE
@pytest.mark.usefixtures("reached")
def test_a_terminal_shows_how_far_it_has_come(
    hips: Party, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(hips, database, "rand-12")
    seen = io.StringIO()
    screen = Console(file=seen, force_terminal=True, width=100, soft_wrap=True)
    monkeypatch.setattr(pulling, "err", screen)
    run(tmp_path)
    assert "Pulling" in seen.getvalue()
    assert "1 results" in seen.getvalue()


def test_a_parquet_file_without_rows_has_the_columns(tmp_path: Path) -> None:
    from app.pulling.pages import measured

    file = tmp_path / "empty.parquet"
    parquet.write_table(pa.table({"cursor": pa.array([], pa.string())}), file)
    assert measured(file, "parquet") == (0, "")

"""GET /api/v1/results and /latest: which results, only when something has come, and compressed."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import feed, revisions, runs, valuation
from app.db import Database
from tests.conftest import Party
from tests.documents import INSTRUMENTS, read
from tests.flow import answer_and_send, nothing_stored, refusal

RESULTS = "/api/v1/results"
LATEST = f"{RESULTS}/latest"
STREAM = {"Accept": "application/x-ndjson"}


def sent(party: Party, database: Database, name: str = "rand-12", **more: Any) -> str:
    """Order, answer and send; return the order's id."""
    order = party.order(instruments=[name], **more)
    answer_and_send(database, order["id"], registry=party.registry)
    return str(order["id"])


def scored_again(database: Database, name: str = "eq-5d-5l") -> None:
    """Name a value set, and score every response to an instrument again by it."""
    with database.write() as session:
        valuation.name(session, "hips", f"{name}/uk-2026", "a test")
    assert list(runs.rescore(database, name, "1.0", "me"))


def orders(found: list[dict[str, Any]]) -> list[str]:
    return [one["response"]["order"] for one in found]


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.text.splitlines()]


def cursors(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [int(one["cursor"]) for one in answer.json()["results"]]


@pytest.mark.parametrize(
    ("name", "mine", "others"),
    [
        ("time_point", {"time_point": "3m"}, {"time_point": "12m"}),
        ("unit", {"case": {"id": "A", "unit": "oslo-ortho"}}, None),
        ("language", {"language": "nb"}, {"language": "en"}),
    ],
)
def test_only_what_is_asked_for_comes(
    hips: Party, database: Database, name: str, mine: dict[str, Any], others: dict[str, Any] | None
) -> None:
    wanted = {"unit": "oslo-ortho"}.get(name) or mine[name]
    first = sent(hips, database, **mine)
    if others:
        sent(hips, database, **others)
    assert orders(hips.results(**{name: wanted})) == [first]
    assert orders(lines(hips.get(RESULTS, params={name: wanted}, headers=STREAM))) == [first]
    assert hips.results(**{name: "no" if name == "language" else "elsewhere"}) == []


def test_a_way_of_answering_may_be_asked_for(hips: Party, database: Database) -> None:
    first = sent(hips, database)
    assert orders(hips.results(mode="web")) == [first]
    assert hips.results(mode="paper") == []


def test_a_version_of_the_definition_may_be_asked_for(hips: Party, database: Database) -> None:
    first = sent(hips, database)
    assert orders(hips.results(instrument="rand-12", version="1.0")) == [first]
    assert hips.results(version="2.0") == []
    unknown = hips.get(RESULTS, params={"instrument": "rand-12", "version": "9.9"})
    assert refusal(unknown, 422) == ["version"]


def test_days_are_asked_for_with_both_ends(hips: Party, database: Database) -> None:
    first = sent(hips, database)
    (result,) = hips.results()
    today = datetime.fromisoformat(result["response"]["submitted_at"]).astimezone(UTC).date()
    before, after = today - timedelta(days=1), today + timedelta(days=1)
    assert orders(hips.results(submitted_from=today, submitted_to=today)) == [first]
    assert orders(hips.results(submitted_from=before, submitted_to=after)) == [first]
    assert hips.results(submitted_from=after) == []
    assert hips.results(submitted_to=before) == []
    assert orders(hips.results(submitted_from="0001-01-01", submitted_to="9999-12-31")) == [first]


def test_pages_of_what_is_asked_for_follow_one_another(hips: Party, database: Database) -> None:
    for number in range(5):
        sent(hips, database, time_point="3m" if number % 2 else "12m")
    first = hips.get(RESULTS, params={"time_point": "12m", "limit": 2}).json()
    assert [int(one["cursor"]) for one in first["results"]] == [1, 3]
    rest = hips.get(RESULTS, params={"time_point": "12m", "after": first["next"]}).json()
    assert ([int(one["cursor"]) for one in rest["results"]], rest["more"]) == ([5], False)


@pytest.mark.demo
def test_the_latest_are_the_newest_of_each_response(hips: Party, database: Database) -> None:
    sent(hips, database, "eq-5d-5l")
    sent(hips, database, "rand-12")
    assert cursors(hips.get(LATEST)) == [1, 2]
    scored_again(database)
    assert cursors(hips.get(RESULTS)) == [1, 2, 3]
    assert cursors(hips.get(LATEST)) == [2, 3]
    assert lines(hips.get(LATEST, headers=STREAM)) == hips.get(LATEST).json()["results"]
    table = hips.get(LATEST, params={"instrument": "eq-5d-5l", "format": "csv"})
    assert len(table.text.splitlines()) == 2


@pytest.mark.demo
def test_what_is_scored_again_meanwhile_does_not_come_twice_in_one_stream(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 1)
    for _ in range(2):
        sent(hips, database, "eq-5d-5l")
    with database.read() as session:
        at = feed.newest(session, "hips", None)
    stream = feed.chunks(database, at, None)
    found = [*next(stream)]
    scored_again(database)
    found += [document for documents in stream for document in documents]
    assert [int(json.loads(document)["cursor"]) for document in found] == [1, 2]


def test_the_latest_are_for_their_registry_only(
    hips: Party, knees: Party, stranger: Party, database: Database
) -> None:
    sent(hips, database)
    assert cursors(knees.get(LATEST)) == []
    refusal(stranger.get(LATEST), 401)
    assert refusal(knees.get(LATEST, params={"after": f"{1:020d}"}), 422) == ["after"]


@pytest.mark.parametrize("path", [RESULTS, LATEST])
@pytest.mark.parametrize("form", ["json", "ndjson", "csv", "parquet", "arrow", "sav", "dta"])
def test_what_is_known_already_is_not_sent_again(
    hips: Party, database: Database, path: str, form: str
) -> None:
    sent(hips, database)
    asked = {"instrument": "rand-12", "format": form}
    tag = hips.get(path, params=asked).headers["etag"]
    with nothing_stored(database):
        again = hips.get(path, params=asked, headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    sent(hips, database)
    changed = hips.get(path, params=asked, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_an_etag_is_for_one_question_of_one_registry(
    hips: Party, knees: Party, database: Database
) -> None:
    asked: list[tuple[Party, str, dict[str, str]]] = [
        (hips, RESULTS, {}),
        (hips, LATEST, {}),
        (hips, RESULTS, {"format": "ndjson"}),
        (hips, RESULTS, {"unit": "oslo-ortho"}),
        (knees, RESULTS, {}),
    ]
    tags = [party.get(path, params=params).headers["etag"] for party, path, params in asked]
    assert len(set(tags)) == len(asked)
    with database.write() as session:
        valuation.name(session, "hips", "eq-5d-5l/uk-2026", "a test")
    assert hips.get(RESULTS).headers["etag"] not in tags


def test_a_table_is_sent_again_when_its_labels_are_others(hips: Party, database: Database) -> None:
    asked = {"instrument": "rand-12", "format": "csv"}
    tag = hips.get(RESULTS, params=asked).headers["etag"]
    wording = read(INSTRUMENTS / "rand-12/1.0.nb.json")
    with database.write() as session:
        revisions.publish(session, wording | {"revision": 2, "source": "corrected"}, "a test")
    assert hips.get(RESULTS, params=asked, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("form", ["ndjson", "csv", "arrow"])
@pytest.mark.parametrize(
    ("accepted", "zipped"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("br", False),
        ("", False),
    ],
)
def test_a_stream_is_compressed_for_whoever_takes_that(
    hips: Party, database: Database, form: str, accepted: str, zipped: bool
) -> None:
    sent(hips, database)
    asked = {"instrument": "rand-12", "format": form}
    plain = hips.get(RESULTS, params=asked, headers={"Accept-Encoding": "identity"})
    with hips.http.stream(
        "GET", RESULTS, params=asked, headers=hips.headers | {"Accept-Encoding": accepted}
    ) as answer:
        raw = b"".join(answer.iter_raw())
    assert (answer.headers.get("content-encoding") == "gzip") == zipped
    assert (gzip.decompress(raw) if zipped else raw) == plain.content
    assert "Accept-Encoding" in answer.headers["vary"]


def test_what_is_compressed_already_is_sent_as_it_is(hips: Party, database: Database) -> None:
    sent(hips, database)
    for form in ("json", "parquet", "sav", "dta"):
        asked = {"instrument": "rand-12", "format": form}
        answer = hips.get(RESULTS, params=asked, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers

"""GET /api/v1/responses and …/{id}, amend and withdraw: what is stored, and what became of it."""

from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from app import runs
from app.db import Database
from app.models import AuditEvent, Correction, QuestionnaireResponse
from tests.collected import RESPONSES, imported, line, post
from tests.conftest import Party
from tests.flow import answer_and_send, nothing_stored, refusal
from tests.test_runs import publish, rescored

RIGHT = {"mo": 3, "sc": 1, "ua": 2, "pd": 2, "ad": 1}
WHY = "typed in wrongly"


def amend(party: Party, response_id: str, **more: Any) -> Any:
    body = {"reason": WHY, "answers": RIGHT} | more
    return party.post(f"{RESPONSES}/{response_id}/amend", json=body)


def withdraw(party: Party, response_id: str, reason: str = "another patient's") -> Any:
    return party.post(f"{RESPONSES}/{response_id}/withdraw", json={"reason": reason})


def latest(party: Party, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = party.get("/api/v1/results/latest", params=params).json()[
        "results"
    ]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["response"]["id"] for one in found]


def test_a_response_is_told_as_it_is_stored(hips: Party) -> None:
    case = {"id": "MCE-1017", "unit": "oslo-ortho", "index_date": "2025-11-01"}
    some = {"respondent": "proxy", "relation": "child", "missing": {"ad": "skipped"}}
    made = imported(hips, case=case, answers={"mo": 1, "vas": 80}, **some)
    skipped = dict.fromkeys(["ad", "sc", "ua", "pd"], "skipped")
    told = {
        "id": made,
        "order": None,
        "external_id": "p1",
        "case": "MCE-1017",
        "unit": "oslo-ortho",
        "time_point": "3m",
        "index_date": "2025-11-01",
        "instrument": "eq-5d-5l",
        "version": "1.0",
        "wording_sha256": None,
        "language": "nb",
        "mode": "paper",
        "respondent": "proxy",
        "helped": False,
        "relation": "child",
        "started_at": "2026-01-31T09:00:00Z",
        "submitted_at": "2026-01-31T09:00:00Z",
        "answers": {"mo": 1, "vas": 80},
        "missing": skipped,
        "amends": None,
        "correction": None,
    }
    assert hips.get(f"{RESPONSES}/{made}").json() == told
    found = hips.get(RESPONSES, params={"external_id": "p1"}).json()
    assert found == {"responses": [told]}


def test_what_was_answered_here_is_found_by_its_orders_external_id(
    hips: Party, database: Database
) -> None:
    order = hips.order(instruments=["rand-36", "rand-12"], external_id="o1")
    answer_and_send(database, order["id"])
    found = hips.get(RESPONSES, params={"external_id": "o1"}).json()["responses"]
    assert [(one["instrument"], one["mode"]) for one in found] == [
        ("rand-36", "web"),
        ("rand-12", "web"),
    ]
    assert {one["order"] for one in found} == {order["id"]}
    assert {one["external_id"] for one in found} == {"o1"}
    assert all(one["wording_sha256"] for one in found)
    assert hips.get(RESPONSES, params={"external_id": "o2"}).json() == {"responses": []}


def test_an_amended_response_stays_and_another_takes_its_place(
    hips: Party, database: Database
) -> None:
    made = imported(hips)
    answer = amend(hips, made)
    assert answer.status_code == 201
    new = answer.json()
    assert (new["amends"], new["answers"], new["missing"]) == (made, RIGHT, {"vas": "skipped"})
    assert (new["external_id"], new["correction"]) == ("p1", None)
    old = hips.get(f"{RESPONSES}/{made}").json()
    assert (old["answers"]["mo"], old["answers"]["vas"]) == (1, 80)
    told = {name: old["correction"][name] for name in ("kind", "amended_by", "reason")}
    assert told == {"kind": "amended", "amended_by": new["id"], "reason": WHY}
    before, after = hips.results()
    assert ids([before, after]) == [made, new["id"]]
    assert (after["response"]["amends"], after["response"]["reason"]) == (made, WHY)
    assert after["provenance"]["supersedes"] == before["cursor"]
    assert after["scores"]["vas"]["value"] is None
    assert ids(latest(hips)) == [new["id"]]
    both = hips.get(RESPONSES, params={"external_id": "p1"}).json()["responses"]
    assert [one["id"] for one in both] == [made, new["id"]]
    with database.read() as session:
        acts = session.exec(select(AuditEvent).where(AuditEvent.what == "response.amended")).all()
    assert [one.record for one in acts] == [f"{made} by {new['id']}"]


def test_a_withdrawn_response_stays_and_counts_no_longer(hips: Party, database: Database) -> None:
    made = imported(hips)
    answer = withdraw(hips, made)
    assert answer.status_code == 200
    kept = answer.json()
    assert kept["answers"]["mo"] == 1
    assert kept["correction"]["kind"] == "withdrawn"
    assert kept["correction"]["reason"] == "another patient's"
    before, after = hips.results()
    assert (after["scores"], after["response"]["answers"]) == (None, {})
    assert after["response"]["id"] == made
    assert after["response"]["reason"] == "another patient's"
    assert after["provenance"]["status"] == "withdrawn"
    assert after["provenance"]["supersedes"] == before["cursor"]
    assert latest(hips) == []
    with nothing_stored(database):
        again = withdraw(hips, made, "once more")
    assert (again.status_code, again.json()) == (200, kept)


def test_what_counts_no_longer_is_not_amended(hips: Party, database: Database) -> None:
    first, second = imported(hips, external_id="p1"), imported(hips, external_id="p2")
    new = amend(hips, first).json()["id"]
    withdraw(hips, second)
    with nothing_stored(database):
        for answer in (amend(hips, first), withdraw(hips, first)):
            assert refusal(answer, 409) == ["response_id"]
            assert new in answer.json()["detail"]
        assert "withdrawn" in amend(hips, second).json()["detail"]
    assert ids(latest(hips)) == [new]


def test_to_withdraw_an_amendment_does_not_bring_back_what_it_amended(hips: Party) -> None:
    made = imported(hips)
    withdraw(hips, amend(hips, made).json()["id"])
    assert latest(hips) == []
    assert len(hips.results()) == 3


def test_an_amendment_is_checked_as_what_was_sent(hips: Party, database: Database) -> None:
    made = imported(hips)
    with nothing_stored(database):
        assert refusal(amend(hips, made, answers={"mo": 9}), 422) == ["answers.mo"]
        assert refusal(amend(hips, made, reason=" "), 422) == ["reason"]
        assert refusal(withdraw(hips, made, ""), 422) == ["reason"]


def test_what_was_answered_here_is_amended_and_withdrawn_too(
    hips: Party, database: Database
) -> None:
    answer_and_send(database, hips.order(instruments=["rand-12"])["id"])
    (result,) = hips.results()
    new = amend(hips, result["response"]["id"], answers={"rand_1": 2}).json()
    told = hips.results()[1]
    same = ("order", "case", "time_point", "mode", "submitted_at", "language")
    assert all(told["response"][name] == result["response"][name] for name in same)
    assert told["provenance"]["wording_sha256"] == result["provenance"]["wording_sha256"]
    assert (new["order"], new["answers"]) == (result["response"]["order"], {"rand_1": 2})
    assert withdraw(hips, new["id"]).status_code == 200
    assert latest(hips) == []


def test_a_second_amendment_amends_the_first(hips: Party) -> None:
    second = amend(hips, imported(hips)).json()["id"]
    third = amend(hips, second, answers={"mo": 1}).json()
    assert third["amends"] == second
    assert ids(latest(hips)) == [third["id"]]


def test_the_same_import_after_an_amendment_is_still_the_same(hips: Party) -> None:
    made = imported(hips)
    amend(hips, made)
    assert post(hips, line()).json() == {
        "id": made,
        "external_id": "p1",
        "outcome": "unchanged",
    }


def test_what_counts_no_longer_is_not_scored_again(hips: Party, database: Database) -> None:
    for number in range(3):
        answers = {"rand_1": 1 + number}
        imported(hips, external_id=f"p{number}", instrument="rand-12", answers=answers)
    first, second, third = ids(hips.results())
    new = amend(hips, first, answers={"rand_1": 5}).json()["id"]
    withdraw(hips, second)
    publish(database, rescored())
    assert list(runs.rescore(database, "rand-12", "1.1", "me")) == [(2, 2)]
    assert sorted(ids(latest(hips, version="1.1"))) == sorted([third, new])
    later = amend(hips, new, answers={"rand_1": 4}).json()["id"]
    (found,) = [one for one in latest(hips) if one["response"]["id"] == later]
    assert found["provenance"]["definition_version"] == "1.1"
    assert found["response"]["version"] == "1.0"


def test_the_change_view_counts_what_counts(hips: Party) -> None:
    before = imported(hips, external_id="p1", time_point="pre")
    imported(hips, external_id="p2", time_point="12m", answers=line()["answers"] | {"vas": 90})
    asked = {"instrument": "eq-5d-5l", "from": "pre", "to": "12m"}
    new = amend(hips, before, answers=line()["answers"] | {"vas": 50}).json()["id"]
    (pair,) = hips.get("/api/v1/results/change", params=asked).json()["pairs"]
    assert (pair["before"]["response_id"], pair["scores"]["vas"]["change"]) == (new, 40)
    withdraw(hips, new)
    view = hips.get("/api/v1/results/change", params=asked).json()
    assert (view["pairs"], view["only_after"]) == ([], 1)


def test_the_table_says_what_amends_and_what_is_withdrawn(hips: Party) -> None:
    made = imported(hips)
    new = amend(hips, made, reason="=1+1").json()["id"]
    withdraw(hips, new)
    params = {"instrument": "eq-5d-5l", "format": "csv"}
    head, *rows = hips.get("/api/v1/results", params=params).text.splitlines()
    names = head.replace('"', "").split(",")
    cells = [dict(zip(names, row.replace('"', "").split(","), strict=True)) for row in rows]
    told = [(one["amends"], one["reason"], one["status"], one["mo"]) for one in cells]
    assert told[:2] == [("", "", "scored", "1"), (made, "'=1+1", "scored", "3")]
    assert told[2] == (made, "another patient's", "withdrawn", "")


def test_a_registry_sees_and_corrects_only_its_own(
    hips: Party, knees: Party, stranger: Party, database: Database
) -> None:
    made = imported(hips)
    with nothing_stored(database):
        for other, status in ((knees, 404), (stranger, 401)):
            refusal(other.get(f"{RESPONSES}/{made}"), status)
            refusal(amend(other, made), status)
            refusal(withdraw(other, made), status)
        refusal(amend(hips, str(uuid4())), 404)
    assert knees.get(RESPONSES, params={"external_id": "p1"}).json() == {"responses": []}
    refusal(stranger.get(RESPONSES, params={"external_id": "p1"}), 401)


@pytest.mark.parametrize("kind", ["amended", "withdrawn"])
def test_a_response_is_corrected_once(hips: Party, database: Database, kind: str) -> None:
    made = imported(hips)
    amend(hips, made) if kind == "amended" else withdraw(hips, made)
    with database.read() as session:
        (one,) = session.exec(select(Correction)).all()
        number = len(session.exec(select(QuestionnaireResponse)).all())
    assert (one.kind, one.seq, number) == (kind, 2, 2 if kind == "amended" else 1)

"""Answers that were collected elsewhere, as a registry sends them."""

import json
from typing import Any

from scoring import Instrument
from tests.conftest import Party
from tests.documents import INSTRUMENTS, scorer

RESPONSES = "/api/v1/responses"
LINES = {"Content-Type": "application/x-ndjson"}

RAND_36 = scorer(INSTRUMENTS / "rand-36/1.0.json").instrument


def line(external_id: str = "p1", *, unit: str = "oslo-ortho", **more: Any) -> dict[str, Any]:
    """Return a paper form of an EQ-5D-5L, all answered; `more` replaces fields."""
    return {
        "external_id": external_id,
        "case": {"id": "MCE-1017", "unit": unit},
        "time_point": "3m",
        "instrument": "eq-5d-5l",
        "language": "nb",
        "mode": "paper",
        "respondent": "self",
        "submitted_at": "2026-01-31T10:00:00+01:00",
        "answers": {"mo": 1, "sc": 1, "ua": 2, "pd": 2, "ad": 1, "vas": 80},
    } | more


def rand_36(person: int, **more: Any) -> dict[str, Any]:
    """Return a RAND-36 that a person answered; every second person left some out."""
    answers = answers_to(RAND_36, person)
    case = {"id": f"C{person // 3}", "unit": "oslo-ortho"}
    return line(f"r{person}", case=case, instrument="rand-36", answers=answers) | more


def answers_to(instrument: Instrument, person: int) -> dict[str, int]:
    given = {}
    for place, item in enumerate(instrument.items, person):
        codes = instrument.codes(item)
        if not (person % 2 and place % 7 == 0):
            given[item.id] = codes[place % len(codes)]
    return given


def post(party: Party, body: dict[str, Any], **params: Any) -> Any:
    return party.post(RESPONSES, json=body, params=params)


def imported(party: Party, **more: Any) -> str:
    """Import one response, and return its id."""
    answer = post(party, line(**more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def batch(party: Party, *lines: Any, **params: Any) -> list[dict[str, Any]]:
    """Send lines, as they are or as JSON; return what was said of each."""
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    answer = party.post(RESPONSES, content=text.encode(), headers=LINES, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == LINES["Content-Type"]
    return [json.loads(one) for one in answer.text.splitlines()]

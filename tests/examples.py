"""Asks the service for one answer of each kind: the examples of the OpenAPI document."""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app import shelf
from app.db import Database, migrate
from app.main import create_app
from scoring import Problem
from tests.conftest import HERE, Party, add_parties, party, settings_for
from tests.documents import INSTRUMENTS
from tests.drafted import begun
from tests.flow import answer_and_send
from tests.staffed import bearer

NDJSON = "application/x-ndjson"
JSON = "application/json"
EQ_5D = [{"mo": 2, "sc": 1, "ua": 2, "pd": 3, "ad": 1, "vas": 75}]
WELL = {"q1": 5, "q2": 4, "q3": 3, "q4": 2, "q5": 1}
FEW = 2
"""Of a long list, so many are enough to see what it is."""
ORDER, RESULTS, RESPONSES = "/api/v1/orders", "/api/v1/results", "/api/v1/responses"
WHO_5, SETS = "/api/v1/instruments/who-5", "/api/v1/value-sets"

Examples = dict[str, dict[str, Any]]


def page() -> str:
    """Return the file of examples, by operation, status and type."""
    return json.dumps(_steady(made()), indent=1, ensure_ascii=False) + "\n"


def made() -> Examples:
    """Ask for everything, and return the answers as they come."""
    found: Examples = {}
    with _hips() as (hips, database):
        for operation, name, answer in _asked(hips, database):
            found.setdefault(operation, {})[name] = answer
    return found


@contextmanager
def _hips() -> Iterator[tuple[Party, Database]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'svar.db'}"
        database = Database(url)
        migrate(database)
        with database.write() as session:
            shelf.publish_folder(session, _those_asked(Path(folder)), "tests")
        add_parties(database)
        service = create_app(settings_for(url))
        yield party(TestClient(service, HERE), "hips"), database
        service.state.database.close()
        database.close()


def _those_asked(folder: Path) -> Path:
    """Return a folder with what the examples are about, as all that there is takes long."""
    for name in ("who-5", "eq-5d-5l", "value-sets/eq-5d-5l/no-2024.json"):
        there = folder / "instruments" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.symlink_to(INSTRUMENTS / name)
    return folder / "instruments"


def _asked(hips: Party, database: Database) -> Iterator[tuple[str, str, Any]]:
    yield from _open(hips)
    yield from _orders(hips)
    yield from _responses(hips)
    for point, codes in (("pre", (2, 2, 1, 1, 2)), ("3m", (5, 4, 3, 2, 1))):
        order = hips.order(**_body(point))
        answers = {f"q{number}": code for number, code in enumerate(codes, 1)}
        answer_and_send(database, order["id"], **answers)
    for path in (RESULTS, f"{RESULTS}/latest"):
        yield f"GET {path}", f"200 {JSON}", hips.get(f"{path}?limit=1").json()
        lines = hips.get(f"{path}?limit=1&format=ndjson").text
        yield f"GET {path}", f"200 {NDJSON}", json.loads(lines)
    change = hips.get(f"{RESULTS}/change?instrument=who-5&from=pre&to=3m").json()
    yield f"GET {RESULTS}/change", f"200 {JSON}", change
    rates = hips.get("/api/v1/response-rate?by=instrument&by=time_point").json()
    yield "GET /api/v1/response-rate", f"200 {JSON}", rates
    yield from _drafts(hips, database)


def _open(hips: Party) -> Iterator[tuple[str, str, Any]]:
    one = "/api/v1/instruments/{instrument_id}"
    yield "GET /api/v1/instruments", f"200 {JSON}", _few(hips.get("/api/v1/instruments").json())
    yield f"GET {one}", f"200 {JSON}", hips.get(WHO_5).json()
    yield f"GET {one}/{{version}}", f"200 {JSON}", hips.get(f"{WHO_5}/1.0").json()
    wording = hips.get(f"{WHO_5}/1.0/wording/en").json()
    yield f"GET {one}/{{version}}/wording/{{language}}", f"200 {JSON}", wording
    codebook = hips.get(f"{WHO_5}/1.0/codebook").json()
    codebook["columns"] = [one for one in codebook["columns"] if one["name"] in ("q1", "total")]
    yield f"GET {one}/{{version}}/codebook", f"200 {JSON}", codebook
    yield f"GET {one}/{{version}}/codebook", "200 text/html", "<!doctype html>…"
    yield f"GET {SETS}", f"200 {JSON}", _few(hips.get(f"{SETS}?instrument=eq-5d-5l").json())
    value_set = hips.get(f"{SETS}/eq-5d-5l/no-2024").json()
    yield f"GET {SETS}/{{instrument_id}}/{{value_set_id}}", f"200 {JSON}", value_set
    scored = hips.post("/api/v1/score/eq-5d-5l", json={"answers": EQ_5D}).json()
    for version in ("", "/{version}"):
        yield f"POST /api/v1/score/{{instrument_id}}{version}", f"200 {JSON}", scored
    yield "GET /healthz", f"200 {JSON}", hips.get("/healthz").json()


def _orders(hips: Party) -> Iterator[tuple[str, str, Any]]:
    body = hips.order_body(**_body("12m"), external_id="MCE-1017-12m")
    for status in (201, 200):
        answer = hips.post(ORDER, json=body)
        yield f"POST {ORDER}", f"{status} {JSON}", answer.json()
    there = f"{ORDER}/{answer.json()['id']}"
    yield f"GET {ORDER}/{{order_id}}", f"200 {JSON}", hips.get(there).json()
    changed = hips.http.patch(there, json={"language": "en"}, headers=hips.headers)
    yield f"PATCH {ORDER}/{{order_id}}", f"200 {JSON}", changed.json()
    yield f"POST {ORDER}/{{order_id}}/link", f"200 {JSON}", hips.post(f"{there}/link").json()
    code = hips.post(f"{there}/code").json() | {"qr_svg": "<svg …>…</svg>"}
    yield f"POST {ORDER}/{{order_id}}/code", f"201 {JSON}", code
    yield f"POST {ORDER}/{{order_id}}/code", "201 image/svg+xml", "<svg …>…</svg>"
    cancelled = hips.post(f"{there}/cancel", json={"reason": "operated elsewhere"})
    yield f"POST {ORDER}/{{order_id}}/cancel", f"200 {JSON}", cancelled.json()
    yield f"GET {ORDER}", f"200 {JSON}", hips.get(f"{ORDER}?limit=1").json()
    lines = hips.get(ORDER, headers={"Accept": NDJSON}).text
    yield f"GET {ORDER}", f"200 {NDJSON}", json.loads(lines)


def _responses(hips: Party) -> Iterator[tuple[str, str, Any]]:
    body = hips.order_body(**_body("12m")) | {"external_id": "paper-2041", "instrument": "who-5"}
    del body["instruments"]
    body |= {"mode": "paper", "respondent": "self", "submitted_at": "2026-01-31"}
    for status in (201, 200):
        answer = hips.post(RESPONSES, json=body | {"answers": WELL})
        yield f"POST {RESPONSES}", f"{status} {JSON}", answer.json()
    there, one = f"{RESPONSES}/{answer.json()['id']}", f"{RESPONSES}/{{response_id}}"
    yield f"GET {RESPONSES}", f"200 {JSON}", hips.get(f"{RESPONSES}?external_id=paper-2041").json()
    yield f"GET {one}", f"200 {JSON}", hips.get(there).json()
    wish = {"answers": WELL | {"q5": 3}, "reason": "the form was typed in wrongly"}
    amended = hips.post(f"{there}/amend", json=wish).json()
    yield f"POST {one}/amend", f"201 {JSON}", amended
    wish = {"reason": "belongs to another patient"}
    withdrawn = hips.post(f"{RESPONSES}/{amended['id']}/withdraw", json=wish).json()
    yield f"POST {one}/withdraw", f"200 {JSON}", withdrawn


def _drafts(hips: Party, database: Database) -> Iterator[tuple[str, str, Any]]:
    """Ask as two people's scripts do: one writes, another approves."""
    settings = settings_for("sqlite://")
    author, reviewer = (bearer(database, settings, one) for one in ("author", "reviewer"))
    instruments = "/api/v1/instruments"
    one, there = f"{instruments}/{{instrument_id}}/{{version}}", f"{WHO_5}/1.1"
    anew = hips.get(f"{WHO_5}/1.0").json() | {"version": "1.1"}
    del anew["value_sets"]
    definition = json.dumps(anew, ensure_ascii=False)

    def ask(method: str, path: str, who: dict[str, str], **more: Any) -> Any:
        headers = who | {"If-Match": '"1"'}
        return hips.http.request(method, path, headers=headers, **more).json()

    def short(answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"parts": {part: text[:60] + "…" for part, text in answer["parts"].items()}}

    for status, wish in ((200, "?dry_run=true"), (201, "")):
        made = ask("POST", f"{instruments}{wish}", author, content=definition)
        yield f"POST {instruments}", f"{status} {JSON}", short(made)
    yield f"GET {one}/draft", f"200 {JSON}", short(ask("GET", f"{there}/draft", author))
    for verb, who, body in (
        ("hand-in", author, None),
        ("give-back", reviewer, {"remark": "Item q2 is reversed."}),
        ("hand-in", author, None),
        ("take-back", author, None),
    ):
        answer = ask("POST", f"{there}/draft/{verb}", who, json=body)
        yield f"POST {one}/draft/{verb}", f"200 {JSON}", short(answer)
    parts = {"parts": {"definition": definition}}
    yield f"PUT {one}/draft", f"200 {JSON}", short(ask("PUT", f"{there}/draft", author, json=parts))
    digest = ask("POST", f"{there}/draft/hand-in", author)["sha256"]
    yield "GET /api/v1/drafts", f"200 {JSON}", ask("GET", "/api/v1/drafts", author)
    published = ask("POST", f"{there}/draft/publish", reviewer, json={"sha256": digest})
    yield f"POST {one}/draft/publish", f"200 {JSON}", published
    yield f"POST {one}/withdraw", f"200 {JSON}", ask("POST", f"{there}/withdraw", reviewer)
    with database.write() as session:
        begun(session, Problem("scores.total", "is to be made of q1 q2 q3; write on the sheet"))
    decided = ask("POST", f"{instruments}/mean-all/1.0/draft/decide", author, json={"number": 1})
    yield f"POST {one}/draft/decide", f"200 {JSON}", short(decided)


def _body(point: str) -> dict[str, Any]:
    return {"instruments": ["who-5"], "language": "en", "time_point": point}


def _few(listed: dict[str, Any]) -> dict[str, Any]:
    return {name: some[:FEW] for name, some in listed.items()}


def _steady(found: Examples) -> Examples:
    """Return the answers with what is another each time as it may be: ids, moments and tokens."""
    text, ids, names = json.dumps(found, ensure_ascii=False), count(1), dict[str, str]()
    soon = datetime.now(UTC) + timedelta(days=1)

    def an_id(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"0199a3f0-0000-7000-8000-{next(ids):012}")

    def a_moment(match: re.Match[str]) -> str:
        now = datetime.fromisoformat(match[0]) < soon
        return "2026-11-01T09:06:40Z" if now else "2026-12-01T22:59:59Z"

    for pattern, instead in (
        (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", an_id),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+\d\d:\d\d)", a_moment),
        (r"/s/[\w-]+", "/s/3Tq…"),
        (r'"receipt": "\w{4}-\w{4}"', '"receipt": "7F3K-9QXM"'),
        (r'"code": "[^"]+"', '"code": "K7QX-4M2P"'),
        (r"enter\?code=[\w-]+", "enter?code=K7QX-4M2P"),
        (HERE, "https://svar.example.org"),
    ):
        text = re.sub(pattern, instead, text)
    steady: Examples = json.loads(text)
    return steady

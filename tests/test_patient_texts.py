"""The sentences of the patient's pages, in every language that has them."""

import json
import re
from datetime import UTC, datetime

from starlette.testclient import TestClient

from app.texts import FOLDER, texts_in
from tests.visits import OSLO


def test_every_language_has_every_text_with_the_same_places() -> None:
    files = sorted(FOLDER.glob("*.json"))
    texts = {path.stem: json.loads(path.read_text("utf-8")) for path in files}
    assert {"nb", "en"} <= texts.keys()

    def places(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)", text))

    for language, mine in texts.items():
        assert mine.keys() == texts["nb"].keys(), language
        for key, text in mine.items():
            assert places(text) == places(texts["nb"][key]), (language, key)


def test_every_text_is_used(client: TestClient) -> None:
    house = FOLDER.parent
    sources = [
        *(house / "patient").glob("*.py"),
        house / "texts.py",
        *(house / "templates/patient").glob("*"),
    ]
    source = "".join(path.read_text("utf-8") for path in sources)
    made = re.compile(r"^(month|closed|error|welcome\.(questions|minutes)|enter\.over)\.")
    keys = [
        key for key in json.loads((FOLDER / "nb.json").read_text("utf-8")) if not made.match(key)
    ]
    assert keys
    for key in keys:
        assert f'"{key}"' in source, key


def test_dates_are_said_as_people_say_them() -> None:
    at = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
    assert texts_in("nb", OSLO).moment(at) == "1.\u00a0mars 2026 kl.\u00a023.59"
    assert texts_in("en", OSLO).moment(at) == "1\u00a0March 2026 at\u00a023:59"


def test_days_are_those_where_the_service_is() -> None:
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert texts_in("nb", OSLO).day(at) == "2. mars 2026"
    assert texts_in("en", OSLO).day(at) == "2 March 2026"

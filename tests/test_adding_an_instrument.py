"""A PRO centre adds an instrument with two JSON files and no code, and it proves itself.

The numeric pain rating scale, 0 to 10: one question, one score, its own examples.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from app import catalogue, shelf
from app.db import Database
from app.shelf import NotPublished
from scoring.explain import explain
from tests.documents import Document

LEVELS = list(range(11))
DEFINITION: Document = {
    "id": "nprs",
    "version": "1.0",
    "kind": "PROM",
    "name": "Numeric pain rating scale, 0 to 10",
    "source": "Made for tests after the common form of the scale",
    "licence": {
        "status": "free",
        "holder": "Nobody",
        "credit": "A pain rating scale in the common form.",
        "terms": "Free to use",
    },
    "recall_period": "the past 24 hours",
    "option_sets": {"pain": LEVELS},
    "recodes": {},
    "items": [
        {
            "id": "pain",
            "type": "single_choice",
            "options": "pain",
            "direction": "lower_is_better",
            "missing_codes": [99],
        }
    ],
    "pages": [{"id": "pain", "stem": False, "items": ["pain"]}],
    "scores": [
        {
            "id": "pain",
            "name": "Pain intensity",
            "method": "sum",
            "items": ["pain"],
            "range": [0, 10],
            "direction": "lower_is_better",
            "source": "The number itself",
            "bands": [
                {"at_least": 0, "label": "no pain"},
                {"at_least": 1, "label": "some pain"},
            ],
        }
    ],
    "examples": [
        *(
            {
                "name": f"pain of {level}",
                "source": "The number itself",
                "answers": {"pain": level},
                "expected": {"pain": level},
            }
            for level in LEVELS
        ),
        {
            "name": "not answered",
            "source": "Missing is never zero",
            "answers": {},
            "expected": {"pain": None},
        },
    ],
}
WORDING: Document = {
    "instrument": "nprs",
    "version": "1.0",
    "language": "en",
    "revision": 1,
    "status": "unreviewed",
    "source": "Written for tests",
    "credit": "A pain rating scale in the common form.",
    "title": "Your pain",
    "stems": {},
    "items": {"pain": "How strong was your pain in the past 24 hours?"},
    "options": {"pain": {str(level): f"{level} of 10" for level in LEVELS}},
    "anchors": {},
}


def folder(path: Path, **changed: Any) -> Path:
    (path / "nprs").mkdir()
    for name, document in (("1.0", DEFINITION | changed), ("1.0.en", WORDING)):
        (path / "nprs" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    return path


def test_two_files_are_all_it_takes(database: Database, tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert shelf.check_file(place / "nprs/1.0.json") == (
        "definition nprs 1.0, 12 examples reproduced"
    )
    assert shelf.check_file(place / "nprs/1.0.en.json") == "wording of nprs 1.0 in en"
    with database.write() as session:
        assert shelf.publish_folder(session, place, "centre") == ["nprs/1.0"]
    with database.read() as session:
        found = catalogue.latest(session, "nprs", "en")
    assert found.scorer.score_one({"pain": 7}) == {
        "pain": {"value": 7.0, "answered": 1, "items": 1, "band": "some pain"}
    }
    assert found.scorer.score_one({"pain": 0})["pain"]["band"] == "no pain"
    assert found.scorer.score_one({"pain": 99})["pain"] == {
        "value": None,
        "answered": 0,
        "items": 1,
        "band": None,
    }
    (told,) = explain(found.scorer, {"pain": 7})
    assert told.told.value == 7.0


def test_an_example_that_is_wrong_is_refused_and_nothing_is_published(
    database: Database, tmp_path: Path
) -> None:
    wrong = [example | {} for example in DEFINITION["examples"]]
    wrong[3]["expected"] = {"pain": 30}
    place = folder(tmp_path, examples=wrong)
    message = "examples.pain of 3.expected.pain: is 30.0, but the scoring gives 3.0"
    with pytest.raises(NotPublished, match=message), database.write() as session:
        shelf.publish_folder(session, place, "centre")
    with database.read() as session:
        assert not catalogue.exists(session, "nprs")

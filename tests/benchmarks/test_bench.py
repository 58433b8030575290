"""A draft of thousands of items is checked and tried within seconds."""

import json
import time

from app import catalogue
from app.places import lines_of
from scoring import Instrument
from scoring.checks.rules import instrument_problems
from scoring.explain import explain
from tests.test_centre_trial import large

ITEMS = 5_000
SECONDS = 10
"""Of this process's CPU, at most; before items were found at once it was minutes."""


def test_thousands_of_items_are_checked_placed_and_explained_soon() -> None:
    document = large(ITEMS)
    given = {item["id"]: number % 4 for number, item in enumerate(document["items"])}
    one = {"name": "one", "source": "a test", "answers": given, "expected": {"total": 1.5}}
    document |= {"examples": [one]}
    text = json.dumps(document, indent=2)
    began = time.process_time()
    instrument = catalogue.shape(Instrument, catalogue.resolve(document, {}))
    found = instrument_problems(instrument)
    assert len(lines_of(text, found)) == len(found) > ITEMS
    ready = catalogue.ready(instrument, "none")
    told = explain(ready.scorer, given)
    assert len(told[0].told.steps) > ITEMS
    assert time.process_time() - began < SECONDS

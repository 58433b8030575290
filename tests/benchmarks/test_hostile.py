"""Files that mean harm are refused soon, whatever they hold."""

import time

import pytest

from app.exchange import sheets_in
from app.papers import parse
from scoring import NotValid
from tests.test_exchange_sheets import HOSTILE
from tests.test_papers import REFUSED

SECONDS = 5
"""Of this process's CPU, at most."""


@pytest.mark.parametrize("message", HOSTILE)
def test_a_hostile_spreadsheet_is_refused_soon(message: str) -> None:
    began = time.process_time()
    with pytest.raises(NotValid):
        sheets_in.bring(HOSTILE[message])
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("data", [data for data, _ in REFUSED], ids=[told for _, told in REFUSED])
def test_hostile_json_is_refused_soon(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(NotValid):
        parse(data)
    assert time.process_time() - began < SECONDS

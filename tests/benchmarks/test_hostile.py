"""Files that mean harm are refused soon, whatever they hold, and at little cost of memory."""

import io
import json
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from app.exchange import arrival, sheets_in
from app.exchange.binder import File
from app.exchange.fhir_resource import TRANSLATION
from app.papers import parse
from scoring import NotValid
from tests.benchmarks.cost import peak, restart_peak
from tests.test_exchange_arrival import HOSTILE as ZIPS
from tests.test_exchange_sheets import HOSTILE
from tests.test_papers import REFUSED

SECONDS = 5
"""Of this process's CPU, at most."""

MEGABYTES = 400
"""That this process may take beyond what it had, at most."""

CONTENT = {"url": "content", "valueString": "?"}

Document = dict[str, Any]


@contextmanager
def bounded() -> Iterator[None]:
    """See that little time and memory is used."""
    process = os.getpid()
    restart_peak(process)
    before, began = peak(process), time.process_time()
    yield
    assert time.process_time() - began < SECONDS
    assert peak(process) - before < MEGABYTES


@pytest.mark.parametrize("message", HOSTILE)
def test_a_hostile_spreadsheet_is_refused_soon(message: str) -> None:
    with bounded(), pytest.raises(NotValid):
        sheets_in.bring(HOSTILE[message])


@pytest.mark.parametrize("data", [data for data, _ in REFUSED], ids=[told for _, told in REFUSED])
def test_hostile_json_is_refused_soon(data: bytes) -> None:
    with bounded(), pytest.raises(NotValid):
        parse(data)


@pytest.mark.parametrize("message", ZIPS)
def test_a_hostile_zip_is_refused_soon(message: str) -> None:
    with bounded(), pytest.raises(NotValid):
        arrival.read([File("all.zip", ZIPS[message])])


def zipped(members: int, size: int) -> bytes:
    """Make a zip of members of zeros."""
    out, nothing = io.BytesIO(), b"0" * size
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(members):
            made.writestr(f"{number}.json", nothing)
    return out.getvalue()


@pytest.mark.parametrize(("members", "size"), [(1, 300_000_000), (150, 2_000_000), (60_000, 0)])
def test_a_bomb_is_refused_soon(members: int, size: int) -> None:
    data = zipped(members, size)
    with bounded(), pytest.raises(NotValid):
        arrival.read([File("all.zip", data)])


def form(*items: Document) -> Document:
    return {"resourceType": "Questionnaire", "language": "en", "item": list(items)}


def choice(number: int, answers: int, **more: object) -> Document:
    options = [{"valueCoding": {"code": str(n), "display": f"Answer {n}"}} for n in range(answers)]
    answered = {"type": "choice", "text": "Why?", "answerOption": options}
    return {"linkId": f"q{number}", **answered, **more}


def when(number: int, code: int) -> Document:
    return {"question": f"q{number}", "operator": "!=", "answerCoding": {"code": str(code)}}


def chain(sets: int, each: int) -> Document:
    """Make a Bundle in which each value set is made of the next, many times over."""
    item = {"linkId": "q", "type": "choice", "answerValueSet": "urn:0"}
    made: list[Document] = [form(item)]
    for number in range(sets):
        include = [{"valueSet": [f"urn:{number + 1}"]}] * each
        compose = {"include": include}
        made.append({"resourceType": "ValueSet", "url": f"urn:{number}", "compose": compose})
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in made]}


def nested(depth: int, within: int) -> Document:
    """Make groups in each other, with long texts, and many groups in the innermost."""
    items = [group(f"g{n}", "?", {"linkId": f"q{n}", "type": "date"}) for n in range(within)]
    for number in range(depth):
        items = [group(f"outer{number}", "x" * 90_000, *items)]
    return form(*items)


def group(name: str, text: str, *items: Document) -> Document:
    return {"linkId": name, "type": "group", "text": text, "item": list(items)}


def translated(languages: int) -> Document:
    """Make a Questionnaire in many languages, with a long description and copyright."""
    tags = ["".join(letters) for letters in product(ascii_lowercase, repeat=3)][:languages]
    said = [
        {"url": TRANSLATION, "extension": [{"url": "lang", "valueCode": tag}, CONTENT]}
        for tag in tags
    ]
    long = {"description": "d" * 2_000_000, "copyright": "c" * 2_000_000}
    return form({"linkId": "q", "type": "date", "text": "?", "_text": {"extension": said}}) | long


FHIR: dict[str, Callable[[], Document]] = {
    "5 000 items": lambda: form(*(choice(n, 3) for n in range(5_000))),
    "as many items as are read": lambda: form(*(choice(n, 10) for n in range(1_900))),
    "a million options": lambda: form(
        {"linkId": "q", "type": "choice", "answerOption": [{}] * 1_000_000}
    ),
    "as many options as 10 MB hold": lambda: form(choice(1, 160_000)),
    "linkIds of 4 000 letters": lambda: form(
        *(choice(n, 2, linkId="x" * 4_000 + str(n)) for n in range(1_900))
    ),
    "conditions on a thousand codes": lambda: form(
        choice(0, 999), *(choice(n, 1, enableWhen=[when(0, n % 999)]) for n in range(1, 1_900))
    ),
    "sets that hold each other": lambda: chain(2_000, 25),
    "a long row of sets": lambda: chain(15_000, 1),
    "groups within groups, whose texts add up": lambda: nested(40, 900),
    "10 000 languages": lambda: translated(10_000),
    "50 languages": lambda: translated(49),
    "an item with 200 000 extensions": lambda: form(
        choice(1, 2, extension=[{"url": f"urn:x/{n}"} for n in range(200_000)])
    ),
}


@pytest.mark.parametrize("name", FHIR)
def test_a_hostile_questionnaire_of_fhir_is_read_or_refused_soon(name: str) -> None:
    data = json.dumps(FHIR[name]()).encode()
    with bounded(), suppress(NotValid):
        brought = arrival.read([File("fhir.json", data)])
        assert len(json.dumps(brought.binder)) < 3 * len(data)
        assert len(arrival.troubles(brought, Path("nowhere"))) < 20_000

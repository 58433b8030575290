"""/centre/drafts/…/bench/examples: examples run, and one more made of what is filled in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.testclient import TestClient

from app import drafts
from app.centre.proof import number
from app.db import Database
from app.places import appended
from app.settings import Settings
from tests.benched import draft, kept
from tests.documents import SMALL
from tests.staffed import come_as

TEXT = (SMALL / "mean-all.json").read_text("utf-8")
BY_HAND = {"name": "by hand", "source": "Kari, with a pen", "revision": "1"}


@pytest.fixture
def author(client: TestClient, database: Database, settings: Settings) -> dict[str, str]:
    """The hidden field of an author's forms, of whom the client now has the cookie."""
    return {"csrf": come_as(client, database, settings, "author")}


def test_the_examples_are_run_with_what_they_expect_beside_what_is_computed(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    right = draft(database, "mean-all")
    assert "Alle eksemplene gir det de skal" in client.get(f"{right}/examples").text
    text = (SMALL / "mean-half.json").read_text("utf-8")
    expected = json.loads(text)["examples"][0]["expected"]
    wrong = text.replace(json.dumps(expected), json.dumps(dict.fromkeys(expected, 2.75)), 1)
    bench = draft(database, "mean-half", definition=wrong)
    page = client.get(f"{bench}/examples").text
    assert "gir ikke det" in page
    assert "2,75" in page


SOUND, UNREAD, MISNAMED = (
    {"name": name, "source": "s", "answers": answers, "expected": {"total": None}}
    for name, answers in (("sound", {}), ("unread", {"q1": "two"}), ("misnamed", {"q9": 1}))
)


@pytest.mark.parametrize("examples", [[], None, [SOUND, UNREAD], [MISNAMED], ["none"]])
def test_a_definition_that_lacks_only_right_examples_is_filled_in_and_gets_one(
    client: TestClient, database: Database, author: dict[str, str], examples: Any
) -> None:
    definition = json.loads(TEXT) | {"examples": examples}
    if examples is None:
        del definition["examples"]
    bench = draft(database, "mean-all", definition=json.dumps(definition, indent=2))
    with database.read() as session:
        found = drafts.checked(session, drafts.parts(kept(database, bench)))
    assert all(one.path.startswith("examples") for one in found.problems["definition"])
    filled = client.post(f"{bench}/hand", data=author | {"q1": "2", "q2": "2", "q3": "3"})
    assert filled.status_code == 303
    names = client.get(f"{bench}/examples").text
    assert ("sound" in names) is (examples == [SOUND, UNREAD])
    client.post(f"{bench}/examples", data=author | BY_HAND | {"expected.total": "7/3"})
    now = json.loads(kept(database, bench).definition)
    *before, made = now.pop("examples")
    assert (before, made["name"]) == (examples or [], "by hand")
    assert now.items() <= definition.items()


def test_what_is_filled_in_becomes_an_example_where_it_was_figured_right(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    client.post(f"{bench}/hand", data=author | {"q1": "2", "q2": "2", "q3": "3"})
    page = client.get(f"{bench}/examples").text
    assert "q1 = 2, q2 = 2, q3 = 3" in page
    assert 'name="expected.total" aria-describedby="expected" value=""' in page
    for name, code in json.loads(TEXT)["examples"][0]["answers"].items():
        assert f"<li>{name}: {code} = " in page
    wrong = client.post(f"{bench}/examples", data=author | BY_HAND | {"expected.total": "2,33"})
    assert wrong.status_code == 422
    assert "2,333333333" in wrong.text
    assert 'value="2,33"' in wrong.text
    assert kept(database, bench).definition == TEXT
    added = client.post(f"{bench}/examples", data=author | BY_HAND | {"expected.total": "7/3"})
    assert added.headers["location"] == f"{bench}/examples"
    now = kept(database, bench)
    assert (now.revision, now.editors[-1]) == (2, "staff:author@example.org")
    made = json.loads(now.definition)["examples"][-1]
    assert made["answers"] == {"q1": 2, "q2": 2, "q3": 3}
    assert abs(made["expected"]["total"] - 7 / 3) < 1e-15
    before, after = TEXT[: TEXT.rindex("}", 0, TEXT.rindex("]")) + 1], "\n  ]\n}\n"
    assert now.definition.startswith(before)
    assert now.definition.endswith("}" + after)
    assert "by hand" in client.get(f"{bench}/examples").text


def test_one_right_value_does_not_make_up_for_a_wrong_one(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "affine")
    before = kept(database, bench).definition
    client.post(f"{bench}/hand", data=author | {"q1": "1", "q2": "1"})
    expected = {"expected.raw": "1", "expected.t": "51"}
    page = client.post(f"{bench}/examples", data=author | BY_HAND | expected)
    assert (page.status_code, kept(database, bench).definition) == (422, before)


def test_a_score_that_must_not_be_given_is_vouched_for_too(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all")
    client.post(f"{bench}/hand", data=author | {"q1": "2"})
    added = client.post(f"{bench}/examples", data=author | BY_HAND | {"expected.total": "-"})
    assert added.status_code == 303
    assert json.loads(kept(database, bench).definition)["examples"][-1]["expected"] == {
        "total": None
    }


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"name": "", "expected.total": "-"}, 422, "give the example a name"),
        ({"name": "one missing", "expected.total": "-"}, 422, "another example has this name"),
        ({"source": "", "expected.total": "-"}, 422, "where the expected values are from"),
        ({}, 422, "at least one score"),
        ({"expected.total": "about 2"}, 422, "write a number"),
        ({"expected.total": "1/0"}, 422, "write a number"),
        ({"expected.total": "-", "revision": "7"}, 409, "ola@example.org has changed"),
        ({"expected.total": "-", "revision": "x"}, 409, "ola@example.org has changed"),
    ],
)
def test_an_example_is_whole_or_it_is_not_added(
    client: TestClient,
    database: Database,
    author: dict[str, str],
    sent: dict[str, str],
    status: int,
    told: str,
) -> None:
    bench = draft(database, "mean-all")
    page = client.post(f"{bench}/examples", data=author | BY_HAND | sent)
    assert page.status_code == status
    assert told in page.text
    assert kept(database, bench).definition == TEXT


def test_what_cannot_be_tried_gets_no_example(
    client: TestClient, database: Database, author: dict[str, str]
) -> None:
    bench = draft(database, "mean-all", definition="{}")
    page = client.post(f"{bench}/examples", data=author | BY_HAND)
    assert (page.status_code, kept(database, bench).definition) == (409, "{}")


@given(some.integers(-10_000, 10_000), some.integers(1, 999))
def test_numbers_and_fractions_are_read_as_people_write_them(above: int, below: int) -> None:
    assert number(f"{above} / {below}") == above / below
    assert number(str(above / 64).replace(".", ",").replace("-", "−")) == above / 64
    assert number(f"{above}/0") is None
    assert number(f"{above} of {below}") is None


ELEMENT = some.dictionaries(some.text(max_size=3), some.integers(0, 9), min_size=1, max_size=3)


@given(
    some.lists(ELEMENT, min_size=1, max_size=3),
    ELEMENT,
    some.sampled_from([None, 1, 2, "\t"]),
    some.booleans(),
)
def test_an_example_is_added_and_all_else_stays_as_it_was_written(
    there: list[Any], new: dict[str, Any], indent: Any, flat: bool
) -> None:
    text = json.dumps({"before": [1], "examples": there, "after": {"examples": []}}, indent=indent)
    if flat:  # a line for each example, as shipped instruments have it
        inside = ",\n  ".join(json.dumps(one) for one in there)
        text = f'{{\n "examples": [\n  {inside}\n ],\n "after": 1}}'
    made = appended(text, "examples", new)
    assert json.loads(made)["examples"] == [*there, new]
    place = text.rindex("}", 0, text.index('"after"'))  # where the last example ends
    assert made.startswith(text[: place + 1])
    assert made.endswith(text[place + 1 :])
    assert made.count("\n") - text.count("\n") in (0, 1, len(new) + 2)

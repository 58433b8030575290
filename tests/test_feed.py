"""The feed: results in the order in which they became visible, nothing skipped, nothing twice."""

import json
from collections.abc import Iterator

import pytest

from app import feed
from app.db import Database
from app.errors import Refused
from app.feed import Filters, Place
from app.models import cursor
from tests.conftest import Party
from tests.flow import answer_and_send

START = Place("hips", 0)
RAND_36 = Filters(instrument="rand-36")


@pytest.fixture
def five(hips: Party, database: Database) -> None:
    """Five results of hips: RAND-12 and RAND-36 by turns."""
    for number in range(5):
        order = hips.order(instruments=["rand-36" if number % 2 else "rand-12"])
        answer_and_send(database, order["id"])


def numbers(documents: Iterator[str] | list[str]) -> list[int]:
    return [int(json.loads(document)["cursor"]) for document in documents]


def streamed(database: Database, at: Place, limit: int | None = None) -> list[list[int]]:
    """Return the numbers of each chunk."""
    chunks = [chunk.decode() for chunk in feed.stream(database, at, limit)]
    assert all(chunk.endswith("\n") for chunk in chunks)
    return [numbers(chunk.splitlines()) for chunk in chunks]


@pytest.mark.usefixtures("five")
def test_a_place_is_behind_a_cursor_that_the_feed_has_reached(database: Database) -> None:
    with database.read() as session:
        assert feed.place(session, "hips", cursor(5), RAND_36) == Place("hips", 5, RAND_36)
        assert feed.place(session, "hips", cursor(0)) == START
        assert feed.place(session, "hips", None) == START
        assert feed.place(session, "hips", "") == START
        for registry, beyond in (("hips", 6), ("knees", 1), ("hips", 2**63), ("hips", 10**20 - 1)):
            with pytest.raises(Refused, match="ahead of this registry's feed"):
                feed.place(session, registry, cursor(beyond))


@pytest.mark.parametrize(
    "wrong", ["1", " " * 20, "-" + "0" * 19, "+" + "0" * 19, "0" * 21, "٠" * 20]
)
def test_what_is_no_cursor_is_refused(database: Database, wrong: str) -> None:
    with database.read() as session, pytest.raises(Refused, match="after: is not a cursor"):
        feed.place(session, "hips", wrong)


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("after", "limit", "found", "more"),
    [
        (0, 2, [1, 2], True),
        (2, 2, [3, 4], True),
        (4, 2, [5], False),
        (3, 2, [4, 5], False),
        (0, 9, [1, 2, 3, 4, 5], False),
        (5, 9, [], False),
        (9, 9, [], False),
    ],
)
def test_a_page_goes_on_behind_its_place(
    database: Database, after: int, limit: int, found: list[int], more: bool
) -> None:
    with database.read() as session:
        page = feed.page(session, Place("hips", after), limit)
    assert (numbers(page.documents), page.more) == (found, more)
    assert page.next == cursor(found[-1] if found else after)


@pytest.mark.usefixtures("five")
def test_one_instrument_is_a_feed_of_its_own(database: Database) -> None:
    with database.read() as session:
        page = feed.page(session, Place("hips", 0, RAND_36), 1)
    assert (numbers(page.documents), page.next, page.more) == ([2], cursor(2), True)
    assert streamed(database, Place("hips", 2, RAND_36)) == [[4]]


@pytest.mark.usefixtures("five")
def test_a_stream_comes_in_chunks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "CHUNK", 2)
    assert streamed(database, START) == [[1, 2], [3, 4], [5]]
    assert streamed(database, START, 3) == [[1, 2], [3]]
    assert streamed(database, START, 4) == [[1, 2], [3, 4]]
    assert streamed(database, Place("hips", 1)) == [[2, 3], [4, 5]]
    assert streamed(database, Place("hips", 5)) == []
    assert streamed(database, Place("knees", 0)) == []


@pytest.mark.usefixtures("five")
def test_what_comes_while_a_stream_is_read_is_read_too(
    hips: Party, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 5)
    stream = feed.stream(database, START, None)
    first = next(stream)
    answer_and_send(database, hips.order(instruments=["rand-12"])["id"])
    assert numbers(first.decode().splitlines()) == [1, 2, 3, 4, 5]
    assert numbers(b"".join(stream).decode().splitlines()) == [6]


@pytest.mark.usefixtures("five")
def test_a_slow_reader_holds_no_connection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "CHUNK", 1)
    stream = feed.stream(database, START, None)
    next(stream)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    stream.close()  # type: ignore[attr-defined]

"""What `svar pull` makes of a service that is away, busy, broken, or of another mind."""

import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pulling import pages, state
from app.pulling.pages import Garbled
from app.pulling.pull import Progress, Wish, pull
from app.pulling.stops import FolderBroken, NotLetIn, NotReached
from tests.pulled import Cut, SmallService, files_in, parts_of, rows_of, state_of

FEED = ["a", "b", "a", "a", "b"]
GONE = httpx.ConnectError("Connection refused")
BUSY = httpx.Response(429, headers={"Retry-After": "7"}, json={"detail": "Too often."})
EMPTY = b'"cursor","name"\n'


def pulled(small: SmallService, folder: Path, *, rows: int = 2, **more: Any) -> Progress:
    latest = more.pop("latest", False)
    wish = Wish(folder=folder, form="csv", rows=rows, latest=latest, check=more.pop("check", False))
    return pull(small.client(**more), wish, lambda _: None)


def whole(small: SmallService, folder: Path) -> None:
    """See that a folder holds the feed, each result once, and that its state tells the truth."""
    for name in ("a", "b"):
        files = parts_of(folder, f"{name}/1.0")
        assert rows_of(files) == small.expected(name)
        told = state_of(folder)["tables"].get(f"{name}/1.0", {"parts": []})["parts"]
        for file, part in zip(files, told, strict=True):
            assert part["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
            assert part["rows"] == len(rows_of([file]))


def test_parts_hold_so_many_results_at_most(tmp_path: Path) -> None:
    small = SmallService(FEED)
    assert pulled(small, tmp_path).rows == {"a/1.0": 3, "b/1.0": 2}
    assert [len(rows_of([file])) for file in parts_of(tmp_path, "a/1.0")] == [2, 1]
    whole(small, tmp_path)


def test_what_is_new_is_a_new_part_and_the_others_stay(tmp_path: Path) -> None:
    small = SmallService(FEED[:2])
    pulled(small, tmp_path)
    before = {file: (tmp_path / file).stat().st_mtime_ns for file in files_in(tmp_path)}
    small.feed.append("a")
    assert pulled(small, tmp_path).rows == {"a/1.0": 1}
    parts = [one for one in before if "part-" in one]
    assert {one: (tmp_path / one).stat().st_mtime_ns for one in parts} == {
        one: before[one] for one in parts
    }
    whole(small, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "waits", "words"),
    [
        ([GONE] * 3, [1, 2, 4], "127.0.0.1 cannot be reached (Connection refused)."),
        ([BUSY] * 2, [7, 7], "The service answers 429: Too often."),
        ([httpx.Response(503)], [1], "The service answers 503: Service Unavailable"),
        ([httpx.RemoteProtocolError("peer closed")], [1], "peer closed"),
        ([httpx.ReadTimeout("")], [1], "ReadTimeout"),
        ([httpx.Response(200, text="<html>")], [1], "The answer is no JSON."),
        ([None, httpx.Response(200, content=EMPTY[:-1])], [1], "did not come whole"),
    ],
)
def test_what_may_go_better_later_is_tried_again(
    tmp_path: Path, wrong: list[Any], waits: list[int], words: str
) -> None:
    small = SmallService(FEED, broken=iter([None, *wrong]))
    slept, said = list[float](), list[str]()
    pulled(small, tmp_path, sleep=slept.append, told=said.append)
    assert slept == waits
    assert all(words in line for line in said)
    assert said[0].endswith(f"Trying again in {waits[0]} s.")
    whole(small, tmp_path)


def test_whoever_says_when_is_asked_again_then(tmp_path: Path) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    busy = httpx.Response(503, headers={"Retry-After": then})
    slept: list[float] = []
    small = SmallService(FEED, broken=iter([busy]))
    pulled(small, tmp_path, sleep=slept.append)
    assert [95 < wait <= 100 for wait in slept] == [True]


@pytest.mark.parametrize(
    ("wrong", "number"),
    [([GONE] * 9, 4), ([httpx.Response(429, headers={"Retry-After": "601"})], 1)],
)
def test_in_the_end_it_stops_with_what_has_come_and_the_next_run_goes_on(
    tmp_path: Path, wrong: list[Any], number: int
) -> None:
    small = SmallService(FEED, broken=iter([None, None, None, *wrong]))
    with pytest.raises(NotReached, match="the next run goes on from there"):
        pulled(small, tmp_path)
    assert small.asked.count("/api/v1/results") == 1 + number
    assert len(parts_of(tmp_path, "a/1.0")) == 1
    small.broken = iter(())
    assert pulled(small, tmp_path).rows == {"a/1.0": 1, "b/1.0": 2}
    whole(small, tmp_path)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(403, json={"detail": "This needs the scope results."}), "needs the scope"),
        (httpx.Response(404, json=["?"]), "404: Not Found"),
        (httpx.Response(401), "401: Unauthorized"),
        (httpx.Response(301, headers={"Location": "https://b.no"}), "it has moved to https://b.no"),
        (httpx.Response(200, text="<html>"), "gives no token. Is it the service's address?"),
    ],
)
def test_what_will_not_go_better_is_told_at_once(
    tmp_path: Path, answer: httpx.Response, words: str
) -> None:
    small = SmallService(FEED, broken=iter([answer]))
    with pytest.raises(NotLetIn, match=re.escape(words)):
        pulled(small, tmp_path)
    assert small.asked == ["/oauth/token"]


def test_a_token_that_has_ended_is_changed_for_another_once(tmp_path: Path) -> None:
    ended = httpx.Response(401, json={"detail": "Fetch a new one."})
    small = SmallService(FEED, broken=iter([None, None, ended]))
    pulled(small, tmp_path)
    assert small.tokens == 2
    whole(small, tmp_path)
    small = SmallService(FEED, broken=iter([None, None, ended, None, ended]))
    with pytest.raises(NotLetIn, match=r"Fetch a new one\."):
        pulled(small, tmp_path / "other")


def test_a_token_is_changed_before_it_ends(tmp_path: Path) -> None:
    small = SmallService(FEED, lasts=20)
    pulled(small, tmp_path)
    assert small.tokens == len(small.asked) / 2 > 3


def test_an_instrument_that_is_not_there_is_told(tmp_path: Path) -> None:
    wish = Wish(folder=tmp_path, form="csv", instruments=("b", "c"))
    with pytest.raises(NotLetIn, match=r"There is no instrument c\. There are: a, b\."):
        pull(SmallService(FEED).client(), wish, lambda _: None)


def test_one_instrument_may_be_pulled_alone(tmp_path: Path) -> None:
    wish = Wish(folder=tmp_path, form="csv", instruments=("b",), latest=True)
    pull(SmallService(FEED).client(), wish, lambda _: None)
    assert files_in(tmp_path / "b") == ["1.0/latest.csv", "1.0/part-000001.csv"]
    assert not (tmp_path / "a").exists()


def test_the_newest_results_are_fetched_when_there_may_be_others(tmp_path: Path) -> None:
    small = SmallService(FEED)
    fetched = 0
    for feed, again in (([], 2), ([], 0), (["a"], 1)):
        small.feed += feed
        pulled(small, tmp_path, latest=True)
        fetched += again
        assert small.asked.count("/api/v1/results/latest") == fetched
    latest = tmp_path / "a/1.0/latest.csv"
    assert rows_of([latest]) == small.expected("a")
    latest.unlink()
    pulled(small, tmp_path, latest=True)
    assert rows_of([latest]) == small.expected("a")


def test_without_the_file_of_newest_results_none_is_left_that_is_old(tmp_path: Path) -> None:
    small = SmallService(FEED)
    pulled(small, tmp_path, latest=True)
    for _ in range(2):
        pulled(small, tmp_path, latest=False)
        assert [file for file in files_in(tmp_path) if "latest" in file] == []
    pulled(small, tmp_path, latest=True)
    assert (tmp_path / "b/1.0/latest.csv").exists()


@pytest.mark.parametrize(
    "cut",
    [
        b"",
        b'"cursor","name"',
        b'"name"\n"x"\n',
        b'"cursor","name"\n"00000000000000000001"\n',
        b'"cursor","name"\n"1","x"\n',
        b'"cursor","name"\n"00000000000000000001","x\n',
        b"\xff\n",
    ],
)
def test_a_file_that_is_no_whole_table_is_seen(tmp_path: Path, cut: bytes) -> None:
    file = tmp_path / "part"
    file.write_bytes(cut)
    forms: list[state.Format] = ["csv", "parquet"]
    for form in forms:
        with pytest.raises(Garbled):
            pages.measured(file, form)


def test_the_column_of_cursors_is_found_where_an_item_has_its_name(tmp_path: Path) -> None:
    file = tmp_path / "part.csv"
    file.write_text(f'"svar_cursor","cursor"\n"{7:020}","2"\n')
    assert pages.measured(file, "csv") == (1, f"{7:020}")


def test_nothing_but_what_a_pull_has_made_is_removed(tmp_path: Path) -> None:
    small = SmallService(FEED)
    pulled(small, tmp_path)
    left = ["a/1.0/part-000009.csv", "a/1.0/.latest.csv.tmp", "a/1.0/.part-000003.csv.tmp"]
    others = ["a/1.0/part-000001.parquet", "a/1.0/notes.csv", "mine/old/part-000001.csv"]
    for name in left + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    pulled(small, tmp_path)
    there = files_in(tmp_path)
    assert [name for name in left if name in there] == []
    assert [name for name in others if name not in there] == []


def kills(moments: Iterator[int]) -> Any:
    """Return what takes the place of fsync: the power goes at the next of these calls."""
    left = next(moments)

    def cut(_: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            left = next(moments, 0)
            raise Cut

    return cut


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    feed=st.lists(st.sampled_from("ab"), max_size=12),
    begun=st.integers(0, 12),
    rows=st.integers(1, 4),
    moments=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    torn=st.integers(0, 40),
)
def test_cut_off_at_any_moment_it_goes_on_and_has_everything_once(
    tmp_path_factory: pytest.TempPathFactory,
    feed: list[str],
    begun: int,
    rows: int,
    moments: list[int],
    torn: int,
) -> None:
    folder, small = tmp_path_factory.mktemp("pull"), SmallService(feed[:begun])
    with pytest.MonkeyPatch.context() as power:
        power.setattr(os, "fsync", kills(iter([*moments, 0])))
        for _ in moments:
            try:
                pulled(small, folder, rows=rows, latest=True)
            except Cut:
                for file in folder.glob("*/*/.*.tmp"):  # what was not yet on the disk is lost
                    os.truncate(file, min(torn, file.stat().st_size))
            small.feed = feed
        power.setattr(os, "fsync", lambda _: None)
        pulled(small, folder, rows=rows, latest=True, check=True)
    whole(small, folder)
    assert [file for file in files_in(folder) if ".tmp" in file] == []


CURSORS = st.integers(0, 10**20 - 1).map("{:020}".format)
PARTS = st.builds(
    state.Part,
    name=st.integers(0, 999_999).map("part-{:06}.csv".format),
    rows=st.integers(1),
    bytes=st.integers(1),
    sha256=st.binary(max_size=2).map(lambda some: hashlib.sha256(some).hexdigest()),
)
TABLES = st.sampled_from(["rand-36/1.0", "rand-36/1.1", "who-5/2.10"])
KEPT = st.builds(
    state.Kept,
    cursor=CURSORS,
    parts=st.lists(PARTS, min_size=1, max_size=3).map(tuple),
    latest=st.none() | CURSORS,
)
STATES = st.builds(
    state.State,
    url=st.text(),
    client_id=st.text(),
    format=st.sampled_from(["csv", "parquet"]),
    tables=st.dictionaries(TABLES, KEPT, max_size=3),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(before=STATES, table=TABLES, part=PARTS, cursor=CURSORS)
def test_a_state_is_read_as_it_was_written_and_grows_by_a_part(
    before: state.State, table: str, part: state.Part, cursor: str
) -> None:
    assert state.read(before.written()) == before
    after = state.read(before.grown(table, part, cursor).written())
    known = before.tables[table].parts if table in before.tables else ()
    assert after.tables[table].parts == (*known, part)
    assert after.tables[table].cursor == cursor
    assert {name: after.tables[name] for name in before.tables if name != table} == {
        name: kept for name, kept in before.tables.items() if name != table
    }


@settings(max_examples=40, deadline=None, derandomize=True)
@given(before=STATES, at=st.integers(0, 10_000))
def test_a_state_that_is_cut_off_is_never_taken_for_one(before: state.State, at: int) -> None:
    text = before.written()
    with pytest.raises(FolderBroken):
        state.read(text[: at % (len(text) - 2)])

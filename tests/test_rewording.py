"""scoring/rewording.py: which texts of a wording differ, and which have moved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import catalogue, revisions
from app.db import Database
from app.errors import Frozen
from scoring import Wording
from scoring.rewording import Reworded, moved, reworded, texts
from tests.documents import SMALL, read
from tests.worded import publish_small, wording_for

LABELS = ("Aldri", "Sjelden", "Av og til", "Ofte", "Alltid")


def wording(labels: tuple[str, ...] = LABELS, **more: Any) -> Wording:
    made = wording_for(read(SMALL / "mean-all.json"))
    options = {"five": {str(code): text for code, text in enumerate(labels, 1)}}
    return Wording.model_validate(made | {"options": options} | more)


@given(some.permutations(LABELS))
def test_labels_have_moved_just_when_one_stands_at_another_code(order: list[str]) -> None:
    found = moved(wording(), wording(tuple(order)))
    wanted = [
        Reworded(f"options.five.{code}", was, now)
        for code, (was, now) in enumerate(zip(LABELS, order, strict=True), 1)
        if was != now
    ]
    assert list(found) == wanted
    assert list(reworded(wording(), wording(tuple(order)))) == wanted


def test_a_label_that_is_only_written_otherwise_has_not_moved() -> None:
    corrected = ("aldri.", "Sjelden", "Av  og til", "OFTE", "Hele tiden")
    assert moved(wording(), wording(corrected)) == ()
    assert len(reworded(wording(), wording(corrected))) == 4
    hidden = ("alltid.", "Sjelden", "Av og til", "Ofte", "Nå og da")
    assert [one.path for one in moved(wording(), wording(hidden))] == ["options.five.1"]


def test_questions_and_the_ends_of_scales_may_not_change_places_either() -> None:
    ends = {"best": "Best", "worst": "Verst"}
    turned = {"best": "Verst", "worst": "Best"}
    before = wording(anchors={"q1": ends}, items={"q1": "Søvn?", "q2": "Uro?", "q3": "Hvor lenge?"})
    after = wording(anchors={"q1": turned}, items={"q1": "Uro?", "q2": "Søvn?", "q3": "Søvn?"})
    paths = [one.path for one in moved(before, after)]
    assert paths == ["items.q1", "items.q2", "items.q3", "anchors.q1.best", "anchors.q1.worst"]
    same = wording(anchors={"q1": ends}, items=before.items | {"q2": "Hvor lenge?"})
    assert moved(before, same) == ()


def test_every_text_has_its_path_and_no_name_is_a_text() -> None:
    found = texts(wording())
    assert {"title", "items.q1", "options.five.1", "status"} < found.keys()
    assert not {"instrument", "version", "language", "revision"} & found.keys()
    new = wording(stems={"first": "Om deg"})
    assert reworded(wording(), new) == (Reworded("stems.first", None, "Om deg"),)
    assert reworded(new, wording()) == (Reworded("stems.first", "Om deg", None),)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_no_revision_of_a_major_turns_what_an_answer_means(
    database: Database, version: str
) -> None:
    definition = read(SMALL / "mean-all.json")
    first = wording_for(definition)
    name, labels = next(iter(first["options"].items()))
    codes = list(labels)
    turned = {name: dict(zip(codes, reversed(labels.values()), strict=True))}
    with database.write() as session:
        publish_small(session, "mean-all")
        catalogue.publish(session, definition | {"version": version}, {}, "me")
        sent = first | {"version": version, "revision": 2, "options": turned}
        with pytest.raises(Frozen, match="would mean something else; make the next MAJOR version"):
            revisions.publish(session, sent, "me")
        corrected = {name: labels | {codes[0]: "corrected"}}
        revisions.publish(session, first | {"version": "1.0", "revision": 2}, "me")
        made = revisions.publish(
            session, first | {"version": "1.0", "revision": 3, "options": corrected}, "me"
        )
        assert made.revision == 3

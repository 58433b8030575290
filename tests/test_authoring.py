"""Authors begin drafts, add to them and discard them; nothing is lost, and nothing is guessed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlmodel import Session, select

from app import authoring, catalogue, drafts
from app.db import Database
from app.errors import Conflict, NotFound, Refused
from app.exchange import sheets_in, sheets_out
from app.exchange.binder import Binder, Brought
from app.models import AuditEvent, InstrumentDraft
from scoring import Problem, Wording
from tests.documents import VALUE_SETS, read
from tests.drafted import AUTHOR, NAME, REVIEWER, begun, brought, document, published, small

SHIPPED = ["rand-12", "eq-5d-5l"]

UNUSED: Any = None
"""In place of a database that is not asked."""


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.write() as opened:
        yield opened


def test_what_is_brought_in_is_kept_as_it_is_with_what_is_to_be_decided(session: Session) -> None:
    draft = begun(session, Problem("scores", "are not told"))
    assert (draft.status, draft.revision, draft.editors) == ("draft", 1, [AUTHOR])
    assert list(drafts.parts(draft)) == ["definition", "wording nb"]
    assert document(draft) == small()
    assert draft.decisions == [{"path": "scores", "message": "are not told"}]
    assert drafts.get(session, *NAME) is draft
    assert drafts.listed(session) == [draft]
    with pytest.raises(Conflict, match="already"):
        begun(session)
    authoring.begin(session, brought(name="Anew"), REVIEWER, replace=True)
    assert document(draft)["name"] == "Anew"
    assert (draft.revision, draft.editors, draft.decisions) == (2, [AUTHOR, REVIEWER], [])
    acts = session.exec(select(AuditEvent.what).where(AuditEvent.record == "mean-all/1.0"))
    assert sorted(acts) == ["draft.begun", "draft.replaced"]


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ({"id": "../x"}, "id"),
        ({"id": None}, "id"),
        ({"version": "1"}, "version"),
        ({"wordings": ({"language": "nb"}, {"language": "nb"})}, "files"),
        ({"wordings": ({"language": "../nb"},)}, "part"),
        ({"value_sets": ({"id": "x" * 41},)}, "part"),
        ({"value_sets": tuple({"id": f"x{n}"} for n in range(60))}, "parts"),
        ({"name": "half a character: \ud800"}, "definition"),
        ({"name": "x" * 10_000_000}, "definition"),
    ],
)
def test_what_can_have_no_name_or_place_is_refused(files: dict[str, Any], field: str) -> None:
    beside = {name: files[name] for name in ("wordings", "value_sets") if name in files}
    definition = small(**{name: one for name, one in files.items() if name not in beside})
    binder = Binder(definition, **({"wordings": ()} | beside))
    with pytest.raises(Refused) as refused:
        authoring.begin(UNUSED, Brought(binder, ()), AUTHOR)
    assert refused.value.errors[0].field == field


def test_the_next_version_begins_with_the_words_of_the_one_before(session: Session) -> None:
    draft = authoring.copy(session, "eq-5d-5l", "1.0", "1.1", AUTHOR)
    assert drafts.checked(session, drafts.parts(draft), ("eq-5d-5l", "1.1")).problems == {}
    before = catalogue.wordings(session, "eq-5d-5l", "1.0")
    assert sorted(draft.wordings) == [one.language for one in before]
    assert before
    assert "value_sets" not in document(draft)
    published(session)
    with pytest.raises(Refused, match=r"1\.1 or 2\.0"):
        authoring.copy(session, *NAME, "1.2", AUTHOR)
    authoring.copy(session, *NAME, "2.0", AUTHOR)
    with pytest.raises(NotFound):
        authoring.copy(session, "mean-all", "7.0", "7.1", AUTHOR)


def test_parts_are_added_and_removed_and_decisions_ticked_off(session: Session) -> None:
    draft = begun(session, Problem("a", "1"), Problem("b", "2"))
    words = document(draft, "wording nb")
    words["items"] = {name: words["items"][name] for name in reversed(words["items"])}
    draft.wordings = {"nb": authoring.text_of(words)}
    authoring.add_part(session, draft, "wording nn", "", 1, AUTHOR)
    nynorsk = document(draft, "wording nn")
    assert list(nynorsk["items"]) == ["q1", "q2", "q3"]
    assert nynorsk["items"] == document(draft, "wording nb")["items"]
    assert (nynorsk["language"], nynorsk["status"]) == ("nn", "placeholder")
    with pytest.raises(Conflict, match="has the part"):
        authoring.add_part(session, draft, "wording nn", "", 2, AUTHOR)
    authoring.add_part(session, draft, "value set xx-1", "", 2, AUTHOR)
    assert document(draft, "value set xx-1") == {"instrument": "mean-all", "id": "xx-1"}
    authoring.decide(session, draft, 1, 3, AUTHOR)
    assert [one["path"] for one in draft.decisions] == ["b"]
    for part in ("value set xx-1", "wording nn", "wording nb"):
        authoring.remove_part(session, draft, part, draft.revision, REVIEWER)
    authoring.add_part(session, draft, "wording sv", "", draft.revision, AUTHOR)
    assert "items" not in document(draft, "wording sv")
    drafts.keep(session, draft, "wording sv", "not JSON", draft.revision, AUTHOR)
    authoring.add_part(session, draft, "wording da", "", draft.revision, AUTHOR)
    assert draft.editors == [REVIEWER, AUTHOR]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda s, d: authoring.remove_part(s, d, "definition", 1, AUTHOR), Refused),
        (lambda s, d: authoring.remove_part(s, d, "wording fi", 1, AUTHOR), NotFound),
        (lambda s, d: authoring.decide(s, d, 1, 1, AUTHOR), NotFound),
        (lambda s, d: drafts.keep(s, d, "wording fi", "{}", 1, AUTHOR), NotFound),
        (lambda s, d: drafts.keep(s, d, "definition", "\0", 1, AUTHOR), Refused),
        (lambda s, d: drafts.keep(s, d, "definition", "{}", 2, AUTHOR), Conflict),
        (lambda s, d: drafts.keep(s, d, "wording nb", "\ud800", 1, AUTHOR), Refused),
    ],
)
def test_what_cannot_be_done_changes_nothing(session: Session, act: Any, error: Any) -> None:
    draft = begun(session)
    before = (draft.revision, drafts.parts(draft), draft.editors)
    with pytest.raises(error):
        act(session, draft)
    assert (draft.revision, drafts.parts(draft), draft.editors) == before


def test_a_draft_that_is_discarded_is_gone(session: Session) -> None:
    draft = begun(session)
    authoring.discard(session, draft, AUTHOR)
    with pytest.raises(NotFound):
        drafts.get(session, *NAME)
    with pytest.raises(NotFound):
        drafts.keep(session, draft, "definition", "{}", 1, AUTHOR)


def test_a_part_under_another_name_than_its_own_is_a_problem(session: Session) -> None:
    foreign = read(VALUE_SETS / "eq-5d-5l" / "no-2024.json")
    texts = {
        "definition": json.dumps(small()),
        "wording nb": json.dumps(brought(languages=("nn",)).binder.wordings[0]),
        "wording sv": "{",
        "wording da": "{}",
        "value set no-2025": json.dumps(foreign),
        "value set no-2024": json.dumps(foreign | {"instrument": "mean-all", "year": "long ago"}),
        "value set no-2023": "{",
    }
    found = drafts.checked(session, texts, ("mean-all", "1.1")).problems
    told = {part: [str(one) for one in problems] for part, problems in found.items()}
    assert told["definition"] == ["version: must be 1.1, as this draft has it"]
    assert "language: must be nb, as this draft has it" in told["wording nb"]
    assert told["wording sv"][0].startswith("document: is not JSON")
    assert any("lacking" in one for one in told["wording da"])
    assert "id: must be no-2025, as this draft has it" in told["value set no-2025"]
    assert "instrument: must be mean-all, as this draft has it" in told["value set no-2025"]
    assert any(one.startswith("year") for one in told["value set no-2024"])
    assert told["value set no-2023"]


def test_what_contradicts_the_published_is_a_problem_before_it_is_handed_in(
    session: Session,
) -> None:
    published(session)
    draft = begun(session, name="Another name")
    changed = document(draft, "wording nb") | {"source": "Another source"}
    drafts.keep(session, draft, "wording nb", json.dumps(changed), 1, AUTHOR)
    norway = read(VALUE_SETS / "eq-5d-5l" / "no-2024.json")
    mine = norway | {"citation": "Another paper"}
    authoring.add_part(session, draft, "value set no-2024", json.dumps(mine), 2, AUTHOR)
    found = drafts.checked(session, drafts.parts(draft)).problems
    assert [one.path for one in found["definition"]] == ["version"]
    assert [one.path for one in found["wording nb"]] == ["revision"]
    assert "version" in [one.path for one in found["value set no-2024"]]


@pytest.mark.parametrize("wrong", ['{"id": "\\u0000"}', '{"id": "\\ud800"}', "[]", "{}", "{"])
def test_whatever_stands_in_a_definition_it_is_checked(session: Session, wrong: str) -> None:
    found = drafts.checked(session, {"definition": wrong, "wording nb": "{}"})
    assert found.problems["definition"]
    assert (found.instrument, found.wordings) == (None, {})


def test_scores_that_cannot_be_made_are_problems(session: Session) -> None:
    scores = small()["scores"] * 2
    found = drafts.checked(session, {"definition": json.dumps(small(scores=scores))})
    assert found.problems["definition"]


@given(some.dictionaries(some.text(max_size=3), some.text(max_size=3), max_size=3))
def test_spaces_make_no_other_draft_and_words_do(document: dict[str, str]) -> None:
    one = {"definition": json.dumps(document)}
    assert drafts.digest(one) == drafts.digest({"definition": json.dumps(document, indent=1)})
    other = {"definition": json.dumps(document | {"another": "one"})}
    assert drafts.digest(one) != drafts.digest(other)
    assert drafts.digest(one) != drafts.digest(one | {"wording nb": "not JSON"})


def test_drafts_in_review_come_first(session: Session) -> None:
    first, second = begun(session), begun(session, version="2.0")
    first.status, first.submitted_at, first.submitted_by = "in_review", first.begun_at, AUTHOR
    session.flush()
    assert drafts.listed(session) == [first, second]
    assert isinstance(first, InstrumentDraft)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_taken_out_and_comes_in_unchanged_is_no_other_content(
    session: Session, name: str
) -> None:
    published = catalogue.get(session, name, "1.0").instrument
    rows = catalogue.wordings(session, name, "1.0")
    worded = [Wording.model_validate_json(row.document) for row in rows]
    draft = authoring.begin(session, sheets_in.bring(sheets_out.export(published, worded)), AUTHOR)
    assert drafts.checked(session, drafts.parts(draft), (name, "1.0")).problems == {}
    for one in rows:
        assert document(draft, f"wording {one.language}") == json.loads(one.document)
    renamed = [one.model_copy(update={"title": "Another"}) for one in worded]
    other = sheets_out.export(published.model_copy(update={"name": "Another"}), renamed)
    draft = authoring.begin(session, sheets_in.bring(other), AUTHOR, replace=True)
    found = drafts.checked(session, drafts.parts(draft), (name, "1.0")).problems
    assert [one.path for one in found["definition"]] == ["version"]
    assert all(found[f"wording {one.language}"][0].path == "revision" for one in worded)
    broken = sheets_in.bring(other).binder._replace(definition={"id": name, "version": "1.0"})
    authoring.begin(session, Brought(broken, ()), AUTHOR, replace=True)

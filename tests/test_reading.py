"""app/reading.py: an instrument as one reads it, with its words and without."""

from typing import Any

from app import reading
from app.reading import Question, Unready
from scoring import Instrument, Wording
from tests.documents import INSTRUMENTS, SMALL, read, resolved
from tests.worded import wording_for


def small(name: str) -> tuple[Instrument, Wording]:
    document = resolved(SMALL / f"{name}.json")
    return Instrument.model_validate(document), Wording.model_validate(wording_for(document))


def read_by(name: str) -> dict[str, Question]:
    return {one.item.id: one for one in reading.questions(*small(name))}


def test_a_reversed_question_shows_it_by_what_its_answers_are_worth() -> None:
    instrument = Instrument.model_validate(resolved(INSTRUMENTS / "rand-36" / "1.0.json"))
    wording = Wording.model_validate(read(INSTRUMENTS / "rand-36" / "1.0.en.json"))
    found = {one.item.id: one for one in reading.questions(instrument, wording)}
    first, last = found["q1"].answers[0], found["q1"].answers[4]
    assert (first.code, first.text, first.worth, found["q1"].is_turned) == (
        1,
        "Excellent",
        (100.0,),
        True,
    )
    assert last.worth == (0.0,)
    assert not found["q3"].is_turned
    stems = [one.stem for one in found.values() if one.stem]
    assert sorted(stems) == sorted(wording.stems.values())


def test_codes_that_are_no_number_say_what_they_mean() -> None:
    meant = {
        name: {answer.means for one in read_by(name).values() for answer in one.answers}
        for name in ("not-applicable", "missing-codes", "multiple-choice")
    }
    assert meant["not-applicable"] == {"", "not_applicable"}
    assert meant["missing-codes"] == {"", "missing"}
    assert meant["multiple-choice"] == {"", "alone"}


def test_the_ends_of_a_scale_stand_where_the_patient_sees_them() -> None:
    instrument, wording = small("numeric-rating")
    item = instrument.items[0]
    low, high = ("Verst mulig", "Best mulig")
    for direction in ("higher_is_better", "lower_is_better"):
        turned = item.model_copy(update={"direction": direction})
        assert reading.words(instrument, wording, turned) == {0: low, 10: high, 99: ""}
        low, high = high, low
    assert set(reading.words(instrument, None, item).values()) == {""}


def test_without_words_there_are_codes() -> None:
    instrument, _ = small("mean-all")
    found = reading.questions(instrument, None)
    assert {(one.text, one.stem, one.unit) for one in found} == {("", "", "")}
    assert [answer.code for answer in found[0].answers] == [0, 1, 2, 3]
    assert read_by("number")[next(name for name in read_by("number") if name != "q1")].unit == "kg"


def test_an_examples_answers_are_told_in_words_and_what_is_open() -> None:
    instrument, wording = small("mean-all")
    lacking = next(one for one in instrument.examples if len(one.answers) < 3)
    found = reading.answered(instrument, wording, lacking)
    assert any(code is None and not text for _, code, text in found)
    assert any(text == f"level {code}" for _, code, text in found)
    assert [score.id for score, _ in reading.scores(instrument)] == ["total"]


def test_words_that_are_not_the_questionnaires_own_are_remarked_on() -> None:
    def worded(language: str, **more: Any) -> Wording:
        document = wording_for(read(SMALL / "mean-all.json"), language)
        return Wording.model_validate(document | more)

    nb, en = worded("nb"), worded("en", status="placeholder")
    assert reading.unready([nb]) == []
    found = [Unready("en", "placeholder", ""), Unready("en", "copied", "nb")]
    assert reading.unready([nb, en]) == found
    assert reading.unready([nb, worded("en", items=nb.items | {"q1": "Another"})]) == []

"""The sentences of the patient's pages, in every language that has them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError, read_po

from app.texts import (
    LANGUAGES,
    catalogue_path,
    direction,
    preferred,
    read_catalogue,
    source_of,
    texts_in,
)
from tests import catalogues, generated
from tests.visits import OSLO

SOURCE = source_of(read_catalogue(catalogue_path("en")))
REVIEWED = {"nb", "en"}


def test_every_language_has_every_text_with_the_same_places_and_no_other() -> None:
    assert len(SOURCE) > 50
    assert catalogues.problems() == []


@pytest.mark.parametrize("language", sorted(LANGUAGES.keys() - {"en"}))
def test_what_no_speaker_has_read_is_marked_and_what_one_has_is_not(language: str) -> None:
    catalogue = read_catalogue(catalogue_path(language))
    marks = {one.fuzzy for one in catalogue if one.id}
    assert marks == {language not in REVIEWED}
    assert ("awaits review by a speaker" in catalogue.header_comment) == (True in marks)


def test_make_check_tells_what_a_catalogue_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generated, "stale", list)
    assert generated.main(["--check"]) == 0
    monkeypatch.setattr(catalogues, "problems", lambda: ["nn lacks next"])
    assert generated.main(["--check"]) == 1
    assert capsys.readouterr().out == "nn lacks next\n"


ENGLISH = {"next": ("Next",), "where": ("{number} of {total}",), "days": ("A day", "{number} days")}
GOOD = """
msgid ""
msgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"

msgctxt "next"
msgid "Next"
msgstr "Čuovvovaš"

msgctxt "where"
msgid "{number} of {total}"
msgstr "{total}: {number}"

msgctxt "days"
msgid "A day"
msgid_plural "{number} days"
msgstr[0] "Okta beaivi"
msgstr[1] "Guokte beaivvi"
msgstr[2] "{number} beaivvi"
"""
MISTAKES: dict[str, tuple[Callable[[str], str], str]] = {
    "a text is not there": (
        lambda text: text.replace('msgctxt "next"\nmsgid "Next"\nmsgstr "Čuovvovaš"', ""),
        "lacks next",
    ),
    "a text is not translated": (
        lambda text: text.replace("Čuovvovaš", ""),
        "no translation of next",
    ),
    "a form is not translated": (
        lambda text: text.replace("Guokte beaivvi", ""),
        "no translation of days",
    ),
    "a text is from before": (
        lambda text: text + '\nmsgctxt "gone"\nmsgid "Gone"\nmsgstr "Jávkan"\n',
        "has gone, which is not in the source",
    ),
    "the English has changed": (lambda text: text.replace('"Next"', '"Onward"'), "other English"),
    "a place is not filled": (
        lambda text: text.replace("{total}: {number}", "{number}"),
        "where has the places ['number'] instead of ['number', 'total']",
    ),
    "a place that nothing fills": (
        lambda text: text.replace("Guokte", "{two}"),
        "days has the places ['two'] instead of ['number']",
    ),
    "many, and the number is not said": (
        lambda text: text.replace("{number} beaivvi", "Moanaid"),
        "days has the places [] instead of ['number']",
    ),
}


def found_in(text: str) -> list[str]:
    catalogue = read_po(BytesIO(text.encode()))
    return list(catalogues.of_a_catalogue("se", catalogue, ENGLISH))


def test_a_catalogue_that_lacks_nothing_has_no_problem() -> None:
    assert found_in(GOOD) == []


@pytest.mark.parametrize(("mend", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_mistake_in_a_catalogue_is_told(mend: Callable[[str], str], said: str) -> None:
    (problem,) = found_in(mend(GOOD))
    assert said in problem


def test_a_text_that_a_page_asks_for_and_one_that_none_asks_for_are_told() -> None:
    page = '{{ t("next" if more else "last") }} {{ t.count("days", number) }} {{ t(kind ~ ".do") }}'
    found = list(catalogues.of_the_source(ENGLISH | {"closed.do": ("Wait",)}, page))
    assert [problem.split(",")[0] for problem in found] == [
        "patient.pot lacks last",
        "patient.pot has where",
    ]


def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "patient.po"
    path.write_text("nonsense", "utf-8")
    with pytest.raises(PoFileError):
        read_catalogue(path)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "1.\u00a0mars 2026 kl.\u00a023.59"),
        ("nn", "1.\u00a0mars 2026 kl.\u00a023.59"),
        ("en", "1\u00a0March 2026 at\u00a023:59"),
        ("se", "1.3.2026 dii.\u00a023.59"),
        ("pl", "1\u00a0marca 2026, godz.\u00a023:59"),
    ],
)
def test_dates_are_said_as_people_say_them(language: str, said: str) -> None:
    at = datetime(2026, 3, 1, 22, 59, tzinfo=UTC)
    assert texts_in(language, OSLO).moment(at) == said


@pytest.mark.parametrize(
    ("language", "day", "number"),
    [
        ("nb", "1.\u00a0mars 2026", "2,5"),
        ("nn", "1.\u00a0mars 2026", "2,5"),
        ("en", "1\u00a0March 2026", "2.5"),
        ("se", "1.3.2026", "2,5"),
        ("pl", "1\u00a0marca 2026", "2,5"),
    ],
)
def test_days_and_numbers_are_said_as_people_say_them(language: str, day: str, number: str) -> None:
    texts = texts_in(language, OSLO)
    assert (texts.day(date(2026, 3, 1)), texts.number(2.5)) == (day, number)
    assert texts.day(datetime(2026, 2, 28, 23, 30, tzinfo=UTC)) == day  # it is March already here


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", ["Ett spørsmål", "2 spørsmål", "5 spørsmål", "22 spørsmål"]),
        ("en", ["One question", "2 questions", "5 questions", "22 questions"]),
        ("se", ["Okta gažaldat", "Guokte gažaldaga", "5 gažaldaga", "22 gažaldaga"]),
        ("pl", ["Jedno pytanie", "2 pytania", "5 pytań", "22 pytania"]),
    ],
)
def test_a_number_of_things_is_said_in_the_form_that_the_language_has(
    language: str, said: list[str]
) -> None:
    texts = texts_in(language, OSLO)
    assert [texts.count("welcome.questions", number) for number in (1, 2, 5, 22)] == said


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts_in("nb", OSLO)("no.such.text")


def test_other_languages_have_a_name_in_this_one_or_their_code() -> None:
    texts = texts_in("pl", OSLO)
    assert (texts.name_of("en"), texts.name_of("zzz")) == ("angielski", "zzz")


def test_each_language_runs_its_own_way() -> None:
    assert {direction(language) for language in LANGUAGES} == {"ltr"}
    assert (direction("he"), direction("zzz")) == ("rtl", "auto")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "nb"),
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("en;q=0.5, se", "se"),
        ("de-DE, EN-gb;q=0.3", "en"),
        ("no", "nb"),
        ("pl;q=0, nn;q=0.1", "nn"),
        ("zh-Hant-TW, *;q=0.5", "nb"),
        ("nynorsk; q=much,,;;", "nb"),
    ],
)
def test_a_browser_tells_what_it_likes_best(header: str, language: str) -> None:
    assert preferred(header) == language

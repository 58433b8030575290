"""A methodologist's afternoon: from a spreadsheet to a patient's answers in the registry's pull."""

from pathlib import Path

from tests.afternoon import NAME, QUESTIONS, TITLE, written
from tests.browser.conftest import Colleague, Person, Someone
from tests.browser.keyboard import presses
from tests.conftest import Server
from tests.flow import answer_and_send

DRAFT, LIBRARY = f"/centre/drafts/{NAME}/1.0", f"/centre/instruments/{NAME}"


def when_she_brings_in(author: Person, file: Path) -> None:
    author.opens("/centre/drafts/new")
    author.page.set_input_files("#files", file)
    presses(author, "Hent inn")


def when_it_is_handed_in(author: Person, draft: str = DRAFT) -> None:
    author.opens(draft)
    presses(author, "Send til godkjenning")


def when_it_is_approved(reviewer: Person, draft: str = DRAFT) -> None:
    reviewer.opens(draft)
    presses(reviewer, "Godkjenn og publiser")


def when_it_is_published(author: Person, reviewer: Person, file: Path, version: str) -> None:
    """Bring a version in, hand it in, and let another approve it."""
    draft = f"/centre/drafts/{NAME}/{version}"
    when_she_brings_in(author, file)
    when_it_is_handed_in(author, draft)
    when_it_is_approved(reviewer, draft)


def when_it_is_scored_again(reviewer: Person) -> None:
    """Go on from the page after publishing; the page that asks tells when it is done."""
    reviewer.follows("Skår ett svar på nytt")
    presses(reviewer, "Skår ett svar på nytt")
    reviewer.page.get_by_text("Ingen svar venter").wait_for()
    reviewer.meets_a_good_page()


def when_a_patient_answers(patient: Person, link: str, places: tuple[int, ...]) -> None:
    patient.opens(link)
    patient.sees(TITLE)
    patient.presses("Begynn")
    for place in places:
        patient.answers_with(place)
    patient.says_who()
    patient.presses("Send svarene")
    assert patient.receipt


def test_from_a_spreadsheet_to_the_first_answer_in_the_registrys_pull(
    server: Server, someone: Someone, colleague: Colleague, tmp_path: Path
) -> None:
    author, reviewer = colleague("author"), colleague("reviewer")
    when_she_brings_in(author, written(tmp_path))
    author.sees("Ingenting: det kan publiseres slik det er.")
    when_it_is_handed_in(author)
    assert not author.page.get_by_role("button", name="Godkjenn og publiser").count()
    when_it_is_approved(reviewer)
    _, link = server.place_order([NAME], language="nb")
    when_a_patient_answers(someone(), link, (3, 4, 1))
    (result,) = server.hips.results()
    assert result["response"]["answers"] == dict(zip(QUESTIONS, (4, 5, 2), strict=True))
    assert result["scores"]["experience"] == {"value": 66.66666666666667, "answered": 3, "items": 3}


def test_an_example_that_the_scoring_does_not_give_is_refused_and_can_be_mended(
    colleague: Colleague, tmp_path: Path
) -> None:
    author = colleague("author")
    when_she_brings_in(author, written(tmp_path, expected={"the worst of all": 10}))
    author.sees("examples.the worst of all.expected.experience")
    author.sees("is 10.0, but the scoring gives 0.0")
    assert not author.page.get_by_role("button", name="Send til godkjenning").count()
    author.opens("/centre/drafts/new")
    author.page.set_input_files("#files", written(tmp_path))
    author.page.get_by_role("checkbox").press("Space")
    presses(author, "Hent inn")
    author.sees("Ingenting: det kan publiseres slik det er.")


def test_a_new_scale_is_offered_to_old_answers_and_a_new_question_is_not(
    server: Server, colleague: Colleague, tmp_path: Path
) -> None:
    author, reviewer = colleague("author"), colleague("reviewer")
    when_it_is_published(author, reviewer, written(tmp_path), "1.0")
    answered, _ = server.place_order([NAME], language="nb")
    answer_and_send(server.app.state.database, answered)
    waiting, _ = server.place_order([NAME], language="nb", time_point="6m")
    stricter = {"one is not applicable, so two are enough": None}
    minor = written(tmp_path, version="1.1", missing="all", expected=stricter)
    when_it_is_published(author, reviewer, minor, "1.1")
    reviewer.sees(f"svar rescore --instrument {NAME} --to 1.1")
    when_it_is_scored_again(reviewer)
    major = written(tmp_path, version="2.0", involved="decided")
    when_it_is_published(author, reviewer, major, "2.0")
    assert "svar rescore" not in reviewer.page.content()
    answer_and_send(server.app.state.database, waiting)
    results = server.hips.results()
    assert [one["response"]["version"] for one in results] == ["1.0", "1.0", "1.0"]
    by = [one["provenance"]["definition_version"] for one in results]
    assert by == ["1.0", "1.1", "1.0"]


def test_what_is_withdrawn_still_takes_the_answers_that_were_asked_for(
    server: Server, colleague: Colleague, tmp_path: Path
) -> None:
    author, reviewer = colleague("author"), colleague("reviewer")
    when_it_is_published(author, reviewer, written(tmp_path), "1.0")
    waiting, _ = server.place_order([NAME], language="nb")
    reviewer.opens(f"{LIBRARY}/1.0/withdraw")
    presses(reviewer, "Trekk tilbake")
    refused = server.hips.post(
        "/api/v1/orders", json=server.hips.order_body(instruments=[NAME], language="nb")
    )
    assert refused.status_code == 422
    answer_and_send(server.app.state.database, waiting)
    assert len(server.hips.results()) == 1

"""The bench as a methodologist meets it: writes, sees it as patients do, proves it, hands it in."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, FrameLocator, Locator, expect

from app import authoring
from app.exchange import arrival
from app.exchange.binder import File
from tests.afternoon import QUESTIONS, book
from tests.benched import kept
from tests.browser.conftest import Colleague, Person
from tests.browser.keyboard import presses, tabs_to
from tests.conftest import Server

OLA = "ola@example.org"
SOURCE = "Made up for this example."
RANGE = '"range": [\n        0,\n        100'
TWO_THIRDS = "66,66666667"


@pytest.fixture
def bench(server: Server) -> str:
    """Where the bench of the invented PREM's draft begins, which has words in two languages."""
    brought = arrival.read([File("møtet.xlsx", book())])
    english = brought.binder.wordings[0] | {"language": "en", "title": "The visit"}
    binder = brought.binder._replace(wordings=(*brought.binder.wordings, english))
    with server.app.state.database.write() as session:
        draft = authoring.begin(session, brought._replace(binder=binder), f"staff:{OLA}")
        return f"/centre/drafts/{draft.instrument}/{draft.version}/bench"


def text_of(server: Server, bench: str) -> str:
    """Return the definition as it is kept."""
    return kept(server.app.state.database, bench).definition


def when_she_types_over(author: Person, place: str, old: str, new: str) -> None:
    """Mark what a place in the text ends with, and type something else by the keyboard."""
    assert place.endswith(old)
    author.page.locator("#text").evaluate(
        "(text, [place, long]) => { const end = text.value.indexOf(place) + place.length;"
        " text.focus(); text.setSelectionRange(end - long, end); }",
        [place, len(old)],
    )
    author.page.keyboard.type(new)


def line_of(author: Person, old: str) -> int:
    """Return the number of the line on which some text of the editor ends."""
    text = author.page.locator("#text").input_value()
    return text[: text.index(old) + len(old)].count("\n") + 1


def problems(author: Person) -> Locator:
    return author.page.locator("#found .problem")


def warnings_of(author: Person, act: Callable[[], object], *, stays: bool) -> list[str]:
    """Do what leads away, whatever is warned of; return the warnings."""
    warned: list[str] = []

    def answers(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.dismiss() if stays else dialog.accept()

    author.page.on("dialog", answers)
    act()
    author.page.remove_listener("dialog", answers)
    return warned


def when_she_begins_to_leave_and_stays(author: Person) -> None:
    away = author.page.get_by_role("link", name="Se og fyll ut")
    assert warnings_of(author, away.click, stays=True) == ["beforeunload"]


def when_she_loads_it_anew(author: Person) -> list[str]:
    warned = warnings_of(author, author.page.reload, stays=False)
    author.meets_a_good_page()
    return warned


def test_what_is_wrong_stands_beside_its_line_while_one_writes_and_nothing_is_lost(
    server: Server, bench: str, colleague: Colleague
) -> None:
    author, before = colleague("author"), text_of(server, bench)
    author.opens(bench)
    author.sees("Ingenting å rette")
    when_she_types_over(author, RANGE, "100", "90")
    expect(problems(author)).to_have_count(1)
    line = line_of(author, RANGE.replace("100", "90")) - 2
    expect(problems(author).get_by_role("link")).to_have_text(f"Rett, linje {line}")
    expect(author.page.locator("#lines .problem")).to_have_text(f"{line}")
    expect(author.page.locator("#state")).to_have_text("Ikke lagret ennå")
    author.meets_a_good_page()
    assert text_of(server, bench) == before

    problems(author).get_by_role("link").focus()
    author.page.keyboard.press("Enter")
    for key in ("Home", "Shift+End"):
        author.page.keyboard.press(key)
    assert author.page.evaluate("getSelection().toString()").strip() == '"range": ['

    when_she_begins_to_leave_and_stays(author)
    assert when_she_loads_it_anew(author) == ["beforeunload"]
    expect(author.page.locator("#state")).to_have_text("Det du ikke hadde lagret, er her igjen")
    expect(problems(author)).to_have_count(1)
    presses(author, "Kontroller og lagre")
    expect(problems(author)).to_have_count(1)
    assert text_of(server, bench) == before.replace(RANGE, RANGE.replace("100", "90"))
    assert when_she_loads_it_anew(author) == []


def test_of_two_who_write_the_slower_sees_both_texts_and_loses_nothing(
    server: Server, bench: str, colleague: Colleague
) -> None:
    ola, kari = colleague("author", OLA), colleague("author")
    for one, words in ((ola, "Olas kilde"), (kari, "Karis kilde")):
        one.opens(bench)
        when_she_types_over(one, '"source": "Made up for this example.', SOURCE, words)
    for one in (ola, kari):
        presses(one, "Kontroller og lagre")
    kari.sees("Teksten din er ikke lagret")
    expect(kari.page.locator("#theirs")).to_have_value(re.compile("Olas kilde"))
    expect(kari.page.locator("#text")).to_have_value(re.compile("Karis kilde"))
    assert "Olas kilde" in text_of(server, bench)
    when_she_begins_to_leave_and_stays(kari)
    when_she_types_over(kari, "Karis", "Karis", "Begges")
    presses(kari, "Kontroller og lagre")
    assert json.loads(text_of(server, bench))["source"] == "Begges kilde"
    assert when_she_loads_it_anew(kari) == []


def frame(one: Person, name: str) -> FrameLocator:
    return one.page.frame_locator(f".{name} iframe")


def score(one: Person) -> Locator:
    return one.page.locator("[data-score=experience] output")


def when_she_answers_by_keyboard(author: Person, number: int, place: int) -> None:
    """Choose an answer on the phone by arrow keys, and press its button, all by the keyboard."""
    expect(frame(author, "phone").locator("#where")).to_have_text(f"Spørsmål {number} av 3")
    choice = frame(author, "phone").locator(".asked.current input[type=radio]").first
    choice.focus()
    author.page.keyboard.press("Space")
    for _ in range(place):
        author.page.keyboard.press("ArrowDown")
    frame(author, "phone").locator("button.one").focus()
    author.page.keyboard.press("Enter")


def test_both_screens_and_the_scores_follow_what_is_filled_in_by_the_keyboard(
    bench: str, colleague: Colleague
) -> None:
    author = colleague("author")
    author.opens(f"{bench}/preview")
    author.page.get_by_label("På bred skjerm").first.select_option("en")
    presses(author, "Vis på disse språkene")
    phone, wide = frame(author, "phone"), frame(author, "wide")
    expect(wide.get_by_role("button", name="Next")).to_be_visible()
    expect(score(author)).to_have_text("ingen skår")
    explained = author.page.locator("[data-score=experience]")
    explained.locator("summary").focus()
    author.page.keyboard.press("Enter")

    when_she_answers_by_keyboard(author, 1, 3)
    expect(wide.locator(".asked").nth(0).get_by_role("radio").nth(3)).to_be_checked()
    when_she_answers_by_keyboard(author, 2, 4)
    expect(score(author)).to_have_text("87,5")
    when_she_answers_by_keyboard(author, 3, 1)
    expect(score(author)).to_have_text(TWO_THIRDS)
    expect(explained).to_have_attribute("open", "")
    expect(explained.locator("li").last).to_contain_text("66.6")
    expect(phone.locator("h1")).to_have_text("Se over svarene dine")
    expect(wide.get_by_role("link", name="Fra begynnelsen")).to_be_visible()
    author.meets_a_good_page()


def when_she_fills_in_by_hand(author: Person, bench: str, *codes: str) -> None:
    """Type codes in the table, going from one to the next by Tab, and send them by Enter."""
    author.opens(f"{bench}/hand")
    tabs_to(author, ".to-content")
    author.page.keyboard.press("Enter")
    for item, code in zip(QUESTIONS, codes, strict=True):
        tabs_to(author, f"#answer-{item}")
        author.page.keyboard.type(code)
    with author.page.expect_navigation():
        author.page.keyboard.press("Enter")
    author.meets_a_good_page()


def when_she_vouches_for(author: Person, value: str) -> None:
    for field, words in (("name", "med penn"), ("source", "Kari"), ("expected.experience", value)):
        author.page.locator(f"[id='{field}']").fill(words)
    presses(author, "Legg til eksemplet")


def test_what_is_filled_in_becomes_an_example_once_it_is_figured_right_and_is_handed_in(
    server: Server, bench: str, colleague: Colleague
) -> None:
    author = colleague("author")
    when_she_fills_in_by_hand(author, bench, "4", "7", "2")
    author.sees("7 is not one of its answers")
    when_she_fills_in_by_hand(author, bench, "4", "5", "2")
    expect(score(author)).to_have_text(TWO_THIRDS)
    author.opens(f"{bench}/examples")
    when_she_vouches_for(author, "60")
    row = author.page.get_by_role("alert").get_by_role("row").last
    expect(row).to_contain_text("60")
    expect(row).to_contain_text(TWO_THIRDS)
    assert "med penn" not in text_of(server, bench)
    when_she_vouches_for(author, "200/3")
    author.sees("med penn")
    assert json.loads(text_of(server, bench))["examples"][-1]["name"] == "med penn"
    author.follows("Utkastet")
    presses(author, "Send til godkjenning")
    assert kept(server.app.state.database, bench).status == "in_review"


def test_without_javascript_the_bench_checks_saves_and_scores(
    server: Server, bench: str, colleague: Colleague
) -> None:
    author = colleague("author", java_script_enabled=False)
    author.opens(bench)
    wrong = RANGE.replace("100", "90")
    author.page.locator("#text").fill(text_of(server, bench).replace(RANGE, wrong))
    author.presses("Kontroller og lagre")
    expect(problems(author)).to_have_count(1)
    author.page.locator("#text").fill(text_of(server, bench).replace(wrong, RANGE))
    author.presses("Kontroller og lagre")
    author.sees("Ingenting å rette")
    author.follows("Se og fyll ut")
    wide = frame(author, "wide")
    for row, place in enumerate((3, 4, 1)):
        wide.locator(".asked").nth(row).get_by_role("radio").nth(place).check()
    wide.locator("button.many").click()
    expect(wide.get_by_role("link", name="Fra begynnelsen")).to_be_visible()
    expect(score(author)).to_have_text("ingen skår")
    author.follows("Oppdater skårene")
    expect(score(author)).to_have_text(TWO_THIRDS)

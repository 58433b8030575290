"""A patient answers twice, and keeps a copy and her own result."""

import pytest

from tests.browser.conftest import SMALL, Person, Someone
from tests.browser.drafts import answered_but
from tests.conftest import Server
from tests.flow import answer_and_send
from tests.visits import change_registry

PRINTED = "window.print = () => { document.title = 'printed' }"


def given_a_registry_that_shows_scores(server: Server) -> None:
    seen = {"name": "Hofteregisteret", "colour": "#7a2e5d", "shows_scores": True}
    change_registry(server.app.state.database, "hips", **seen)


def when_she_answers(server: Server, patient: Person, place: int) -> None:
    """Answer every question with the answer in this place, and send."""
    order_id, link = server.place_order(["rand-36"])
    patient.opens(link)
    patient.sees("Spørsmålene kommer fra Hofteregisteret.")
    patient.presses("Begynn")
    answered_but(server, order_id, [36], place=place)
    patient.opens("/form/36")
    patient.answers_with(place)
    patient.says_who()
    patient.presses("Send svarene")
    patient.sees("Svarene går til Hofteregisteret.")


def then_she_sees_her_copy(patient: Person) -> None:
    receipt = patient.receipt
    patient.follows("Se en kopi av svarene")
    assert patient.heading == "Kopi av svarene dine"
    assert patient.receipt == receipt
    assert patient.page.locator("dt").count() == 36
    patient.sees("Gå opp trappen flere etasjer")
    patient.sees("Ja, begrenser meg litt")
    then_she_can_print_it(patient)
    patient.follows("Tilbake til kvitteringen")


def then_she_can_print_it(patient: Person) -> None:
    patient.page.evaluate(PRINTED)
    patient.page.get_by_role("button", name="Skriv ut").click()
    assert patient.page.title() == "printed"
    patient.page.emulate_media(media="print")
    assert not patient.page.get_by_role("button").is_visible()
    assert not patient.page.get_by_role("link", name="Tilbake").is_visible()
    patient.page.emulate_media(media="screen")


def then_she_sees_her_result(patient: Person, times: int) -> None:
    patient.follows("Se resultatet ditt")
    assert patient.heading == "Resultatet ditt"
    picture = patient.page.get_by_role("img", name="Resultatet ditt på en skala fra 0 til 100")
    assert picture.count() == 1
    assert patient.page.locator("thead th").count() == times
    numbers = patient.page.locator("tbody td").all_inner_texts()
    assert len(numbers) == 8 * times
    assert all(0 <= int(number) <= 100 for number in numbers)
    patient.sees("Tallene er ingen diagnose")
    then_the_dots_stand_where_the_numbers_say(patient)


def then_the_dots_stand_where_the_numbers_say(patient: Person) -> None:
    lines, dots, names = (
        patient.page.locator(f".profile {what}").evaluate_all(
            "found => found.map((one) => { const box = one.getBoundingClientRect();"
            " return [box.left, box.width] })"
        )
        for what in (".track", ".now", "text:not(.value, .axis)")
    )
    values = map(int, patient.page.locator("tbody td.value").all_inner_texts())
    for (left, width), (start, size), value in zip(lines, dots, values, strict=True):
        assert abs(start + size / 2 - left - width * value / 100) < 2
    for (left, width), (start, size) in zip(lines, names, strict=True):
        assert start + size < left + width - 30, "a name covers its value"


def test_a_copy_and_two_results_on_a_phone(server: Server, someone: Someone) -> None:
    given_a_registry_that_shows_scores(server)
    patient = someone()
    when_she_answers(server, patient, 0)
    then_she_sees_her_result(patient, times=1)
    when_she_answers(server, patient, 1)
    then_she_sees_her_copy(patient)
    then_she_sees_her_result(patient, times=2)


@pytest.mark.parametrize(
    "device",
    [
        {"viewport": SMALL},
        {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
        {"forced_colors": "active"},
        {"viewport": SMALL, "java_script_enabled": False},
    ],
    ids=["small phone", "desktop in the dark", "own colours", "without JavaScript"],
)
def test_whatever_the_device(server: Server, someone: Someone, device: dict[str, object]) -> None:
    given_a_registry_that_shows_scores(server)
    database = server.app.state.database
    for pain in (6, 2):
        answer_and_send(database, server.hips.order()["id"], q21=pain)
    order_id, link = server.place_order(["rand-36"])
    patient = someone(**device)
    patient.opens(link)
    answer_and_send(database, order_id)
    patient.opens("/form/receipt")
    patient.follows("Se en kopi av svarene")
    scripts = device.get("java_script_enabled", True)
    assert patient.page.get_by_role("button").count() == bool(scripts)
    patient.follows("Tilbake til kvitteringen")
    patient.follows("Se resultatet ditt")
    assert patient.page.locator("tbody td").count() == 24
    if scripts:
        then_the_dots_stand_where_the_numbers_say(patient)


def test_style_script_and_icon_are_loaded_once(server: Server, someone: Someone) -> None:
    given_a_registry_that_shows_scores(server)
    patient = someone()
    asked: list[str] = []
    _, link = server.place_order(["eq-5d-5l"])
    patient.opens(link)
    patient.presses("Begynn")
    patient.page.on("requestfinished", lambda request: asked.append(request.url))
    for _ in range(5):
        patient.answers_with(0)
    files = [url for url in asked if url.endswith((".css", ".js"))]
    assert files
    assert not [url for url in files if not _from_memory(patient, url)]
    assert patient.page.evaluate("performance.getEntriesByType('resource').length") <= 3


def _from_memory(patient: Person, url: str) -> bool:
    """Say whether the open page took a file from the browser's cache."""
    entry = "performance.getEntriesByName(url)[0]"
    return bool(patient.page.evaluate(f"url => {entry} && {entry}.transferSize === 0", url))

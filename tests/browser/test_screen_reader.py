"""What a screen reader is told: each group of answers is named by its opening text and question."""

from typing import Any

import pytest

from tests.browser.conftest import PHONE, WIDE, Asked, Person, Someone
from tests.conftest import Server
from tests.documents import INSTRUMENTS, read

RAND_36 = read(INSTRUMENTS / "rand-36" / "1.0.nb.json")
STEM = RAND_36["stems"]["activities"]
ROWS = [RAND_36["items"][f"q{number}"] for number in range(3, 13)]
LIMITED = list(RAND_36["options"]["limited"].values())


def heard(patient: Person, role: str) -> list[str]:
    """Return the names that the browser gives to assistive technology, of all that has a role."""
    session = patient.page.context.new_cdp_session(patient.page)
    nodes: list[Any] = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        node["name"]["value"]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] == role
    ]


@pytest.mark.parametrize(("screen", "rows"), [(PHONE, 1), (WIDE, 10)], ids=["phone", "wide"])
def test_a_group_of_questions(
    server: Server, someone: Someone, screen: dict[str, int], rows: int
) -> None:
    patient = someone(viewport=screen)
    _, link = server.place_order(["rand-36"])
    patient.opens(link)
    patient.presses("Begynn")
    patient.opens("/form/3")
    assert heard(patient, "radiogroup") == [f"{STEM} {row}" for row in ROWS[:rows]]
    assert heard(patient, "radio") == LIMITED * rows
    assert heard(patient, "button") == ["Neste"]
    snapshot = patient.page.locator("main").aria_snapshot()
    assert snapshot.count("radiogroup") == rows
    assert (ROWS[9] in snapshot) == (rows == 10)  # what a phone hides is not read either


def test_one_question_without_an_opening_text(server: Server, someone: Someone) -> None:
    patient = someone()
    _, link = server.place_order(["rand-36"])
    patient.opens(link)
    patient.presses("Begynn")
    assert heard(patient, "radiogroup") == [RAND_36["items"]["q1"]]
    assert heard(patient, "radio") == list(RAND_36["options"]["health"].values())
    assert heard(patient, "progressbar") == ["Spørsmål 1 av 36"]


NAMES = {
    "/form/1": ("radiogroup", "Spørsmål om pain"),
    "/form/3": ("group", "Spørsmål om where"),
    "/form/5": ("textbox", "Spørsmål om weight"),
    "/form/8": ("group", "Spørsmål om operated"),
    "/form/11": ("textbox", "Spørsmål om trade"),
    "/form/12": ("textbox", "Spørsmål om story"),
    "/form/13": ("group", "Spørsmål om vas"),
}


def test_other_types_of_questions_have_a_name_too(someone: Someone, asked: Asked) -> None:
    patient = someone()
    _, link = asked("numeric-rating", "multiple-choice", "number", "date", "free-text", "eq-vas")
    patient.opens(link)
    patient.presses("Begynn")
    for address, (role, name) in NAMES.items():
        patient.page.goto(patient.server.url + address)
        assert [words for words in heard(patient, role) if words] == [name]
    assert heard(patient, "slider") == ["Skala fra 0 til 100"]
    assert heard(patient, "spinbutton") == ["Ditt tall"]

"""Goes through the pages by the keyboard alone, and sees at each step where the focus is."""

from tests.browser.conftest import Person

OUTLINE = """
getComputedStyle(document.activeElement.closest(".option") || document.activeElement).outlineStyle
"""


def tabs_to(patient: Person, what: str) -> None:
    """Press Tab until something has the focus, and see that the focus can be seen."""
    for _ in range(12):
        patient.page.keyboard.press("Tab")
        if patient.page.evaluate("what => document.activeElement.matches(what)", what):
            assert patient.page.evaluate(OUTLINE) == "solid"
            return
    raise AssertionError(f"Tab never comes to {what} on {patient.page.url}")


def presses_key(patient: Person, key: str) -> None:
    with patient.page.expect_navigation():
        patient.page.keyboard.press(key)
    patient.meets_a_good_page()


def presses(one: Person, words: str) -> None:
    """Press a button of the page's main part by the keyboard, and see that the focus shows."""
    button = one.page.locator("main").get_by_role("button", name=words, exact=True)
    button.focus()
    assert one.page.evaluate(OUTLINE) == "solid"
    presses_key(one, "Enter")

"""Where a patient is on the way: the screen of an address, what comes before it and after."""

from app import responses
from app.form import screens
from app.form.screens import Screen
from app.patient.guard import Patient
from app.responses import Step


def screen(patient: Patient, number: str) -> Screen:
    """Return the screen of the step that an address names; raises NotFound."""
    return screens.screen(patient.way, patient.shown, number, "/form")


def after(patient: Patient, step: Step, came_from: str) -> str:
    """Return the address of what comes after a step."""
    later = [one for one in patient.shown if one.number > step.number]
    if came_from == "check" or not later:
        return patient.undone() or "/form/check"
    return f"/form/{later[0].number}"


def before(patient: Patient, step: Step, came_from: str) -> str:
    """Return the address of what comes before a step."""
    if came_from == "check":
        return "/form/check"
    earlier = [one for one in patient.shown if one.number < step.number]
    return f"/form/{earlier[-1].number}" if earlier else "/form/"


def open_steps(patient: Patient, steps: list[Step]) -> list[Step]:
    """Return those of some steps that are neither answered nor skipped."""
    return [step for step in steps if not responses.is_done(patient.given, step)]

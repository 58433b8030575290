"""An answer reaches the registry that asked for it, and no one else."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import Party, path_of
from tests.walk import walk

ANSWERS = {f"q{number}": 1 for number in range(1, 36)}


def test_an_answer_reaches_the_registry_that_asked_for_it(
    hips: Party, knees: Party, client: TestClient
) -> None:
    order = hips.order(case={"id": "K7", "unit": "oslo-ortho"})
    receipt = walk(client, path_of(order["link"]), ANSWERS)
    (result,) = hips.results()
    assert result["response"]["case"] == "K7"
    assert result["response"]["answers"] == ANSWERS
    assert result["response"]["missing"] == {"q36": "skipped"}
    assert result["scores"]["physical_functioning"] == {"value": 0.0, "answered": 10, "items": 10}
    assert result["scores"]["general_health"]["answered"] == 4
    assert hips.get(f"/api/v1/orders/{order['id']}").json()["receipt"] == receipt
    assert knees.results() == []


@pytest.mark.demo
def test_two_questionnaires_in_one_go_are_two_results(hips: Party, client: TestClient) -> None:
    order = hips.order(instruments=["rand-12", "eq-5d-5l"], language="en")
    state = {"mo": 1, "sc": 1, "ua": 1, "pd": 2, "ad": 1, "vas": 75}
    walk(client, path_of(order["link"]), {"rand_1": 3} | state)
    twelve, five = hips.results()
    assert twelve["response"]["answers"] == {"rand_1": 3}
    assert five["response"]["answers"] == state
    assert five["scores"]["vas"]["value"] == 75.0
    assert 0 < five["scores"]["index_no_2024"]["value"] < 1


def test_patients_of_two_registries_do_not_meet(
    hips: Party, knees: Party, client: TestClient
) -> None:
    ours, theirs = hips.order(instruments=["rand-12"]), knees.order(instruments=["rand-12"])
    walk(client, path_of(ours["link"]), {"rand_1": 1})
    walk(client, path_of(theirs["link"]), {"rand_1": 5})
    answers = [party.results()[0]["response"]["answers"]["rand_1"] for party in (hips, knees)]
    assert answers == [1, 5]
    assert [len(party.results()) for party in (hips, knees)] == [1, 1]

"""What scoring costs, on one core, beside what numpy alone does with the same answers."""

import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from scoring import Scorer, compile_instrument
from scoring.instrument import Index, Mean
from scoring.methods import Floats
from tests.documents import instrument, scorer, shipped, shipped_definitions

PEOPLE = 1_000_000
MISSING = 0.03
INDEX_A_SECOND = 40e6
RAND_36_A_SECOND = 3e6
TIMES_THE_INPUT = 3.0
ONE_PERSON = 80e-6
ROUNDS = 9


def drawn(subject: Scorer, people: int = PEOPLE) -> Floats:
    """Return answers of so many people [people, items], some missing, each column in one piece."""
    chance = np.random.default_rng(36)
    answers = np.empty((len(subject.items), people))
    for column, item in zip(answers, subject.instrument.items, strict=True):
        column[:] = chance.choice(np.array(subject.instrument.codes(item), float), people)
        column[chance.random(people) < MISSING] = np.nan
    return answers.T


def seconds(act: Callable[[], object], times: int = ROUNDS) -> float:
    """Return the seconds of CPU of the cheapest of several rounds: others share this machine."""
    spent = []
    for _ in range(times):
        begun = time.process_time()
        act()
        spent.append(time.process_time() - begun)
    return min(spent)


def test_a_million_health_states_have_their_index_in_the_blink_of_an_eye() -> None:
    whole = instrument(shipped("eq-5d-5l"))
    index = next(score for score in whole.scores if isinstance(score, Index))
    five = {"items": whole.items[:5], "scores": (index,)}
    subject = compile_instrument(whole.model_copy(update=five))
    answers = drawn(subject)
    table = whole.value_sets[index.value_set].indices
    states = np.random.default_rng(5).integers(0, len(table), PEOPLE)
    bare = PEOPLE / seconds(lambda: table.take(states))
    speed = PEOPLE / seconds(lambda: subject.score(answers))
    everything = scorer(shipped("eq-5d-5l"))
    all_ = drawn(everything)
    of_all = PEOPLE / seconds(lambda: everything.score(all_))
    print(  # noqa: T201
        f"\nEQ-5D-5L index, validated, with nulls: {speed / 1e6:.1f} M rows/s "
        f"(limit {INDEX_A_SECOND / 1e6:.0f}); index, VAS, level sum and counts: "
        f"{of_all / 1e6:.1f}; a look-up by numpy alone, nothing checked: {bare / 1e6:.0f}"
    )
    assert speed >= INDEX_A_SECOND


def plain(subject: Scorer, answers: Floats) -> None:
    """Score the scales of RAND-36 as one would by hand: recode, then nanmean with counts."""
    places = {item: column for column, item in enumerate(subject.items)}
    for score in subject.instrument.scores:
        if isinstance(score, Mean):
            columns = answers[:, [places[item] for item in score.items]]
            np.nanmean(columns, axis=1)
            np.count_nonzero(~np.isnan(columns), axis=1)


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_million_rand_36_are_scored_within_a_moment_and_little_memory() -> None:
    subject = scorer(shipped("rand-36"))
    answers = drawn(subject)
    speed = PEOPLE / seconds(lambda: subject.score(answers), times=5)
    by_hand = PEOPLE / seconds(lambda: plain(subject, answers), times=1)
    tracemalloc.start()
    subject.score(answers)
    memory = tracemalloc.get_traced_memory()[1] / answers.nbytes
    tracemalloc.stop()
    print(  # noqa: T201
        f"\nRAND-36, all scales, counts and composites: {speed / 1e6:.2f} M rows/s "
        f"(limit {RAND_36_A_SECOND / 1e6:.0f}); nanmean and counts alone: "
        f"{by_hand / 1e6:.2f}; memory {memory:.2f} times the input (limit {TIMES_THE_INPUT:.0f})"
    )
    assert speed >= RAND_36_A_SECOND
    assert memory <= TIMES_THE_INPUT


def test_one_person_is_scored_at_once_whatever_the_instrument() -> None:
    spent = {}
    for path in shipped_definitions():
        subject = scorer(path)
        answers = {item.id: subject.instrument.codes(item)[0] for item in subject.instrument.items}
        many = 500
        spent[path.parent.name] = (
            seconds(lambda: [subject.score_one(answers) for _ in range(many)]) / many  # noqa: B023
        )
    told = ", ".join(f"{name} {one * 1e6:.0f}" for name, one in spent.items())
    print(f"\nOne person, µs (limit {ONE_PERSON * 1e6:.0f}): {told}")  # noqa: T201
    assert spent
    assert max(spent.values()) <= ONE_PERSON

"""An EQ-5D whose health states are valued by more countries than its definition names."""

from collections.abc import Iterable

from scoring.instrument import Index, Instrument
from scoring.value_set import DIMENSIONS, ValueSet

STATE = tuple(dimension.lower() for dimension in DIMENSIONS)
"""The ids of the items that make a health state, in every EQ-5D."""


def with_value_sets(instrument: Instrument, sets: Iterable[ValueSet]) -> Instrument:
    """Return an EQ-5D with one more score, `index_<id>`, for each value set that it lacks.

    Raises ValueError for an instrument without the EQ-5D's five dimensions, and for a value set
    that was made for another instrument.
    """
    if not set(STATE) <= {item.id for item in instrument.items}:
        raise ValueError(f"{instrument.id} has no health state, so no value set can give its index")
    scores, known = list(instrument.scores), dict(instrument.value_sets)
    for value_set in sets:
        if value_set.instrument != instrument.id:
            raise ValueError(
                f"the value set {value_set.id} is for {value_set.instrument}, not {instrument.id}"
            )
        if value_set.id not in known:
            known[value_set.id] = value_set
            scores.append(_index(value_set))
    return instrument.model_copy(update={"scores": tuple(scores), "value_sets": known})


def paper(value_set: ValueSet) -> str:
    """Return where a value set was published, as one looks it up."""
    if value_set.doi:
        return f"doi:{value_set.doi}"
    return f"ISBN {value_set.isbn}" if value_set.isbn else str(value_set.url)


def _index(value_set: ValueSet) -> Index:
    told = f"{value_set.country} {value_set.year}" if value_set.year else value_set.country
    return Index(
        id=f"index_{value_set.id.replace('-', '_')}",
        name=f"{value_set.instrument.upper()} index, {told}",
        range=(float(value_set.indices.min()), float(value_set.indices.max())),
        direction="higher_is_better",
        source=f"{value_set.citation} {paper(value_set)}",
        method="value-set",
        items=STATE,
        value_set=value_set.id,
    )

"""Says where scores come from, so that a file of them can be traced years later."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

from app.catalogue import Published
from scoring import VERSION, ValueSet
from scoring.extend import paper
from scoring.instrument import NamedRule


def provenance(
    published: Published, sets: Sequence[ValueSet], rule: NamedRule | None
) -> dict[str, Any]:
    """Return what the scores of a definition come from, as a JSON object.

    `definition_sha256` is the hash that the service gives with its results. `missing_rule` is null
    where each score went by its own.
    """
    return {
        "svar": version("svar"),
        "instrument": published.instrument.id,
        "version": published.instrument.version,
        "definition_sha256": published.sha256,
        "scoring_version": VERSION,
        "missing_rule": rule,
        "value_sets": [
            value_set.model_dump(exclude={"coefficients"}) | {"paper": paper(value_set)}
            for value_set in sets
        ],
    }


def disputed(sets: Sequence[ValueSet]) -> Iterator[str]:
    """Yield what must be said of the value sets whose figures are in dispute."""
    for value_set in sets:
        if value_set.checked == "disputed":
            yield f"The value set {value_set.id} is disputed: {value_set.note}"

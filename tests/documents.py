"""Finds and reads the documents that tests look at: shipped, small and bad ones."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from scoring import Instrument, Scorer, compile_instrument

HERE = Path(__file__).parent
INSTRUMENTS = HERE.parent / "instruments"
VALUE_SETS = INSTRUMENTS / "value-sets"
NORMS = INSTRUMENTS / "norms"
MCIDS = INSTRUMENTS / "mcids"
SMALL = HERE / "small_instruments"
BAD = HERE / "bad_instruments"
VECTORS = HERE / "vectors"

Document = dict[str, Any]


def read(path: Path) -> Document:
    """Return a JSON file's document."""
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def shipped_definitions() -> list[Path]:
    """Return the files of all shipped definitions, such as instruments/rand-36/1.0.json."""
    return sorted(INSTRUMENTS.glob("*/[0-9]*.[0-9].json"))


def shipped_wordings() -> list[Path]:
    """Return the files of all shipped wordings, such as instruments/rand-36/1.0.nb.json."""
    return sorted(INSTRUMENTS.glob("*/[0-9]*.[0-9].*.json"))


def shipped_value_sets() -> list[Path]:
    """Return the files of all shipped value sets."""
    return sorted(VALUE_SETS.glob("*/*.json"))


def shipped_norms() -> list[Path]:
    """Return the files of all shipped norms."""
    return sorted(NORMS.glob("*/*.json"))


def shipped_mcids() -> list[Path]:
    """Return the files of all shipped smallest important changes."""
    return sorted(MCIDS.glob("*/*.json"))


def small_definitions() -> list[Path]:
    """Return the files of all small definitions, one for each feature."""
    return sorted(SMALL.glob("*.json"))


def resolved(path: Path) -> Document:
    """Return a definition with the value sets that its scores name put into it."""
    document = read(path)
    named = [score["value_set"] for score in document["scores"] if score["method"] == "value-set"]
    found = {name: VALUE_SETS / document["id"] / f"{name}.json" for name in named}
    shipped = {name: read(file) for name, file in found.items() if file.exists()}
    return {**document, "value_sets": document.get("value_sets", {}) | shipped}


@cache
def instrument(path: Path) -> Instrument:
    """Return a definition's instrument, its value sets resolved."""
    return Instrument.model_validate(resolved(path))


@cache
def scorer(path: Path) -> Scorer:
    """Return a definition's scorer."""
    return compile_instrument(instrument(path))


def shipped(instrument_id: str) -> Path:
    """Return the newest shipped definition of an instrument."""
    return [path for path in shipped_definitions() if path.parent.name == instrument_id][-1]

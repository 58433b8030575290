"""Keeps the scores of some dozens of answers for each shipped instrument, digit for digit.

`python -m tests.golden` writes the file again. It refuses when scores have moved and
`scoring.VERSION` has not; for a new instrument it adds rows.
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

import scoring
from tests.documents import HERE, instrument, scorer, shipped_definitions

FILE = HERE / "golden_scores.json"
ROWS = 36
MISSING = 0.06
MOVED = (
    "the same answers now score differently, but scoring.VERSION is still {version!r}.\n"
    "If that was not meant, mend the scoring. If it was: raise VERSION in scoring/__init__.py, "
    "run `python -m tests.golden`, and commit both, with a line in CHANGELOG.md."
)

Golden = dict[str, Any]


def load() -> Golden:
    """Return the golden file, or an empty one."""
    empty: Golden = {"scoring_version": scoring.VERSION, "instruments": {}}
    golden: Golden = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else empty
    return golden


def name(path: Path) -> str:
    """Return what a definition is called in the golden file, such as rand-36/1.0."""
    return f"{path.parent.name}/{path.stem}"


def drawn_answers(path: Path) -> list[dict[str, int]]:
    """Return answers for a new instrument: some people answered all, most left out a few.

    Who answered all found everything applicable.
    """
    chance = random.Random(name(path))
    subject = instrument(path)
    rows = []
    for row in range(ROWS):
        share = MISSING * (row % 4)
        of_item = subject.codes if share else subject.scored_codes
        codes = {item.id: of_item(item) for item in subject.items}
        rows.append(
            {item: chance.choice(of) for item, of in codes.items() if chance.random() >= share}
        )
    return rows


def values(path: Path, answers: dict[str, int]) -> dict[str, float | int | None]:
    """Return one person's scores as they are now."""
    return {score: given["value"] for score, given in scorer(path).score_one(answers).items()}


def fresh(golden: Golden) -> Golden:
    """Return the golden file as it should be now: the same answers, today's scores."""
    found: Golden = {"scoring_version": scoring.VERSION, "instruments": {}}
    for path in shipped_definitions():
        kept = golden["instruments"].get(name(path))
        answers = [row["answers"] for row in kept] if kept else drawn_answers(path)
        rows = [{"answers": row, "scores": values(path, row)} for row in answers]
        found["instruments"][name(path)] = rows
    return found


def moved(golden: Golden) -> list[str]:
    """Return which scores differ from the golden ones, each in a line."""
    return [
        f"{called} row {number}, {score}: was {was!r}, is {row['scores'].get(score)!r}"
        for called, rows in fresh(golden)["instruments"].items()
        for number, (row, old) in enumerate(
            zip(rows, golden["instruments"].get(called, rows), strict=True), start=1
        )
        for score, was in old["scores"].items()
        if row["scores"].get(score) != was
    ]


def text(golden: Golden) -> str:
    """Return the file's text, one person a line."""
    parts = []
    for called, rows in golden["instruments"].items():
        lines = ",\n".join(f"      {json.dumps(row)}" for row in rows)
        parts.append(f'    "{called}": [\n{lines}\n    ]')
    inside = ",\n".join(parts)
    version = json.dumps(golden["scoring_version"])
    return f'{{\n  "scoring_version": {version},\n  "instruments": {{\n{inside}\n  }}\n}}\n'


def main() -> None:
    """Write the golden file, unless scores moved and the version did not."""
    golden = load()
    if golden["scoring_version"] == scoring.VERSION and (found := moved(golden)):
        sys.exit("\n".join([*found[:10], MOVED.format(version=scoring.VERSION)]))
    FILE.write_text(text(fresh(golden)), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Files of answers as others hold them, what `svar` makes of them, and how to read that."""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from app.cli import app
from scoring import Scorer
from tests.documents import VECTORS, scorer, shipped

Row = dict[str, Any]
SVAR = (sys.executable, "-c", "from app.cli import app; app()")
"""The `svar` of this house, to be started as a process of its own from its folder."""


def svar(*words: object, given: bytes | str | None = None) -> Result:
    """Run `svar` in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def scored(*words: object, given: bytes | str | None = None, code: int = 0) -> Result:
    """Run `svar score`, which must end with an exit code."""
    result = svar("score", *words, given=given)
    assert result.exit_code == code, result.output
    return result


def refused(*words: object, given: bytes | str | None = None, code: int = 1) -> str:
    """Run `svar score`, which must stop; return what it said, on one line."""
    return " ".join(scored(*words, given=given, code=code).stderr.split())


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows, which all have the same columns, in the format that the file's name ends in."""
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
    elif path.suffix == ".ndjson":
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def read(path: Path) -> list[Row]:
    """Return the rows of a file; those of CSV with numbers where there are such."""
    if path.suffix == ".csv":
        return from_csv(path.read_text(encoding="utf-8"))
    if path.suffix == ".ndjson":
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows


def from_csv(text: str) -> list[Row]:
    return [
        {name: _number(cell) for name, cell in row.items()}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _number(cell: str) -> float | str | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def vectors(instrument: str) -> list[Row]:
    """Return people whose answers are in tests/vectors: `kind`, then an item in each column."""
    items = scorer(shipped(instrument)).items
    with (VECTORS / f"{instrument}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {"kind": row["kind"]} | {item: int(row[item]) if row[item] else None for item in items}
            for row in csv.DictReader(file)
        ]


def one_by_one(
    of: Scorer, people: Iterable[Row], *, answered: bool = False, rule: Any = None
) -> list[Row]:
    """Return the scores of people, each scored alone."""
    found = []
    for person in people:
        answers = {item: person[item] for item in of.items if person.get(item) is not None}
        row: Row = {}
        for name, score in of.score_one(answers, rule).items():
            row[name] = score["value"]
            if answered:
                row[f"{name}_answered"] = score["answered"]
        found.append(row)
    return found


def answers(instrument: str = "rand-36", **given: Any) -> Row:
    """Return one person's answers: the first code of every item, but for those given."""
    of = scorer(shipped(instrument)).instrument
    return {item.id: of.codes(item)[0] for item in of.items} | given

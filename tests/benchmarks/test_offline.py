"""What `svar score` makes of a long CSV file, beside what Arrow alone can read and write."""

import shutil
from operator import attrgetter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from tests.benchmarks.score_file import SCORES, Cost, cost_of
from tests.documents import scorer, shipped

FEW, MANY = 200_000, 1_000_000
ROUNDS = 3
"""The round that cost least counts: what others do on the machine only adds to it."""
ROWS_A_SECOND = 200_000
GROWTH = 8.0
"""Megabytes by which the peak may be higher for many rows than for few."""
UNANSWERED = 0.05


def people(rows: int) -> pa.Table:
    """Return made-up people: a case id, and RAND-36 with a share of its answers missing."""
    draw = np.random.default_rng(36)
    of = scorer(shipped("rand-36")).instrument
    columns = {"case": pa.array([f"MCE-{number:07}" for number in range(rows)])}
    for item in of.items:
        codes = draw.choice(of.codes(item), rows)
        columns[item.id] = pa.array(codes, pa.int8(), mask=draw.random(rows) < UNANSWERED)
    return pa.table(columns)


@pytest.fixture
def files(tmp_path: Path) -> dict[int, Path]:
    everyone = people(MANY)
    found = {}
    for rows in (FEW, MANY):
        found[rows] = tmp_path / str(rows) / "answers.csv"
        found[rows].parent.mkdir()
        arrow_csv.write_csv(everyone.slice(0, rows), found[rows])
    return found


def cheapest(how: str, answers: Path) -> Cost:
    scores = answers.with_name("scores.parquet")
    return min((cost_of(how, answers, scores) for _ in range(ROUNDS)), key=attrgetter("work"))


def test_a_long_file_is_scored_fast_and_takes_no_more_memory(files: dict[int, Path]) -> None:
    few, many = (cheapest("svar", files[rows]) for rows in (FEW, MANY))
    made = files[MANY].with_name("scores.parquet")
    assert pq.ParquetFile(made).metadata.num_rows == MANY
    nulls = sum(column.null_count for column in pq.read_table(made).columns)
    assert nulls > 0
    shutil.move(made, files[MANY].with_name(SCORES))
    arrow = cheapest("arrow", files[MANY])
    speeds = {"Arrow alone": MANY / arrow.work, "svar score": MANY / many.work}
    lines = [f"{name:<24}{speed:12,.0f}" for name, speed in speeds.items()]
    print(  # noqa: T201
        f"\n{'rows a second of CPU':<24}{'':12}",
        *lines,
        f"{'  with its start':<24}{MANY / many.whole:12,.0f}",
        f"{speeds['svar score'] / speeds['Arrow alone']:.2f} of Arrow; at least "
        f"{ROWS_A_SECOND:,} rows a second",
        f"peak {few.peak:.1f} MB for {FEW:,} rows, {many.peak:.1f} MB for {MANY:,} "
        f"(at most {GROWTH:.0f} MB more)",
        sep="\n",
    )
    assert many.peak - few.peak <= GROWTH
    assert speeds["svar score"] >= ROWS_A_SECOND

"""Scores a file in a process of its own, on one core, and says what that cost.

`python -m tests.benchmarks.score_file arrow|svar ANSWERS SCORES` prints the seconds of CPU that the
work took, those with the start of the program, and the most megabytes that were in use.
"""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from app.offline.job import Job, do
from app.settings import HOUSE

SCORES = "reference.parquet"
"""The scores beside the answers, for Arrow to write what it cannot reckon."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU for the work alone, and with the program's start; megabytes at the most."""

    work: float
    whole: float
    peak: float


def cost_of(how: str, answers: Path, scores: Path) -> Cost:
    """Do the work in a process of its own."""
    words = [sys.executable, "-m", "tests.benchmarks.score_file", how, str(answers), str(scores)]
    said = subprocess.run(words, cwd=HOUSE, capture_output=True, check=True, text=True).stdout
    return Cost(*map(float, said.split()))


def with_svar(answers: Path, scores: Path) -> None:
    """Do what `svar score rand-36 ANSWERS -o SCORES --force` does."""
    folder = HOUSE / "instruments"
    job = Job(answers=answers, output=scores, folder=folder, instrument="rand-36", force=True)
    done = do(job, print, lambda *_: None)
    assert done.unreadable == 0


def with_arrow(answers: Path, scores: Path) -> None:
    """Read the same answers and write the same scores, made before, with Arrow alone."""
    options = arrow_csv.ReadOptions(use_threads=False, block_size=1 << 21)
    rows = 0
    for batch in arrow_csv.open_csv(answers, options):
        rows += batch.num_rows
    made = pq.ParquetFile(answers.with_name(SCORES))
    with pq.ParquetWriter(scores, made.schema_arrow) as writer:
        for batch in made.iter_batches(1 << 16, use_threads=False):
            writer.write_table(pa.Table.from_batches([batch]))
    assert rows == made.metadata.num_rows


if __name__ == "__main__":
    how, answers_file, scores_file = sys.argv[1:]
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    begun = time.process_time()
    {"svar": with_svar, "arrow": with_arrow}[how](Path(answers_file), Path(scores_file))
    ended = time.process_time()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(ended - begun, ended, most)  # noqa: T201

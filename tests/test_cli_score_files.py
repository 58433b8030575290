"""`svar score`: what is written is whole or not there, and pipes are files too."""

import errno
import io
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from app.cli import console, offline
from app.offline import run
from app.settings import HOUSE
from tests.documents import SMALL, scorer, shipped
from tests.files import SVAR, Row, answers, from_csv, one_by_one, read, refused, scored, write

RAND_36 = scorer(shipped("rand-36"))
PEOPLE: list[Row] = [answers("rand-36", q3=code) for code in (1, 2, None, 3)]
EXPECTED = one_by_one(RAND_36, PEOPLE)
PATIENCE = 60.0


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "answers.csv", PEOPLE)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_exists_is_replaced_only_by_force(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "scores.ndjson"
    target.write_text("before")
    said = refused("rand-36", source, "-o", target)
    assert said == f"{target} exists already; --force replaces it."
    assert target.read_text() == "before"
    scored("rand-36", source, "-o", target, "--force")
    assert read(target) == EXPECTED


@pytest.mark.parametrize("option", ["-o", "--errors", "--provenance"])
def test_the_answers_are_never_written_over(source: Path, tmp_path: Path, option: str) -> None:
    before = source.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(source)
    for path in (source, link, tmp_path / "." / "answers.csv"):
        assert "named twice" in refused("rand-36", source, option, path, "--force")
    assert source.read_bytes() == before


def test_two_outputs_want_two_files(source: Path, tmp_path: Path) -> None:
    same = tmp_path / "same.csv"
    assert "named twice" in refused("rand-36", source, "-o", same, "--errors", same)
    assert names_in(tmp_path) == ["answers.csv"]


def test_a_folder_that_is_not_there_is_told(source: Path, tmp_path: Path) -> None:
    said = refused("rand-36", source, "-o", tmp_path / "none" / "scores.csv")
    assert said == f"There is no folder {tmp_path / 'none'}: make it first."


def test_what_cannot_be_replaced_is_told(source: Path, tmp_path: Path) -> None:
    folder, read_only = tmp_path / "folder.csv", tmp_path / "read-only.csv"
    folder.mkdir()
    read_only.write_text("before")
    read_only.chmod(0o444)
    for path in (folder, read_only, Path("/dev/null")):
        said = refused("rand-36", source, "-o", path, "--to", "csv", "--force")
        assert said == f"{path} cannot be replaced: it is not a file, or read-only."
    assert read_only.read_text() == "before"


def test_a_folder_that_nobody_may_write_to_is_told(source: Path) -> None:
    said = refused("rand-36", source, "-o", "/proc/scores.csv")
    assert said.startswith("/proc/.scores.csv.")


def test_a_file_of_answers_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = refused("rand-36", tmp_path / "none.csv", "-o", tmp_path / "scores.csv")
    assert said == f"{tmp_path / 'none.csv'}: No such file or directory"
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["answers.sav"], "Say with --from whether answers.sav is csv, ndjson or parquet."),
        (["-"], "Say with --from whether the pipe is csv, ndjson or parquet."),
        (["a.csv", "-o", "b.xlsx"], "Say with --to whether b.xlsx is csv, ndjson or parquet."),
        (["a.csv", "--to", "parquet"], "Parquet is written to a file: name one with --output."),
    ],
)
def test_a_format_that_is_not_known_is_asked_for(words: list[str], said: str) -> None:
    assert refused("rand-36", *words) == said


def test_formats_can_be_said_where_the_ending_does_not(source: Path, tmp_path: Path) -> None:
    other, target = source.rename(tmp_path / "answers.dat"), tmp_path / "scores.dat"
    scored("rand-36", other, "--from", "csv", "-o", target, "--to", "parquet")
    assert pq.read_table(target).to_pylist() == EXPECTED


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_a_pipe_is_read_and_written(tmp_path: Path, ending: str) -> None:
    content = write(tmp_path / f"answers.{ending}", PEOPLE).read_bytes()
    piped = subprocess.run(
        [*SVAR, "score", "rand-36", "-", "--from", ending],
        input=content,
        capture_output=True,
        cwd=HOUSE,
        env={"PATH": os.environ["PATH"]},  # no SVAR_ variable is needed
        check=True,
    )
    assert from_csv(piped.stdout.decode()) == EXPECTED
    assert piped.stderr.decode().startswith("4 rows: 4 scored\n")


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_standard_input_is_called_so_in_what_is_told(tmp_path: Path, ending: str) -> None:
    rows = [answers("rand-36", q3=8)]
    content = write(tmp_path / f"answers.{ending}", rows).read_bytes()
    said = scored("rand-36", "-", "--from", ending, given=content, code=3).stderr
    assert said.startswith("standard input ")


def test_ndjson_can_be_piped_on(source: Path, tmp_path: Path) -> None:
    out = scored("rand-36", source, "--to", "ndjson").stdout_bytes
    (tmp_path / "out.ndjson").write_bytes(out)
    assert read(tmp_path / "out.ndjson") == EXPECTED


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_whoever_reads_the_pipe_may_stop(tmp_path: Path, form: str) -> None:
    many = write(tmp_path / "answers.parquet", PEOPLE * 5000)
    words = [*SVAR, "score", "rand-36", str(many), "--to", form, "--quiet"]
    with subprocess.Popen(
        words, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 1


def test_a_broken_pipe_is_no_error_to_tell_of(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(run, "_output", broken)
    assert scored("rand-36", source, code=1).stderr == ""


def waited_for_part(folder: Path) -> Path:
    for _ in range(int(PATIENCE / 0.05)):
        if found := list(folder.glob(".scores.csv.*.part")):
            return found[0]
        time.sleep(0.05)
    raise AssertionError("nothing is written")


def kill(process: subprocess.Popen[bytes], sent: signal.Signals) -> int:
    """Send a signal until it is heard: Python is deaf to one that comes just before a read."""
    for _ in range(int(PATIENCE)):
        process.send_signal(sent)
        try:
            return process.wait(1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it cannot be stopped")


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_leaves_no_file_that_looks_whole(
    tmp_path: Path, sent: signal.Signals
) -> None:
    lines = write(tmp_path / "answers.csv", PEOPLE * 20_000).read_bytes()
    words = [*SVAR, "score", "rand-36", "-", "--from", "csv", "-o", str(tmp_path / "scores.csv")]
    with subprocess.Popen(
        words, cwd=HOUSE, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        process.stdin.write(lines)
        process.stdin.flush()
        part = waited_for_part(tmp_path)
        assert process.poll() is None
        assert kill(process, sent) != 0
    assert not (tmp_path / "scores.csv").exists()
    assert part.exists() == (sent == signal.SIGKILL)


def test_an_error_while_writing_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run, "_output", full)
    said = refused("rand-36", source, "-o", tmp_path / "scores.parquet")
    assert said == "answers.csv: No space left on device"
    assert names_in(tmp_path) == ["answers.csv"]


def test_a_file_torn_inside_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "answers.parquet", PEOPLE * 100)
    content = bytearray(path.read_bytes())
    content[4:400] = b"\xff" * 396
    path.write_bytes(content)
    said = refused("rand-36", path, "-o", tmp_path / "scores.csv")
    assert said.startswith("answers.parquet cannot be read after row 0: ")
    assert names_in(tmp_path) == ["answers.parquet"]


def test_a_single_column_is_not_written_where_null_is_an_empty_line(tmp_path: Path) -> None:
    document = json.loads((SMALL / "sum.json").read_text())
    (score,) = document["scores"]
    folder = tmp_path / "instruments" / document["id"]
    folder.mkdir(parents=True)
    (folder / "1.0.json").write_text(json.dumps(document))
    people = [{item["id"]: code for item in document["items"]} for code in (1, None)]
    source = write(tmp_path / "answers.ndjson", people)
    words = (document["id"], source, "--instruments", folder.parent)
    assert "The scores would be a single column" in refused(*words)
    assert len(from_csv(scored(*words, "--answered").stdout)) == 2
    scored(*words, "-o", tmp_path / "scores.ndjson")
    assert [row[score["id"]] is None for row in read(tmp_path / "scores.ndjson")] == [False, True]


@pytest.mark.parametrize(
    ("to", "column", "said"),
    [
        ("csv", [1, 2], "answers.parquet has a column that csv cannot hold"),
        ("ndjson", b"\xff", "answers.parquet has columns of bytes, which ndjson cannot hold: note"),
    ],
)
def test_a_column_that_the_output_cannot_hold_is_told(
    tmp_path: Path, to: str, column: object, said: str
) -> None:
    path = write(tmp_path / "answers.parquet", [{"note": column} | answers()])
    assert said in refused("rand-36", path, "-o", tmp_path / f"scores.{to}")
    assert names_in(tmp_path) == ["answers.parquet"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal as standard error."""
    seen = io.StringIO()
    screen = Console(file=seen, force_terminal=True, width=100, soft_wrap=True)
    monkeypatch.setattr(console, "err", screen)
    monkeypatch.setattr(offline, "err", screen)
    return seen


def test_a_terminal_shows_how_far_it_has_come(source: Path, terminal: io.StringIO) -> None:
    scored("rand-36", source)
    assert "Scoring" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
    assert "4 rows" in terminal.getvalue()


def test_a_terminal_shows_the_rows_of_a_pipe(source: Path, terminal: io.StringIO) -> None:
    scored("rand-36", "-", "--from", "csv", given=source.read_bytes())
    assert "4 rows" in terminal.getvalue()
    assert "%" not in terminal.getvalue()


def test_a_quiet_run_shows_no_bar(source: Path, terminal: io.StringIO) -> None:
    scored("rand-36", source, "--quiet")
    assert terminal.getvalue() == ""

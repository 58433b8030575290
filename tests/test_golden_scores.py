"""Scores do not move unless `scoring.VERSION` says so."""

import json
from pathlib import Path

import pytest

import scoring
from tests import golden


def test_scores_move_only_when_the_version_does() -> None:
    kept = golden.load()
    if kept["scoring_version"] == scoring.VERSION:
        found = golden.moved(kept)
        assert not found, "\n".join([*found[:10], golden.MOVED.format(version=scoring.VERSION)])


def test_the_golden_file_is_of_this_version_and_holds_every_shipped_instrument() -> None:
    kept = golden.load()
    again = "run `python -m tests.golden` and commit tests/golden_scores.json"
    assert kept["scoring_version"] == scoring.VERSION, f"scoring.VERSION was raised: {again}"
    assert golden.FILE.read_text(encoding="utf-8") == golden.text(golden.fresh(kept)), again


def test_the_golden_file_holds_dozens_of_people_some_with_missing_answers() -> None:
    instruments = golden.load()["instruments"]
    assert len(instruments) >= 13
    for name, rows in instruments.items():
        scores = [row["scores"] for row in rows]
        assert len(rows) >= 24, name
        assert any(None in one.values() for one in scores), name
        assert sum(None not in one.values() for one in scores) >= 6, name
        assert all(any(one[score] is not None for one in scores) for score in scores[0]), name


def test_a_score_that_moves_is_named_and_the_file_is_not_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "golden.json"
    copy.write_text(golden.FILE.read_text(encoding="utf-8"), encoding="utf-8")
    before = copy.read_text(encoding="utf-8")
    monkeypatch.setattr(golden, "FILE", copy)
    monkeypatch.setattr(scoring.methods, "combine", lambda scores, weights: scores[: len(weights)])
    with pytest.raises(SystemExit, match=r"^phq-9/1.0 row 1, (.*\n)+.*raise VERSION"):
        golden.main()
    assert copy.read_text(encoding="utf-8") == before


def test_a_raised_version_writes_the_file_again_with_the_same_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "golden.json"
    copy.write_text(golden.FILE.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(golden, "FILE", copy)
    monkeypatch.setattr(scoring, "VERSION", "2")
    golden.main()
    written = json.loads(copy.read_text(encoding="utf-8"))
    assert written == golden.load()
    assert written["scoring_version"] == "2"


def test_a_new_instrument_gets_rows_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(golden, "FILE", tmp_path / "golden.json")
    golden.main()
    assert all(len(rows) == golden.ROWS for rows in golden.load()["instruments"].values())

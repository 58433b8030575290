"""The value sets, norms and MCIDs that are shipped are named after what they are, and are found."""

from pathlib import Path

import pytest

from scoring import ValueSet
from scoring.reference import Mcid, Norm
from tests.documents import (
    instrument,
    read,
    shipped_definitions,
    shipped_mcids,
    shipped_norms,
    shipped_value_sets,
)

pytestmark = pytest.mark.uncounted

value_sets = pytest.mark.parametrize(
    "path", shipped_value_sets(), ids=lambda path: f"{path.parent.name}/{path.stem}"
)


@value_sets
def test_a_value_sets_file_is_named_after_its_id_and_instrument(path: Path) -> None:
    value_set = ValueSet.model_validate(read(path))
    assert (path.parent.name, path.stem) == (value_set.instrument, value_set.id)
    assert value_set.indices.shape == (value_set.levels**5,)


def test_a_norms_file_is_named_after_its_id_and_instrument() -> None:
    assert shipped_norms()
    for path in shipped_norms():
        norm = Norm.model_validate_json(path.read_text(encoding="utf-8"))
        assert (path.parent.name, path.stem) == (norm.instrument, norm.id)


def test_an_mcids_file_is_named_after_its_id_and_instrument() -> None:
    assert shipped_mcids()
    for path in shipped_mcids():
        mcid = Mcid.model_validate_json(path.read_text(encoding="utf-8"))
        assert (path.parent.name, path.stem) == (mcid.instrument, mcid.id)


def test_an_mcid_of_an_index_names_a_value_set_that_is_shipped() -> None:
    named = {
        (one["instrument"], one["value_set"])
        for one in map(read, shipped_mcids())
        if "value_set" in one
    }
    assert named
    assert named <= {(path.parent.name, path.stem) for path in shipped_value_sets()}


def test_there_is_a_value_set_for_every_index_and_its_source_says_which() -> None:
    assert shipped_value_sets()
    for path in shipped_definitions():
        document = read(path)
        for score in document["scores"]:
            if score["method"] == "value-set":
                found = instrument(path).value_sets[score["value_set"]]
                published = found.doi or found.isbn or found.url
                assert published
                assert published in score["source"]

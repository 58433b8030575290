"""JSON from elsewhere: what is refused is refused at once, with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.papers import DEEPEST, open_document, parse
from scoring import NotValid

VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
REFUSED = [
    (b'{"c": 0, "a": [{"b": 1, "b": 2}]}', "a.1.b: stands twice in one object; keep one of them"),
    (b'{"a": NaN, "b": [-Infinity]}', "b.1: is -Infinity, which is no number; a: is NaN"),
    (b'{"a": [1, -1e999]}', "a.2: is -1e999, which is too large"),
    (b'{"a": {"\\udc00": "b"}}', "document: has half a sign in it"),
    (b'{"a": "\xff"}', "document: is not UTF-8 in line 1; save it as UTF-8"),
    (b'{"a":\n' + b"[" * 200, "100 lists and objects in each other in line 2"),
    (b"[" * 5_000_000, "100 lists and objects in each other in line 1"),
    (b'{"a": 1', "document: is not JSON: Expecting ',' delimiter: line 1"),
    (b"[1]", "document: must be a JSON object"),
    (b" " * 50_000_000, "document: has more than 10 MB"),
]


@given(st.dictionaries(st.text(), VALUES, max_size=3))
@settings(max_examples=20, deadline=None)
def test_whatever_is_an_object_is_read_as_it_is(document: Any) -> None:
    assert parse(json.dumps(document).encode()) == document


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_cannot_be_trusted_is_refused_at_its_place(data: bytes, message: str) -> None:
    with pytest.raises(NotValid) as refused:
        parse(data)
    assert message in str(refused.value)


def test_a_file_is_read_though_it_begins_with_a_mark_of_order(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": "[[[\\"[[["}')
    assert open_document(path) == {"a": '[[["[[['}
    path.write_text("{" + '"a": {' * DEEPEST + "}" * DEEPEST + "}", encoding="utf-8")
    with pytest.raises(NotValid, match="in each other"):
        open_document(path)

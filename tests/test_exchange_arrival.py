"""One door for files: what each is, is seen by what is in it, and harm stays outside."""

import io
import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.exchange import arrival, parcel, sheets_out
from app.exchange.binder import Binder, Brought, File
from app.exchange.places import gathered, places
from scoring import NotValid
from tests.documents import (
    INSTRUMENTS,
    MCIDS,
    NORMS,
    VALUE_SETS,
    Document,
    instrument,
    read,
    shipped,
    shipped_definitions,
)

WHO = INSTRUMENTS / "who-5"
SET = VALUE_SETS / "eq-5d-5l" / "no-2024.json"


def file(path: Path, name: str = "") -> File:
    return File(name or path.name, path.read_bytes())


def said(document: object, name: str = "some.txt") -> File:
    return File(name, json.dumps(document).encode())


def told(*files: File) -> str:
    """Return why some files are refused."""
    with pytest.raises(NotValid) as refused:
        arrival.read(files)
    return str(refused.value)


def test_what_a_file_is_is_seen_by_what_is_in_it_and_never_by_its_name() -> None:
    book = sheets_out.export(instrument(shipped("who-5")), [])
    assert arrival.read([File("evil.json", book)]).binder.definition["id"] == "who-5"
    assert arrival.read([File("a.zip", b"id,type\nq1,eq_vas")]).binder.definition["items"]
    assert arrival.read([file(WHO / "1.0.json", "table.csv")]).binder.definition["id"] == "who-5"
    packed = parcel.packed({"x/1.0.json": read(WHO / "1.0.json")})
    assert arrival.read([File("book.xlsx", packed)]).binder.definition["id"] == "who-5"
    marked = File("a", b"\xef\xbb\xbf \n" + (WHO / "1.0.json").read_bytes())
    assert arrival.read([marked]).binder.definition["id"] == "who-5"
    resource = {"resourceType": "Questionnaire", "item": [{"linkId": "q1", "type": "date"}]}
    assert arrival.read([said(resource)]).binder.definition["open_items"][0]["id"] == "q1"


def test_every_instrument_comes_in_from_a_zip_as_it_went_out() -> None:
    paths = shipped_definitions()
    assert len(paths) > 10
    for path in paths:
        binder = gathered(INSTRUMENTS, path.parent.name, path.stem)
        brought = arrival.read([File("all", parcel.packed(places(binder)))])
        assert brought == Brought(binder, ())


def test_wordings_and_value_sets_come_in_alone_and_are_checked(tmp_path: Path) -> None:
    brought = arrival.read([file(WHO / "1.0.en.json"), file(SET)])
    assert brought.binder == Binder({}, (read(WHO / "1.0.en.json"),), (read(SET),))
    assert arrival.troubles(brought, INSTRUMENTS) == []
    written = arrival.write(brought.binder, tmp_path, replace=False)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "who-5/1.0.en.json",
        "value-sets/eq-5d-5l/no-2024.json",
    ]
    wrong = arrival.read([said(read(SET) | {"year": 1})])
    (trouble,) = arrival.troubles(wrong, INSTRUMENTS)
    assert str(trouble) == "value set no-2024: year: is 1; write 1990 or more"


def test_a_definition_is_checked_with_the_value_set_that_comes_with_it(tmp_path: Path) -> None:
    definition, other = read(shipped("eq-5d-5l")), read(SET)
    together = arrival.read([said(definition), said(other)])
    assert arrival.troubles(together, tmp_path) == []
    assert "value_set" in str(arrival.troubles(arrival.read([said(definition)]), tmp_path))


def norm(path: Path) -> File:
    return file(next(path.glob("*/*.json")))


REFUSED: dict[str, tuple[File, ...]] = {
    "files: there is no document": (),
    "files: there are 2 definitions": (file(WHO / "1.0.json"), file(WHO / "1.0.json")),
    "us-1990.json: is a norm, no part of an instrument; put it at norms/": (norm(NORMS),),
    "is an MCID, no part of an instrument; put it at mcids/": (norm(MCIDS),),
    "some.txt: is empty": (said({}),),
    "some.txt: document: must be a JSON object": (said([1]),),
    "some.txt: document: is XML; give FHIR as JSON": (File("some.txt", b"<Questionnaire/>"),),
    "a: is a spreadsheet, which holds all; give it alone": (
        File("a", b"id\nq1"),
        file(WHO / "1.0.json"),
    ),
    "1.0.json: is no FHIR resource, as others are": (
        said({"resourceType": "ValueSet"}),
        file(WHO / "1.0.json"),
    ),
    "a, b: document: has no Questionnaire": (
        said({"resourceType": "ValueSet"}, "a"),
        said({"resourceType": "CodeSystem"}, "b"),
    ),
    f"{'x' * 80}: document: has more than 10 MB": (File("x" * 9000, b"{" * 10_000_001),),
    "some.txt: a: stands twice": (File("some.txt", b'{"a": 1, "a": 2}'),),
}


@pytest.mark.parametrize("message", REFUSED)
def test_files_that_do_not_make_one_instrument_are_refused_by_name(message: str) -> None:
    assert message in told(*REFUSED[message])


Change = Callable[[zipfile.ZipInfo], None]


def packed(*names: str, data: bytes = b"{}", change: Change = lambda _: None) -> bytes:
    """Make a zip whose members all hold the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            change(member)
            made.writestr(member, data)
    return out.getvalue()


def link(member: zipfile.ZipInfo) -> None:
    member.external_attr = (stat.S_IFLNK | 0o777) << 16


def lzma(member: zipfile.ZipInfo) -> None:
    member.compress_type = zipfile.ZIP_LZMA


def locked(name: str) -> bytes:
    """Make a zip that says of its member that it needs a password."""
    right = bytearray(packed(name))
    right[right.index(b"PK\1\2") + 8] |= 1
    return bytes(right)


@pytest.fixture(scope="module")
def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return packed("a.json", "a.json")


HOSTILE: dict[str, bytes] = {
    "all.zip: ../a.json: leads out of its folder": packed("../a.json"),
    "all.zip: /etc/passwd: leads out of its folder": packed("/etc/passwd"),
    "all.zip: C:/a.json: leads out of its folder": packed("C:/a.json"),
    "all.zip: a\\..\\b.json: leads out": packed("a\\..\\b.json"),
    "a.json: is a link or a device, no file": packed("a.json", change=link),
    "a.json: is locked with a password": locked("a.json"),
    "A.json: stands twice": packed("a.json", "A.json"),
    "a.json: is packed in a way that is not read": packed("a.json", change=lzma),
    "a.json: is a zip, or a workbook, in a zip": packed("a.json", data=packed("b.json")),
    "bomb.json: unpacks to more": packed("bomb.json", data=b" " * 3_000_000),
    "document: has more than 200 members": packed(*map(str, range(201))),
    "document: is no zip that can be read": b"PK\3\4" + b"x" * 100,
    "<script>.json: document: is not JSON": packed("<script>.json", data=b"{"),
    "a/1.0.json: a: is NaN, which is no number": packed("a/1.0.json", data=b'{"a": NaN}'),
}


@pytest.mark.parametrize("message", HOSTILE)
def test_a_zip_that_means_harm_is_refused_by_its_member(message: str) -> None:
    assert message in told(File("all.zip", HOSTILE[message]))


def test_a_member_that_stands_twice_is_refused(twice: bytes) -> None:
    assert "a.json: stands twice" in told(File("all.zip", twice))


def test_what_is_unpacked_is_counted_over_all_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "MOST_UNPACKED", 1_000)
    names = [f"{n}.json" for n in range(3)]
    assert "2.json: unpacks to more" in told(File("z", packed(*names, data=b"x" * 400)))


def test_what_a_mac_packs_beside_and_folders_are_passed_over() -> None:
    out = io.BytesIO(packed("who-5/1.0.json", data=(WHO / "1.0.json").read_bytes()))
    with zipfile.ZipFile(out, "a") as made:
        made.writestr("who-5/", b"")
        made.writestr("__MACOSX/who-5/._1.0.json", b"\0")
        made.writestr("who-5/.DS_Store", b"\0")
    assert arrival.read([File("a", out.getvalue())]).binder.definition["id"] == "who-5"


def test_a_zip_that_is_broken_anywhere_is_refused_or_read_and_nothing_else() -> None:
    right = parcel.packed({"1.0.json": {"id": "who-5"}})
    tried = 0
    for place in range(len(right)):
        broken = right[:place] + bytes([right[place] ^ 0xFF]) + right[place + 1 :]
        tried += 1
        with suppress(NotValid):
            arrival.read([File("a", broken)])
    assert tried > 100


@pytest.mark.parametrize("field", ["id", "version"])
def test_what_can_name_no_file_is_read_and_never_written(tmp_path: Path, field: str) -> None:
    definition: Document = read(WHO / "1.0.json") | {field: "../../evil"}
    brought = arrival.read([said(definition)])
    assert f'definition: {field}: is "../../evil"' in str(arrival.troubles(brought, tmp_path)[0])
    with pytest.raises(NotValid, match=f"{field}: is lacking or wrong"):
        arrival.write(brought.binder, tmp_path, replace=True)
    assert list(tmp_path.iterdir()) == []

"""A zip of documents: opened with suspicion, and packed.

What a member is called is told in messages, and is never a path.
"""

import io
import json
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from app.exchange.binder import LONGEST_NAME, File
from app.exchange.workbook import refused, unpacking
from app.papers import Document

MOST_MEMBERS = 200
MOST_UNPACKED = 40_000_000
MOST_TIMES = 100
"""How many times its own size a zip may unpack to; documents of JSON come to about ten times."""

LITTLE = 1_000_000
"""What any zip may unpack to, however small it is."""

MEMBER = b"PK\1\2"
"""What begins a member's entry in a zip's list of contents."""

LOCKED = 0x1
"""The flag of a member that needs a password."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member that we pack, so that the same documents are the same bytes."""


def opened(file: File) -> list[File] | None:
    """Return the members of a zip, folders left out; None for an XLSX workbook.

    Raises NotValid, naming the member, for what is no plain file, for a name that leads out of its
    folder or stands twice, for a zip in a zip; and for what is broken, too many or too large.
    """
    if file.data.count(MEMBER) > MOST_MEMBERS:
        raise refused("document", f"has more than {MOST_MEMBERS} members; an instrument has not")
    with unpacking(file.data, "zip that can be read") as packed:
        members = packed.infolist()
        if any(member.filename == "xl/workbook.xml" for member in members):
            return None
        return list(_read(packed, members, len(file.data)))


def _read(packed: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], size: int) -> Iterator[File]:
    """Yield what is in the members, and count it while it is unpacked."""
    most = min(MOST_UNPACKED, MOST_TIMES * size + LITTLE)
    before: set[str] = set()
    for member in members:
        _suspect(member, before)
        if member.is_dir() or _of_the_system(member.filename):
            continue
        with packed.open(member) as unpacking:
            data = unpacking.read(most + 1)
        most -= len(data)
        if most < 0:
            raise refused(_named(member), "unpacks to more than a questionnaire needs")
        if data.startswith(b"PK"):
            raise refused(_named(member), "is a zip, or a workbook, in a zip; unpack it first")
        yield File(member.filename, data)


def _suspect(member: zipfile.ZipInfo, before: set[str]) -> None:
    """Raise NotValid for a member that is no plain file with a name of its own."""
    mode = stat.S_IFMT(member.external_attr >> 16)
    name = member.orig_filename
    wrong = {
        "leads out of its folder; give it a plain name": _leads_out(name),
        "is locked with a password; pack it without": bool(member.flag_bits & LOCKED),
        "is a link or a device, no file; pack the file itself": mode
        not in (0, stat.S_IFREG, stat.S_IFDIR),
        "is packed in a way that is not read; pack it as most zips are": member.compress_type
        not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        "stands twice; keep one of them": name.casefold() in before,
    }
    for message, is_so in wrong.items():
        if is_so:
            raise refused(_named(member), message)
    before.add(name.casefold())


def _leads_out(name: str) -> bool:
    """Say whether a name is no plain path below a folder, on any system."""
    parts = PurePosixPath(name).parts
    return bool(re.search(r"[\\:\x00-\x1f]|^/", name)) or ".." in parts


def _of_the_system(name: str) -> bool:
    """Say whether a member is what a Mac puts beside what one packs."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def _named(member: zipfile.ZipInfo) -> str:
    return member.orig_filename[:LONGEST_NAME]


def packed(documents: Mapping[str, Document]) -> bytes:
    """Return a zip of documents by name, the same bytes for the same documents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, document in documents.items():
            made.writestr(zipfile.ZipInfo(name, EPOCH), text(document), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def text(document: Document) -> str:
    """Return a document as it stands in a file."""
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"

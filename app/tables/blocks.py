"""Reads a text file some megabytes at a time, as UTF-8, however long it is."""

from typing import BinaryIO, Literal

from app.tables.batch import NotATable

BLOCK = 1 << 21
"""Bytes read at a time."""
LONGEST = 1 << 20
"""Bytes that one row may have."""

Encoding = Literal["utf-8", "latin-1"]
"""How a text file's characters are written."""

BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Blocks:
    """The bytes of a text file, in blocks: its last line has an end, and no end is cut in two.

    Bytes that are no UTF-8 are passed on as they are. Raises NotATable for UTF-16.
    """

    def __init__(self, file: BinaryIO, encoding: Encoding, total: int | None) -> None:
        self._file, self._encoding = file, encoding
        self.total, self.done = total, 0
        self._ahead = file.read(BLOCK)
        if self._ahead.startswith(UTF_16):
            raise NotATable("is written in UTF-16; save it as UTF-8")
        self._ahead = self._ahead.removeprefix(BOM)

    def read(self) -> bytes:
        """Return the next block; empty at the file's end."""
        block, self._ahead = self._ahead, self._file.read(BLOCK)
        if self._ahead and block.endswith(b"\r"):
            block, self._ahead = block[:-1], b"\r" + self._ahead
        self.done += len(block)
        if block and not self._ahead and not block.endswith((b"\n", b"\r")):
            block += b"\n"
        return as_utf_8(block) if self._encoding == "latin-1" else block


def as_utf_8(latin_1: bytes) -> bytes:
    """Return a text in Latin-1, where every byte is a character, as UTF-8."""
    return latin_1.decode("latin-1").encode()


def too_long(line: int) -> NotATable:
    """Return what is wrong with a file whose line does not end."""
    return NotATable(f"line {line} is longer than {LONGEST >> 20} MB; is this the right file?")

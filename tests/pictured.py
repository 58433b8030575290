"""Whether the pictures of the handbook show the pages as they are (`make pictures`)."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from app.settings import HOUSE


class Album(NamedTuple):
    """The pictures of one page of docs/: `name` is the page's and its folder's.

    `shown` is what they are made from: pages, style, scripts and texts, what is asked on them, and
    the story that they tell.
    """

    name: str
    shown: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the pictures are."""
        return HOUSE / "docs" / "images" / self.name

    @property
    def made_from(self) -> Path:
        """The file that keeps what the pictures were made from."""
        return self.folder / "made-from.sha256"

    def fingerprint(self, house: Path = HOUSE) -> str:
        """Return what stands for all that can be seen in the pictures."""
        digest = hashlib.sha256()
        for path in sorted(path for pattern in self.shown for path in house.glob(pattern)):
            digest.update(f"{path.relative_to(house)}\n".encode() + path.read_bytes())
        return digest.hexdigest() + "\n"

    def is_current(self) -> bool:
        """Say whether the pages are as they were when the pictures were taken."""
        kept = self.made_from
        return kept.exists() and kept.read_text(encoding="utf-8") == self.fingerprint()


PAGES = (
    "app/templates/patient/*.html",
    "app/static/patient.*",
    "app/locale/nb/LC_MESSAGES/patient.po",
    "tests/browser/camera.py",
)
"""What both albums show: the patient's pages, their style and texts; and how they are taken."""

PATIENT = Album(
    "patient",
    (
        *PAGES,
        "instruments/rand-36/1.0.nb.json",
        "instruments/eq-5d-5l/1.0.nb.json",
        "tests/browser/patient_pictures.py",
    ),
)

CENTRE = Album(
    "centre",
    (
        *PAGES,
        "app/templates/centre/*.html",
        "app/templates/trial/*.html",
        "app/static/centre.css",
        "app/static/bench.js",
        "app/locale/centre.pot",
        "scoring/practice.py",
        "tests/afternoon.py",
        "tests/browser/centre_pictures.py",
    ),
)

ALBUMS = (PATIENT, CENTRE)


def problems() -> list[str]:
    """Return what is wrong with the pictures, and what to do."""
    return [
        f"docs/images/{album.name} shows older pages: run `make pictures`"
        for album in ALBUMS
        if not album.is_current()
    ]

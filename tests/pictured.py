"""Whether the pictures of docs/patient.md show the pages as they are (`make pictures`)."""

import hashlib
from pathlib import Path

from app.settings import HOUSE

FOLDER = HOUSE / "docs" / "images" / "patient"
MADE_FROM = FOLDER / "made-from.sha256"

SHOWN = (
    "app/templates/patient/*.html",
    "app/static/patient.*",
    "app/locale/nb/LC_MESSAGES/patient.po",
    "instruments/rand-36/1.0.nb.json",
    "instruments/eq-5d-5l/1.0.nb.json",
    "tests/browser/pictures.py",
)
"""What the pictures are made from: the pages, their style and texts, and the questions on them."""


def made_from(house: Path = HOUSE) -> str:
    """Return what stands for all that can be seen in the pictures."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in SHOWN for path in house.glob(pattern)):
        digest.update(f"{path.relative_to(house)}\n".encode() + path.read_bytes())
    return digest.hexdigest() + "\n"


def problems() -> list[str]:
    """Return what is wrong with the pictures, and what to do."""
    current = MADE_FROM.exists() and MADE_FROM.read_text(encoding="utf-8") == made_from()
    return [] if current else ["docs/images/patient shows older pages: run `make pictures`"]

"""How the patients' pages look: style sheet, script and icon, and a registry's own colour in them.

The address of each holds a hash of its content, so a browser may keep it for ever: what changes has
another address. A style sheet in a registry's colour is named by the colour, never by the registry.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache

from app import colours
from app.settings import HOUSE

FOLDER = HOUSE / "app" / "static"
SHEET = "patient.css"
MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_COLOURED = re.compile(r"([0-9a-f]{6})\.css")
_TOKEN = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
_DARK = "@media (prefers-color-scheme: dark)"


class Unreadable(ValueError):
    """Text in this colour cannot be read on the pages; the message names one that can."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; `packed` is the same, compressed."""

    body: bytes
    packed: bytes
    media: str
    digest: str


def address(name: str) -> str:
    """Return where a page finds a file: `patient.js`, or a style sheet that `sheet` named."""
    return f"/look/{asset(name).digest}/{name}"


def sheet(colour: str | None) -> str:
    """Return the name of the style sheet in a registry's colour; without one, in our own."""
    return SHEET if colour is None else f"{colour.removeprefix('#')}.css"


@lru_cache(maxsize=64)
def asset(name: str) -> Asset:
    """Return a file by its name; raises LookupError for none of ours, Unreadable for a colour."""
    if found := _COLOURED.fullmatch(name):
        body, kind = _in_colour(f"#{found[1]}").encode(), ".css"
    else:
        path = next((path for path in FOLDER.iterdir() if path.name == name), None)
        if path is None or (kind := path.suffix) not in MEDIA:
            raise LookupError(name)
        body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:12]
    return Asset(body, gzip.compress(body, mtime=0), MEDIA[kind], digest)


def check_colour(colour: str) -> str:
    """Return a colour as it is kept, such as `#1d5a5e`; raises Unreadable, saying what would do."""
    given = colour.lower()
    if not _COLOUR.fullmatch(given):
        raise Unreadable(f"{colour!r} is no colour here: write it as #1d5a5e.")
    light, _ = _papers()
    behind = (light.page, light.card, "#ffffff")
    if colours.readable(given, *behind):
        return given
    least = min(colours.contrast(given, one) for one in behind)
    nearest = colours.nearest_readable(given, *behind)
    raise Unreadable(
        f"{given} cannot be read on the pages: its contrast is {least:.2f}, and text needs "
        f"{colours.TEXT}. The nearest colour that can is {nearest}."
    )


def _in_colour(colour: str) -> str:
    light, dark = _papers()
    by_day, by_night = _halves()
    day = colours.in_light(check_colour(colour), light)
    return _with(by_day, day) + _with(by_night, colours.in_dark(colour, dark))


def _with(style: str, tones: colours.Tones) -> str:
    """Return a part of the style sheet whose first word on each tone is another."""
    for name, tone in tones.items():
        style = re.sub(rf"(--{name}): #[0-9a-f]{{6}};", rf"\1: {tone};", style, count=1)
    return style


@cache
def _halves() -> tuple[str, str]:
    """Return the style sheet up to where the dark begins, and from there on."""
    by_day, dark, by_night = (FOLDER / SHEET).read_text("utf-8").partition(_DARK)
    return by_day, dark + by_night


@cache
def _papers() -> tuple[colours.Paper, colours.Paper]:
    """Return what the pages are made of by day and by night, as the style sheet has it."""
    first, second = (dict(reversed(_TOKEN.findall(half))) for half in _halves())
    light, dark = (
        colours.Paper(tokens["page"], tokens["card"], tokens["ink"]) for tokens in (first, second)
    )
    return light, dark

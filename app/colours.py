"""Whether a colour can be read on the patients' pages, and the tones that are made of it.

Colours are texts such as `#1d5a5e`. Contrast is WCAG 2.2's: 4.5 for text, 3 for borders.
"""

import colorsys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TEXT = 4.5
"""The contrast that text needs to what is behind it."""

LIT = 7.0
"""The contrast that text is given in the dark, so that what is behind it may be tinted."""

Tones = dict[str, str]
"""Colours by the names that they have in the style sheet."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a page is made of before a registry's colour comes to it."""

    page: str
    card: str
    ink: str


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 (the same) to 21 (black and white)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, *behind: str) -> bool:
    """Say whether text in a colour can be read on each of these."""
    return all(contrast(colour, one) >= TEXT for one in behind)


def nearest_readable(colour: str, *behind: str) -> str:
    """Return the colour itself, or the least darkened one that can be read on all of these."""
    return next(one for one in _darker(colour) if readable(one, *behind))


def in_light(colour: str, paper: Paper) -> Tones:
    """Return the tones by day of a colour that can be read on the paper."""
    tints = (_mixed(colour, paper.card, part / 100) for part in range(12, -1, -1))
    return {
        "fjord": colour,
        "fjord-deep": _with_lightness(colour, _lightness(colour) * 0.7),
        "on-fjord": "#ffffff",
        "chosen": _first_behind((colour, paper.ink), tints),
    }


def in_dark(colour: str, paper: Paper) -> Tones:
    """Return the tones by night of a colour: the same hue, made as light as it must be."""
    lit = next(one for one in _lighter(colour) if contrast(one, paper.card) >= LIT)
    tints = (_mixed(lit, paper.card, part / 100) for part in range(18, -1, -1))
    deep = _with_lightness(lit, _lightness(lit) * 0.6 + 0.4)
    shades = (_with_lightness(colour, part / 100) for part in range(10, -1, -1))
    return {
        "fjord": lit,
        "fjord-deep": deep,
        "on-fjord": _first_behind((lit, deep), shades),
        "chosen": _first_behind((lit, paper.ink), tints),
    }


def _first_behind(texts: tuple[str, ...], candidates: Iterable[str]) -> str:
    """Return the first candidate on which all these texts can be read."""
    return next(one for one in candidates if readable(one, *texts))


def _darker(colour: str) -> Iterator[str]:
    light = _lightness(colour)
    yield colour
    yield from (_with_lightness(colour, light * part / 100) for part in range(99, -1, -1))


def _lighter(colour: str) -> Iterator[str]:
    light = _lightness(colour)
    yield from (_with_lightness(colour, light + (1 - light) * part / 100) for part in range(101))


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _text(parts: Iterable[float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lightness(colour: str) -> float:
    return colorsys.rgb_to_hls(*_parts(colour))[1]


def _with_lightness(colour: str, lightness: float) -> str:
    hue, _, saturation = colorsys.rgb_to_hls(*_parts(colour))
    return _text(colorsys.hls_to_rgb(hue, lightness, saturation))


def _mixed(colour: str, into: str, part: float) -> str:
    pairs = zip(_parts(colour), _parts(into), strict=True)
    return _text(one * part + other * (1 - part) for one, other in pairs)

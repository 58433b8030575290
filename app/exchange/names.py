"""Ids, languages and notes as people write them in spreadsheets, and how they are to be written."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

NAME = re.compile(r"(?=.{1,32}$)[a-z][a-z0-9_]*")
ID = re.compile(r"(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*")
VERSION = re.compile(r"[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})")
"""What questions and scores, instruments, and versions may be called."""

NOTES = ("note", "notat", "comment", "kommentar", "merknad")
"""How the names of columns and sheets begin that are one's own notes, and are passed over."""

HELP = "help"
"""The sheet that tells what stands on the others; it is passed over too."""

LANGUAGE = re.compile(r"(?!no$|nor$)[a-z]{2,3}")
LANGUAGES = {
    **dict.fromkeys(("norsk", "norwegian", "no", "nor"), "nb or nn"),
    **dict.fromkeys(("bokmål", "bokmal"), "nb"),
    "nynorsk": "nn",
    **dict.fromkeys(("engelsk", "english"), "en"),
    **dict.fromkeys(("svensk", "swedish"), "sv"),
    **dict.fromkeys(("dansk", "danish"), "da"),
    **dict.fromkeys(("samisk", "nordsamisk", "sami"), "se"),
}
"""Languages as people call them, with their ISO 639 codes; `no` does not say which Norwegian."""

_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def is_note(name: str) -> bool:
    """Say whether a column or sheet is somebody's own, for themselves."""
    return name.casefold().startswith(NOTES)


def tongue(text: str) -> str:
    """Return what to write for a language that was called by another name, in words."""
    first = re.split(r"[-_ ]", text.casefold())[0]
    if first in LANGUAGES:
        return LANGUAGES[first]
    return first if LANGUAGE.fullmatch(first) else "its code of two or three letters, such as nb"


def named(text: str, between: str) -> str:
    """Return a text as an id: small letters and digits, with `between` for all else."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", between, letters).strip(between)


def nearest(text: str, words: Sequence[str]) -> str:
    """Return the word that somebody must have meant, or else all that there are."""
    close = get_close_matches(named(text, "_"), words, n=1, cutoff=0.75)
    return close[0] if close else f"one of {', '.join(words)}"

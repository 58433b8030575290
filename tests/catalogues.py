"""Sees that every text of the patient's pages is in every catalogue, used, and with its places."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages import Catalog

from app.texts import (
    FOLDER,
    PAGES,
    SOURCE,
    Forms,
    catalogue_path,
    plural_of,
    read_catalogue,
    source_of,
    texts_of,
)

APP = FOLDER.parent
MADE = re.compile(
    r"(closed|error|date|who|is|role|agreement)\..+|enter\.over\..+|again\.(?:asked|going|stuck|done)|bench\.(?:examples|on_\w+)|\w+\.wrong"
)
"""Families of texts whose keys are put together while running."""

_CALL = re.compile(r"\b(?:t|words|self)(?:\.count)?\(([^,()]*)")
_KEY = re.compile(r'"([a-z0-9_]+(?:\.[a-z0-9_]+)*)"(?! ~)')


def problems() -> list[str]:
    """Return what is wrong with the catalogues, each with what to do."""
    return [problem for door in PAGES for problem in _of_a_door(door)]


def _of_a_door(door: str) -> Iterator[str]:
    source = source_of(read_catalogue(catalogue_path(SOURCE, door)))
    text = "".join(path.read_text("utf-8") for path in sources(door))
    yield from of_the_source(source, text, f"{door}.pot")
    for language in PAGES[door]:
        if language != SOURCE:
            path = catalogue_path(language, door)
            name = str(path.relative_to(FOLDER))
            yield from of_a_catalogue(name, read_catalogue(path), source)


def sources(door: str) -> list[Path]:
    """Return the files that may ask for a text of a door's pages."""
    templates = (APP / "templates" / door).glob("*")
    form = (APP / "form").glob("*.py") if door == "patient" else ()
    return [*(APP / door).glob("*.py"), *form, APP / "texts.py", *templates]


def of_the_source(source: Forms, text: str, name: str = "patient.pot") -> Iterator[str]:
    """Yield the keys that the pages ask for and there are not, and those that nobody asks for."""
    asked = {key for call in _CALL.findall(text) for key in _KEY.findall(call)}
    for key in sorted(asked - source.keys()):
        yield f"{name} lacks {key}, which a page asks for: add it with its English"
    for key in source:
        if f'"{key}"' not in text and not MADE.fullmatch(key):
            yield f"{name} has {key}, which no page asks for: remove it"


def of_a_catalogue(name: str, catalogue: Catalog, source: Forms) -> Iterator[str]:
    """Yield what a catalogue lacks, has too much, or says of something else than the source."""
    english, said = source_of(catalogue), texts_of(catalogue)
    for key in source.keys() - english.keys():
        yield f"{name} lacks {key}: update it from the source, and translate it"
    for key in english.keys() - source.keys():
        yield f"{name} has {key}, which is not in the source: remove it"
    for key in source.keys() & english.keys():
        if english[key] != source[key]:
            yield f"{name} translates other English of {key} than the source has: update it"
        elif key not in said:
            yield f"{name} has no translation of {key}: write it"
        else:
            yield from _of_places(f"{name}: {key}", said[key], source[key], catalogue)


def _of_places(
    name: str, said: tuple[str, ...], english: tuple[str, ...], of: Catalog
) -> Iterator[str]:
    """A form that stands for one number alone, such as two, may say the number in words."""
    wanted = places(english[-1])
    alone = Counter(map(plural_of(of), range(1000))) if len(english) > 1 else Counter[int]()
    for form, text in enumerate(said):
        have = places(text)
        if have != wanted and not (have <= wanted and alone[form] == 1):
            yield f"{name} has the places {sorted(have)} instead of {sorted(wanted)}"


def places(text: str) -> set[str]:
    """Return the names of the values that are filled into a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

"""The sentences of the pages themselves, in every language that has a catalogue in `locale/`.

`patient.pot` holds each text's key and its English, which is the source; a catalogue translates it.
`centre.pot` does the same for the pages of the PRO centre.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from gettext import c2py
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages import Catalog
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol

DEFAULT, SOURCE = "nb", "en"
FOLDER = Path(__file__).parent / "locale"

LANGUAGES = {
    "nb": "Norsk bokmål",
    "nn": "Norsk nynorsk",
    "en": "English",
    "se": "Davvisámegiella",
    "pl": "Polski",
}
"""The languages of the pages, each by its own name, in the order in which they are offered."""

CENTRE = {language: LANGUAGES[language] for language in ("nb", "en")}
"""The languages of the PRO centre's pages."""

PAGES = {"patient": LANGUAGES, "centre": CENTRE}
"""Whose pages there are, and the languages of each."""

Forms = Mapping[str, tuple[str, ...]]
"""Every text of a language by its key; one about a number of things has several forms."""


def catalogue_path(language: str, pages: str = "patient") -> Path:
    """Return where the texts of a language stand; those in English are the source itself."""
    if language == SOURCE:
        return FOLDER / f"{pages}.pot"
    return FOLDER / language / "LC_MESSAGES" / f"{pages}.po"


def read_catalogue(path: Path) -> Catalog:
    """Return a catalogue as it stands. Raises PoFileError for a file that is none."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def source_of(catalogue: Catalog) -> Forms:
    """Return the English of every text in a catalogue, by key."""
    return {str(one.context): _forms(one.id) for one in catalogue if one.id}


def texts_of(catalogue: Catalog) -> Forms:
    """Return every text that a catalogue has a translation of, by key; reviewed or not."""
    said = {str(one.context): _forms(one.string) for one in catalogue if one.id}
    return {key: forms for key, forms in said.items() if all(forms)}


def plural_of(catalogue: Catalog) -> Callable[[int], int]:
    """Return the rule by which a catalogue's language takes its forms, a number each."""
    return c2py(catalogue.plural_expr)


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


_CATALOGUES = {
    (pages, language): read_catalogue(catalogue_path(language, pages))
    for pages, languages in PAGES.items()
    for language in languages
}


class Texts:
    """One language: `t("day")` is how it writes a day. Raises KeyError for a text it lacks.

    `wanted` is the language that was asked for, `language` the one that there is.
    """

    def __init__(self, wanted: str, zone: ZoneInfo, pages: str = "patient") -> None:
        self.wanted = wanted
        self.language = wanted if wanted in PAGES[pages] else DEFAULT
        self.direction = direction(self.language)
        self._zone = zone
        self._locale = Locale.parse(self.language)
        catalogue = _CATALOGUES[pages, self.language]
        self._texts = (source_of if self.language == SOURCE else texts_of)(catalogue)
        self._form = plural_of(catalogue)

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with values filled in where it has places for them."""
        return self._texts[key][0].format(**values)

    def count(self, key: str, number: int) -> str:
        """Return a text about a number of things, in the form that the language has for it."""
        return self._texts[key][self._form(number)].format(number=number)

    def number(self, value: float) -> str:
        """Return a number as people write it here."""
        return f"{value:.10g}".replace(".", get_decimal_symbol(self._locale))

    def day(self, at: date) -> str:
        """Return a date as people say it here; of a time, the date that it has here."""
        day = at.astimezone(self._zone) if isinstance(at, datetime) else at
        return format_date(day, self("day"), locale=self._locale)

    def moment(self, at: datetime) -> str:
        """Return a date and time as people say it here."""
        return format_datetime(at, self("moment"), tzinfo=self._zone, locale=self._locale)

    def name_of(self, language: str) -> str:
        """Return this language's name of another; the code of one that it has no name for."""
        return str(self._locale.languages.get(language, language))


@cache
def texts_in(language: str, zone: ZoneInfo, pages: str = "patient") -> Texts:
    """Return the texts of a language, or those in bokmål if it has none."""
    return Texts(language, zone, pages)


@cache
def direction(language: str) -> str:
    """Return how a language runs, `ltr` or `rtl`; `auto` for one that Babel does not know."""
    try:
        return Locale.parse(language).text_direction
    except UnknownLocaleError:
        return "auto"


def preferred(header: str) -> str:
    """Return the language of the pages that a browser's Accept-Language likes best, or bokmål."""
    liked = [
        (-float(weight or 1), "nb" if tag.lower() == "no" else tag.lower())
        for tag, weight in _LIKED.findall(header)
    ]
    known = (tag for weight, tag in sorted(liked, key=lambda one: one[0]) if weight)
    return next((tag for tag in known if tag in LANGUAGES), DEFAULT)


_LIKED = re.compile(
    r"(?<![\w-])([a-z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*(?:,|$)", re.IGNORECASE
)
"""One language of an Accept-Language header with its weight, whatever the region."""

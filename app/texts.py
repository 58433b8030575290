"""The sentences of the pages themselves, in the languages that have a file in `locale/`."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

DEFAULT = "nb"
FOLDER = Path(__file__).parent / "locale"


class Texts:
    """One language: `t("next")` is its word for next. Raises KeyError for a text it lacks."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._zone = zone
        self._texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def __call__(self, key: str, **values: object) -> str:
        """Return a text, with values filled in where it has places for them."""
        return self._texts[key].format(**values)

    def count(self, key: str, number: int) -> str:
        """Return a text about a number of things: one, or more."""
        return self(f"{key}.one" if number == 1 else f"{key}.other", number=number)

    def number(self, value: float) -> str:
        """Return a number as people write it here."""
        return f"{value:.10g}".replace(".", self("decimal"))

    def day(self, at: date) -> str:
        """Return a date as people say it here; of a moment, its day in the service's zone."""
        at = at.astimezone(self._zone) if isinstance(at, datetime) else at
        return self("day", day=at.day, month=self(f"month.{at.month}"), year=at.year)

    def moment(self, at: datetime) -> str:
        """Return a date and time as people say it here."""
        at = at.astimezone(self._zone)
        month = self(f"month.{at.month}")
        return self("moment", day=at.day, month=month, year=at.year, time=at)


@cache
def texts_in(language: str, zone: ZoneInfo) -> Texts:
    """Return the texts of a language, or those in bokmål if it has none."""
    known = {path.stem for path in FOLDER.glob("*.json")}
    return Texts(language if language in known else DEFAULT, zone)

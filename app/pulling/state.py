"""What a folder of pulled results remembers: how far it has come, and which files it has."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.pulling.stops import FolderBroken

NAME = "svar-pull.json"
Format = Literal["parquet", "csv"]

Cursor = Annotated[str, Field(pattern=r"^[0-9]{20}$")]
Table = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*/[1-9][0-9]*\.[0-9]+$", max_length=60)
]
"""An instrument and the version that gave the scores, such as rand-36/1.0; also a folder's name."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Kept):
    """A file of results that is whole: never written again, and never removed."""

    name: Annotated[str, Field(pattern=r"^part-[0-9]{6}\.(parquet|csv)$")]
    rows: Annotated[int, Field(ge=1)]
    bytes: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Kept(_Kept):
    """What the folder has of one table: its parts, in the feed's order, and the last cursor.

    `latest` is how far its instrument had come when the file of newest results was made.
    """

    cursor: Cursor
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    latest: Cursor | None = None


class State(_Kept):
    """Everything that is remembered from one pull to the next."""

    svar_pull: Literal[1] = 1
    url: str
    client_id: str
    format: Format
    tables: Mapping[Table, Kept] = {}

    def having(self, table: str, kept: Kept) -> "State":
        """Return the state with one table as it is now."""
        return self.model_copy(update={"tables": {**self.tables, table: kept}})

    def grown(self, table: str, part: Part, cursor: str) -> "State":
        """Return the state with one more part of a table."""
        before = self.tables.get(table)
        parts = (*before.parts, part) if before else (part,)
        latest = before.latest if before else None
        return self.having(table, Kept(cursor=cursor, parts=parts, latest=latest))

    def reached(self, instrument: str) -> str:
        """Return the last cursor of all an instrument's versions."""
        return max(
            kept.cursor
            for table, kept in self.tables.items()
            if table.partition("/")[0] == instrument
        )

    def written(self) -> bytes:
        """Return the state as its file holds it."""
        return self.model_dump_json(indent=1).encode() + b"\n"


def read(text: bytes) -> State:
    """Return the state that a file holds. Raises FolderBroken for any other thing."""
    try:
        return State.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(one) for one in first["loc"]) or "JSON"
        raise FolderBroken(
            f"{NAME} is not as a pull wrote it ({place}: {first['msg']}). "
            "Put it back, or pull into a new folder."
        ) from None

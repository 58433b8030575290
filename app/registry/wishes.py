"""How a registry may wish answers to be read and scored, and in which formats it may send them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.registry.formats import CSV, NDJSON
from app.registry.shared import KEBAB
from scoring.instrument import NamedRule

TABLES: dict[str, Literal["csv", "ndjson"]] = {
    NDJSON: "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    CSV: "csv",
}
MOST_PEOPLE = 10_000
"""People in a JSON body, which is taken apart as a whole."""

Word = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[list[Word], Field(max_length=500)]


class Wish(BaseModel):
    """How answers are to be read and scored. All but the first two go with NDJSON and CSV only."""

    model_config = ConfigDict(extra="forbid")

    value_set: Annotated[
        list[Annotated[str, Field(pattern=KEBAB, max_length=40)]], Field(max_length=500)
    ] = Field([], description="One more index by this value set; may be repeated, `all` for all")
    missing_rule: NamedRule | None = Field(
        None, description="Answers that a scale must have, where its own rule may be replaced"
    )
    map: Words = Field([], description="A column under another name than its item's: COLUMN=ITEM")
    absent: Words = Field([], description="An item that was not asked, and so has no column")
    missing: Words = Field(
        [], description="What means “no answer” besides nothing: VALUE for all items, or ITEM=VALUE"
    )
    answered: bool = Field(
        default=False, description="Also say how many items each score rests on, in `…_answered`"
    )
    encoding: Literal["utf-8", "latin-1"] = Field(
        "utf-8", description="How the characters are written"
    )

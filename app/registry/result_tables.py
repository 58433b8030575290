"""Results of one instrument as a table: CSV, Parquet, Arrow, SPSS or Stata."""

from collections.abc import Iterator
from dataclasses import replace

from app import catalogue, feed
from app.catalogue import Published
from app.columns import Column, columns_of
from app.db import Database
from app.errors import Refused
from app.flat import streams
from app.flat.rows import Rows
from app.registry.codebook import open_row
from app.registry.formats import NAMES, Asked, table_definition, with_indices
from app.registry.guard import Caller


def written(
    database: Database, me: Caller, asked: Asked, at: feed.Place, kind: str
) -> tuple[str, Iterator[bytes]]:
    """Return a file's name, and its content, which is made while it is sent.

    Raises Refused for what no such file can hold.
    """
    form, definition = NAMES[kind], table_definition(me, asked)
    version = definition.instrument.version
    at = replace(at, filters=replace(at.filters, version=version))
    name = f"{definition.instrument.id}-{version}.{form}"
    about = {"instrument": f"{definition.instrument.id}/{version}"}
    about |= {"definition_sha256": definition.sha256}
    rows = Rows(_columns(me, asked, definition), about, as_text=form == "csv")
    if form in ("sav", "dta"):
        return name, _whole(database, me, asked, at, rows, form)
    found = feed.chunks(database, at, asked.limit)
    if form == "csv":
        return name, streams.csv(rows, found, bom=asked.bom)
    return name, (streams.parquet if form == "parquet" else streams.arrow)(rows, found)


def _columns(me: Caller, asked: Asked, definition: Published) -> tuple[Column, ...]:
    row = open_row(me.session, definition.instrument, asked.labels, "labels")
    wording = catalogue.wording_of(me.session, row.sha256) if row else None
    return columns_of(with_indices(me, definition, asked.value_set), wording)


def _whole(
    database: Database, me: Caller, asked: Asked, at: feed.Place, rows: Rows, form: str
) -> Iterator[bytes]:
    from app.flat import whole  # with it come polars and pyreadstat, which are rarely needed

    kind = whole.KINDS[form]
    if (asked.limit or 0) > whole.MOST or (
        asked.limit is None and feed.more_than(me.session, at, whole.MOST)
    ):
        raise Refused(
            "limit",
            f"a file for {kind.program} is made as a whole, of {whole.MOST:,} results at most; "
            "send a limit and go on with after=, ask for fewer (submitted_from, unit), "
            "or take CSV or Parquet",
        )
    try:
        whole.check(rows, kind)
    except ValueError as error:
        raise Refused("format", f"{kind.program} cannot hold these columns: {error}") from None
    return whole.made(rows, feed.chunks(database, at, asked.limit), kind)

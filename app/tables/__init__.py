"""Tables of answers and scores: CSV, Parquet and NDJSON, read and written some rows at a time."""

from app.tables.batch import Batch, NotATable, Table, Unreadable
from app.tables.blocks import Encoding
from app.tables.opening import PIPE, Format, format_of, open_table, open_writer, text_table
from app.tables.writing import Pieces, Writer, replacing

__all__ = [
    "PIPE",
    "Batch",
    "Encoding",
    "Format",
    "NotATable",
    "Pieces",
    "Table",
    "Unreadable",
    "Writer",
    "format_of",
    "open_table",
    "open_writer",
    "replacing",
    "text_table",
]

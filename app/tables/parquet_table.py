"""Reads answers from Parquet, some rows at a time."""

from collections.abc import Collection, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from app.tables.batch import Batch, NotATable

ROWS = 1 << 16
"""Rows read at a time."""
BUFFER = 1 << 20
"""Bytes of a column read at a time."""


class ParquetTable:
    """A Parquet file, opened. Coded texts ("categories") are read as texts.

    Raises NotATable for a file that is none, and for one that names a column twice.
    """

    place = "row"

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._file = parquet.ParquetFile(file, buffer_size=BUFFER, pre_buffer=False)
        except (pa.ArrowInvalid, OSError) as error:
            raise NotATable(f"is not Parquet: {error}") from None
        schema = self._file.schema_arrow
        if twice := sorted({name for name in schema.names if schema.names.count(name) > 1}):
            raise NotATable(f"has columns of the same name: {', '.join(map(repr, twice))}")
        self.types = {field.name: _plain(field.type) for field in schema}
        self.total, self.done = self._file.metadata.num_rows, 0

    def batches(self, carried: Collection[str]) -> Iterator[Batch]:
        """Yield the rows, all columns as in `types`; raises NotATable for a file that is torn."""
        del carried  # the file itself says what it holds
        found = self._file.iter_batches(ROWS, use_threads=False)
        while True:
            try:
                batch = next(found, None)
            except (pa.ArrowInvalid, OSError) as error:
                raise NotATable(f"cannot be read after row {self.done}: {error}") from None
            if batch is None:
                return
            columns = {
                name: array.cast(kind)
                for (name, kind), array in zip(self.types.items(), batch.columns, strict=True)
            }
            places = np.arange(self.done, self.done + batch.num_rows, dtype=np.int64) + 1
            self.done += batch.num_rows
            yield Batch(columns, places)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind

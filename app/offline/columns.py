"""Finds the column of each item in somebody's file, and what else the file holds."""

import csv
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from scoring import Instrument


class NotScorable(ValueError):
    """Why a file cannot be scored as it was asked; `option` is the one at fault, if one is."""

    def __init__(self, why: str, option: str | None = None) -> None:
        super().__init__(why)
        self.option = option


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a file holds each item's answers, and which are carried through.

    An item whose column is None was not asked at all, and counts as unanswered.
    """

    items: Mapping[str, str | None]
    carried: tuple[str, ...]

    def shown(self, item: str) -> str:
        """Return an item's column as it is told to people, with the item's id if that differs."""
        column = self.items[item]
        return item if column == item else f"{column} ({item})"


def matched(
    names: Sequence[str],
    instrument: Instrument,
    mapped: Mapping[str, str],
    absent: Collection[str] = (),
) -> Columns:
    """Find the columns of an instrument's items among a file's `names`.

    `mapped` names items by column, where a column has another name than its item; `absent` are
    items that the file has no column for. Raises NotScorable, naming every item that lacks one.
    """
    items = [item.id for item in instrument.items]
    _known(mapped.values(), items, instrument.id, "map")
    _known(set(absent), items, instrument.id, "absent")
    for column in mapped:
        if column not in names:
            raise NotScorable(f"The file has no column {column}{near(column, names)}", "map")
    of_item = _by_item(names, items, mapped)
    if there := [item for item in absent if item in of_item]:
        why = f"The file has a column for {', '.join(there)}, which was said to be absent"
        raise NotScorable(why, "absent")
    if lacking := [item for item in items if item not in of_item and item not in absent]:
        others = [name for name in names if name not in items]
        raise NotScorable(_lacking(lacking, others, instrument.id))
    taken = set(of_item.values())
    carried = tuple(name for name in names if name not in taken)
    return Columns({item: of_item.get(item) for item in items}, carried)


def _by_item(
    names: Sequence[str], items: Sequence[str], mapped: Mapping[str, str]
) -> dict[str, str]:
    found = {item: column for column, item in mapped.items()}
    for item in items:
        if item in names and item not in mapped and found.setdefault(item, item) != item:
            raise NotScorable(f"The file has two columns for {item}: {found[item]} and {item}")
    return found


def _known(given: Iterable[str], items: Sequence[str], instrument: str, option: str) -> None:
    seen = set()
    for item in given:
        if item not in items:
            raise NotScorable(f"{item} is not an item of {instrument}{near(item, items)}", option)
        if item in seen:
            raise NotScorable(f"two columns are named for {item}", option)
        seen.add(item)


def _lacking(items: list[str], names: Sequence[str], instrument: str) -> str:
    told = ", ".join(f"{item}{near(item, names)}" for item in items)
    return (
        f"The file has no column for {len(items)} of the items of {instrument}: {told}.\n"
        "Names must be the items' own, letter by letter. Say --map COLUMN=ITEM for a column of "
        "another name, and --absent ITEM for an item that was not asked."
    )


def near(wanted: str, names: Sequence[str]) -> str:
    """Return a hint at the names that are nearest to one, as they stand; may be empty."""
    by_lower = {name.lower(): name for name in names}
    same = by_lower.get(wanted.lower())
    near = (
        [same] if same else [by_lower[one] for one in get_close_matches(wanted.lower(), by_lower)]
    )
    return f" (there is {', '.join(near)})" if near else ""


def read_maps(given: Iterable[str]) -> dict[str, str]:
    """Return items by column, from `COLUMN=ITEM` words and from files that hold such pairs.

    A file is a JSON object {"column": "item"}, or CSV with the header `column,item`. Raises
    NotScorable for one that is neither, OSError for one that cannot be read.
    """
    pairs: list[tuple[str, str]] = []
    for one in given:
        column, is_pair, item = one.rpartition("=")
        if is_pair:
            pairs.append((column, item))
        elif one.lower().endswith(".json"):
            pairs += _json_map(Path(one))
        elif one.lower().endswith(".csv"):
            pairs += _csv_map(Path(one))
        else:
            raise NotScorable(f"--map {one} is neither COLUMN=ITEM nor a .csv or .json file")
    return as_map(pairs)


def as_map(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return items by column; raises NotScorable for a column that is named twice."""
    columns = [column for column, _ in pairs]
    if twice := sorted({column for column in columns if columns.count(column) > 1}):
        raise NotScorable(f"--map names a column twice: {', '.join(twice)}", "map")
    return dict(pairs)


def _json_map(path: Path) -> list[tuple[str, str]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=tuple)
    except (ValueError, RecursionError) as error:
        raise NotScorable(f"{path} is not JSON: {error}") from None
    if not isinstance(found, tuple) or not all(isinstance(item, str) for _, item in found):
        raise NotScorable(f'{path} must hold one object: {{"COLUMN": "ITEM", …}}')
    return list(found)


def _csv_map(path: Path) -> list[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = ";" if ";" in file.readline() else ","
            file.seek(0)
            head, *rows = [row for row in csv.reader(file, delimiter=delimiter) if row]
    except (ValueError, csv.Error) as error:
        raise NotScorable(f"{path} is not CSV: {error}") from None
    if head != ["column", "item"] or any(len(row) != 2 for row in rows):
        raise NotScorable(f"{path} must have two columns under the header column,item")
    return [(column, item) for column, item in rows]

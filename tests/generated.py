"""Files made from the code: `make fix` writes them, `make check` sees that they are current.

And what is made beside the code: `make check` sees that the catalogues lack nothing, and that the
pictures show the pages as they are.
"""

import json
import sys
from collections.abc import Callable

from pydantic import BaseModel, SecretStr

from app.exchange import told
from app.settings import HOUSE, Settings
from scoring import Instrument, ValueSet, Wording
from scoring.reference import Mcid, Norm
from tests import catalogues, examples, pictured
from tests.spec import render


def schema(model: type[BaseModel]) -> str:
    """Return a model's JSON Schema, for editors that complete and check while one writes."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(draft | model.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def settings() -> str:
    """Return the page of settings, from their own descriptions."""
    lines = [
        "# Settings",
        "",
        "Every knob of the service is an environment variable, read once at start.",
        "",
        "| variable | default | what it does |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `SVAR_{name.upper()}` | {_default(field.default)} | {field.description} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if isinstance(value, SecretStr) and value.get_secret_value():
        return "none outside demo mode"
    if not str(value) or isinstance(value, SecretStr):
        return "none"
    return f"`{str(value).replace(f'{HOUSE}/', '')}`"


def spreadsheet() -> str:
    """Return the page of every sheet and column, from the table that the reader goes by."""
    lines = [
        "# The spreadsheet of a questionnaire",
        "",
        "Every sheet and column that is read, as on the sheet `help` of the template.",
        "How it is used stands in [instruments.md](instruments.md#from-a-spreadsheet).",
    ]
    sheet = ""
    for row in told.rows():
        if row["sheet"] != sheet:
            sheet = row["sheet"]
            lines += ["", f"## {sheet}", "", "| column | what it means | words |"]
            lines.append("| --- | --- | --- |")
        words = ", ".join(f"`{word}`" for word in row["words"].split(", ") if word)
        lines.append(f"| `{row['column']}` | {row['what it means']} | {words} |")
    return "\n".join(lines) + "\n"


FILES: dict[str, Callable[[], str]] = {
    "instruments/instrument.schema.json": lambda: schema(Instrument),
    "instruments/wording.schema.json": lambda: schema(Wording),
    "instruments/value-set.schema.json": lambda: schema(ValueSet),
    "instruments/norm.schema.json": lambda: schema(Norm),
    "instruments/mcid.schema.json": lambda: schema(Mcid),
    "docs/settings.md": settings,
    "docs/spreadsheet.md": spreadsheet,
    "docs/scoring.md": render.page,
    "app/registry/examples.json": examples.page,
}


def stale() -> list[str]:
    """Return the files that are not what the code would write."""
    paths = {name: HOUSE / name for name in FILES}
    return [
        name
        for name, make in FILES.items()
        if not paths[name].exists() or paths[name].read_text(encoding="utf-8") != make()
    ]


def main(arguments: list[str]) -> int:
    """Write the files, or with --check say which are stale; return the exit code."""
    old = stale()
    if "--check" in arguments:
        found = [f"{name} is not current: run `make fix`" for name in old]
        found += catalogues.problems() + pictured.problems()
        for problem in found:
            print(problem)  # noqa: T201
        return min(1, len(found))
    for name in old:
        (HOUSE / name).write_text(FILES[name](), encoding="utf-8")
        print(f"wrote {name}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the API says of itself at /docs: what each part is for, and examples that are real answers.

The examples are made by asking the service (`make fix`), so they cannot be other than its answers.
"""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

TAGS = [
    {"name": "access", "description": "Credentials are exchanged for a token; begin here."},
    {"name": "instruments", "description": "What can be ordered, and what every column means."},
    {"name": "value sets", "description": "What an EQ-5D index is worth, country by country."},
    {"name": "orders", "description": "Ask patients, follow every order, count who answered."},
    {"name": "responses", "description": "Bring in what was answered elsewhere; amend, withdraw."},
    {"name": "scoring as a service", "description": "Score answers that stay with you."},
    {"name": "results", "description": "Scored answers, in the formats that statisticians use."},
    {"name": "drafts", "description": "The PRO centre's own scripts: from file to published."},
    {"name": "service", "description": "For those who run the service."},
]
NAMED = {
    "instrument_id": "who-5",
    "version": "1.0",
    "language": "en",
    "order_id": "0199a3f0-0000-7000-8000-000000000001",
    "response_id": "0199a3f0-0000-7000-8000-000000000002",
}
"""What may stand in a path."""
EXAMPLES = Path(__file__).with_name("examples.json")


def describe(app: FastAPI) -> None:
    """Have an app describe itself in these words; its document is made once, when it is wanted."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(make())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def described(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document with a sentence for each operation, and examples."""
    document["tags"] = TAGS
    examples: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _say(operation)
            for name, answers in examples.get(f"{method.upper()} {path}", {}).items():
                status, _, kind = name.partition(" ")
                operation["responses"][status]["content"][kind].setdefault("example", answers)
    return document


def _say(operation: dict[str, Any]) -> None:
    """Give an operation its first sentence in place of its name, and its path's names a value."""
    operation["summary"] = operation["description"].split(". ")[0].split(".\n")[0].rstrip(".")
    for one in operation.get("parameters", []):
        if one["in"] == "path" and one["name"] in NAMED:
            one.setdefault("example", NAMED[one["name"]])

"""The chapters of the scoring specification: every module of this folder that has sections."""

from importlib import import_module
from pathlib import Path

_MODULES = [
    import_module(f"tests.spec.{path.stem}")
    for path in Path(__file__).parent.glob("*.py")
    if "\nSECTIONS = (" in path.read_text(encoding="utf-8")
]

CHAPTERS = sorted(_MODULES, key=lambda chapter: (chapter.INSTRUMENT != "", chapter.TITLE.lower()))

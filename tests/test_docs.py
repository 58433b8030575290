"""The pages that people read are true: what they name is there, and what is there is named."""

import re
from doctest import DocTestParser, DocTestRunner
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli import app as command
from app.settings import HOUSE, Settings
from tests import generated

PAGES = [HOUSE / "README.md", HOUSE / "DEVELOPING.md", *sorted(HOUSE.glob("docs/**/*.md"))]


def read(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def test_generated_files_are_current() -> None:
    assert generated.stale() == []


def test_every_file_that_developing_names_is_there() -> None:
    named = set(
        re.findall(r"`((?:tests|app|scoring|instruments)/[\w./*-]+)`", read("DEVELOPING.md"))
    )
    assert len(named) > 20
    assert [name for name in sorted(named) if not list(HOUSE.glob(name))] == []


def test_every_module_of_the_house_has_a_room_in_developing() -> None:
    page = read("DEVELOPING.md")
    packages = [path.parent for path in HOUSE.glob("app/*/__init__.py")]
    modules = [path for path in HOUSE.glob("app/*.py") if path.stem not in ("__init__",)]
    modules += packages
    assert len(packages) > 2
    assert len(modules) > 10
    assert [path.name for path in modules if path.stem not in page] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    links = [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", page.read_text(encoding="utf-8"))
    ]
    assert links
    assert [
        (str(page), target) for page, target in links if not (page.parent / target).exists()
    ] == []


def test_every_setting_is_described() -> None:
    page = read("docs/settings.md")
    assert Settings.model_fields
    for name, field in Settings.model_fields.items():
        assert f"`SVAR_{name.upper()}`" in page
        assert field.description


def test_every_command_of_the_readme_exists() -> None:
    group = get_command(command)
    named = re.findall(r"^ *svar ([a-z-]+)(?: ([a-z]+))?", read("README.md"), re.MULTILINE)
    assert named
    for first, second in named:
        found = group.commands[first]  # type: ignore[attr-defined]
        assert not hasattr(found, "commands") or second in found.commands


def test_every_example_of_change_gives_what_its_page_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HOUSE)
    blocks = re.findall(r"^```python\n(.*?)^```", read("docs/change.md"), re.MULTILINE | re.DOTALL)
    examples = DocTestParser().get_doctest("".join(blocks), {}, "docs/change.md", None, None)
    found = DocTestRunner(verbose=False).run(examples)
    assert found.attempted > 30
    assert found.failed == 0, capsys.readouterr().out


def test_every_decision_is_one_page_with_its_four_parts() -> None:
    decisions = sorted(Path(HOUSE / "docs" / "decisions").glob("*.md"))
    assert len(decisions) >= 10
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) < 60
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "Alternatives",
        ]


def test_the_two_commands_come_first_in_the_readme() -> None:
    first_block = re.search(r"```sh\n(.*?)```", read("README.md"), re.DOTALL)
    assert first_block is not None
    assert [line.split("#")[0].strip() for line in first_block[1].splitlines()] == [
        "make run",
        "make test",
    ]

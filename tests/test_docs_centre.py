"""The way from a paper form to the first answer is true: it ends with what its page says."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session

from app import authoring, drafts, rehearsals, reviews
from app.exchange import sheets_in
from app.rehearsals import Vouched
from app.settings import HOUSE
from tests import pictured
from tests.afternoon import CHECKED, MISTAKEN, NAME, TRIED, from_paper
from tests.conftest import Server
from tests.drafted import AUTHOR, approve
from tests.handbook import Page, ours
from tests.pictured import ALBUMS, Album
from tests.staffed import somebody
from tests.walk import walk

PAGE = (HOUSE / "docs" / "centre.md").read_text(encoding="utf-8")
WAY = PAGE.split("## From a paper form to the first answer")[1].split("\n## ")[0]
EMAIL = AUTHOR.removeprefix("staff:")
BOOK = HOUSE / "docs" / "images" / "centre" / f"{NAME}.xlsx"


def walks_to_publishing(session: Session) -> None:
    """Do what the page says with its spreadsheet, until a second person has approved it."""
    draft = authoring.begin(session, sheets_in.bring(BOOK.read_bytes()), AUTHOR)
    ((part, (problem,)),) = reviews.check(session, draft).problems.items()
    assert (part, problem.message) == ("definition", "is 33.3, but the scoring gives 50.0")
    (mistaken,) = MISTAKEN.values()
    for name, before, after in (
        ("definition", str(mistaken), "50"),
        ("wording nb", "svært stor grad.", "svært stor grad"),
    ):
        text = drafts.parts(draft)[name]
        assert text.count(before) == 1
        mended = text.replace(before, after)
        drafts.keep(session, draft, name, mended, draft.revision, AUTHOR)
    rehearsals.keep(session, draft, EMAIL, TRIED)
    trial = rehearsals.trial(session, draft, EMAIL)
    assert trial is not None
    example = Vouched(*CHECKED[:2], {"experience": 200 / 3})
    assert rehearsals.add_example(
        session, draft, trial, example, revision=draft.revision, who=AUTHOR
    )
    reviews.hand_in(session, draft, AUTHOR)
    approve(session, draft)


def test_the_spreadsheet_of_the_page_is_the_one_in_its_pictures() -> None:
    assert sheets_in.bring(BOOK.read_bytes()) == sheets_in.bring(from_paper())


def test_whoever_follows_the_page_has_the_score_that_it_shows(server: Server) -> None:
    database = server.app.state.database
    somebody(database, "author", email=EMAIL)
    with database.write() as session:
        walks_to_publishing(session)
    blocks = Page(re.sub(r"^ {3,4}", "", WAY, flags=re.MULTILINE))
    ordered, pulled = blocks.of("sh")
    script = ours(f"{ordered}read answered\n{pulled}", server)
    command = ["sh", "-e", "-c", script]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as shell:  # type: ignore[call-overload]
        link = shell.stdout.readline().strip()
        with httpx.Client(base_url=server.url) as browser:
            assert walk(browser, link.removeprefix(server.url), TRIED)
        said, _ = shell.communicate("\n")
    assert [said] == blocks.of("text")


@pytest.mark.parametrize("album", ALBUMS, ids=[album.name for album in ALBUMS])
def test_every_picture_of_an_album_is_on_a_page_and_every_pattern_finds_a_file(
    album: Album,
) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in HOUSE.glob("docs/*.md"))
    shown = set(re.findall(rf"\]\(images/{album.name}/([\w-]+\.png)\)", pages))
    assert shown == {path.name for path in album.folder.glob("*.png")} != set()
    assert [pattern for pattern in album.shown if not list(HOUSE.glob(pattern))] == []


@pytest.mark.parametrize("album", ALBUMS, ids=[album.name for album in ALBUMS])
def test_make_check_names_the_album_whose_pages_have_changed(
    album: Album, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert pictured.problems() == []
    for pattern in album.shown:
        for path in HOUSE.glob(pattern):
            copy = tmp_path / path.relative_to(HOUSE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    before = album.fingerprint(tmp_path)
    assert before == album.fingerprint()
    copy.write_text("otherwise", encoding="utf-8")
    assert album.fingerprint(tmp_path) != before
    monkeypatch.setattr(Album, "fingerprint", lambda one: before if one != album else "older")
    assert any(f"docs/images/{album.name} " in one for one in pictured.problems())

"""How the pages look: files that a browser may keep for ever, and a registry's own colour."""

import gzip
import re

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app import colours, look
from app.db import Database
from app.main import NotReady, create_app
from app.settings import Settings
from tests.conftest import PlaceOrder
from tests.visits import begin, change_registry
from tests.walk import visit

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
LINKED = re.compile(r'(?:href|src)="(/look/[^"]+)"')
OURS, THEIRS = "patient.css", "7a2e5d.css"


def tokens(name: str) -> list[dict[str, str]]:
    """Return the colours of a style sheet by day and by night, as a browser reads them."""
    light, dark = look.asset(name).body.decode().split(look._DARK)
    first = re.compile(r":root \{(.+?)\}", re.DOTALL)
    found = [first.search(half) for half in (light, dark)]
    return [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", one[1]))
        for one in found
        if one is not None
    ]


@given(COLOURS)
@settings(max_examples=200, deadline=None)
def test_whatever_the_colour_all_text_on_it_and_beside_it_can_be_read(colour: str) -> None:
    nearest = colours.nearest_readable(colour, "#faf7f1", "#ffffff")
    look.asset.cache_clear()
    both = tokens(look.sheet(look.check_colour(nearest)))
    assert len(both) == 2
    for has in both:
        for text, behind in (
            ("fjord", "page"),
            ("fjord", "card"),
            ("fjord", "chosen"),
            ("fjord-deep", "page"),
            ("fjord-deep", "card"),
            ("on-fjord", "fjord"),
            ("on-fjord", "fjord-deep"),
            ("ink", "chosen"),
        ):
            assert colours.contrast(has[text], has[behind]) >= 4.5, (text, behind)
        assert colours.contrast(has["fjord"], has["soft-line"]) >= 3


@given(COLOURS)
@settings(max_examples=200, deadline=None)
def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(colour: str) -> None:
    try:
        assert look.check_colour(colour.upper()) == colour
    except look.Unreadable as refused:
        suggested = str(refused).rpartition(" ")[2].removesuffix(".")
        assert look.check_colour(suggested) == suggested != colour
        assert colours.contrast(colour, "#faf7f1") < 4.5


@pytest.mark.parametrize(
    "colour", ["", "red", "#fff", "#12345g", "1d5a5e", "#1d5a5e;", "#1d5a5e\n"]
)
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(look.Unreadable, match="write it as #1d5a5e"):
        look.check_colour(colour)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert colours.contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert colours.contrast(other, one) == colours.contrast(one, other)


def test_only_what_is_made_of_the_colour_differs_from_our_own_style_sheet() -> None:
    ours, theirs = (look.asset(name).body.decode().splitlines() for name in (OURS, THEIRS))
    pairs = zip(ours, theirs, strict=True)
    differ = [one.split(":")[0].strip() for one, other in pairs if one != other]
    assert sorted(differ) == sorted(["--fjord", "--fjord-deep", "--chosen"] * 2 + ["--on-fjord"])
    assert tokens(THEIRS)[0]["fjord"] == "#7a2e5d"


def test_everything_that_a_page_loads_may_be_kept_for_ever(
    client: TestClient, place_order: PlaceOrder
) -> None:
    _, link = place_order(["rand-12"])
    begin(client, link)
    addresses = LINKED.findall(client.get("/form/1").text)
    assert len(addresses) == 3
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "set-cookie" not in answer.headers


def test_a_file_of_an_earlier_version_is_given_as_it_is_now_and_not_kept(
    client: TestClient,
) -> None:
    answer = client.get(f"/look/0123456789ab/{OURS}")
    assert answer.content == look.asset(OURS).body
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_is_sent_compressed_to_those_who_take_it(client: TestClient, packed: bool) -> None:
    asked = {"Accept-Encoding": "gzip, br" if packed else "identity"}
    with client.stream("GET", look.address(OURS), headers=asked) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert (answer.headers.get("content-encoding") == "gzip") == packed
    assert (gzip.decompress(raw) if packed else raw) == look.asset(OURS).body


@pytest.mark.parametrize(
    "name", ["nothing.css", "ffcc00.css", "7A2E5D.css", "7a2e5d.js", "..%2Flook.py", "%00", "docs"]
)
def test_no_other_file_is_there(client: TestClient, name: str) -> None:
    answer = client.get(f"/look/0123456789ab/{name}")
    assert answer.status_code == 404
    assert "Vi finner ikke siden" in answer.text


def test_a_registrys_pages_have_its_colour_and_nobody_elses_have(
    client: TestClient, place_order: PlaceOrder, database: Database
) -> None:
    change_registry(database, "hips", colour="#7a2e5d")
    links = {name: place_order(["rand-12"], registry=name)[1] for name in ("hips", "knees")}
    for registry, sheet in (("hips", THEIRS), ("knees", OURS)):
        begin(client, links[registry])
        for path in ("/form/", "/form/1", "/form/1/skip"):
            text = client.get(path).text
            assert look.address(sheet) in text
            assert f'{sheet}"' in text
    visit(client, links["hips"])
    assert look.address(OURS) in client.get("/form/99").text  # an error's page is nobody's


def test_the_address_of_a_style_sheet_tells_the_colour_and_not_the_registry() -> None:
    assert re.fullmatch(r"/look/[0-9a-f]{12}/7a2e5d\.css", look.address(look.sheet("#7a2e5d")))


def test_the_service_does_not_start_with_a_colour_that_cannot_be_read(
    app: FastAPI, database: Database, settings: Settings
) -> None:
    change_registry(database, "knees", colour="#1d5a5e")
    create_app(settings).state.database.close()
    change_registry(database, "hips", colour="#ffcc00")
    with pytest.raises(NotReady) as refused:
        create_app(settings)
    said = str(refused.value)
    assert "The colour of the registry hips will not do. #ffcc00 cannot be read" in said
    assert "#8a6e00" in said
    assert "svar registry set hips --colour" in said

"""The page on scoring by the API is true: its commands run as written, and say what it says."""

import re
import subprocess
from pathlib import Path

from app.registry.scoring import Wish
from app.settings import HOUSE
from tests.conftest import CLIENT_SECRET, Server
from tests.files import answers, from_csv, scored, write

PAGE = (HOUSE / "docs" / "score.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
PARTED = "-- the next block --\n"


def ours(text: str, server: Server) -> str:
    """Return the page's shell for the service of this test."""
    told = {
        "http://127.0.0.1:8000": server.url,
        "hips-demo:hips-demo-secret": f"hips-test:{CLIENT_SECRET}",
    }
    for theirs, mine in told.items():
        assert text.count(theirs) == 1
        text = text.replace(theirs, mine)
    return text


def test_the_commands_run_as_written_and_say_what_the_page_says(
    server: Server, tmp_path: Path
) -> None:
    script = "".join(
        text if kind == "sh" else f"printf -- '{PARTED}'\n"
        for kind, text in BLOCKS
        if kind in ("sh", "text")
    )
    ran = subprocess.run(
        ["sh", "-e", "-c", ours(script, server)], cwd=tmp_path, capture_output=True, check=True
    )
    said = re.sub(r"[0-9a-f]{64}", "…", ran.stdout.decode()).split(PARTED)
    told = [text for kind, text in BLOCKS if kind == "text"]
    assert len(told) == 5
    assert [one.rstrip("\n") for one in said[:-1]] == [one.rstrip("\n") for one in told]


def test_the_python_runs_as_written(server: Server, tmp_path: Path) -> None:
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    found: dict[str, object] = {}
    exec(code, found)
    given, made = write(tmp_path / "a.csv", [answers() | {"case": 1}]), tmp_path / "s.csv"
    scored("rand-36", given, "-o", made)
    token = server.hips.headers["Authorization"].removeprefix("Bearer ")
    score = found["score"]
    assert callable(score)
    got = score(server.url, token, "rand-36", given.read_bytes())
    assert got == made.read_bytes()
    assert len(from_csv(got.decode())) == 1


def test_every_option_is_on_the_page() -> None:
    assert len(Wish.model_fields) > 5
    assert [name for name in Wish.model_fields if f"`{name}=" not in PAGE] == []

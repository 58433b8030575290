"""Reads a page of docs/ as its readers do: block after block, in a shell."""

import re
import subprocess
from pathlib import Path

from tests.conftest import CLIENT_SECRET, Server

PARTED = "-- the next block --\n"


class Page:
    """A page of the handbook, or a part of it; `blocks` are its kinds of code with their text."""

    def __init__(self, text: str) -> None:
        self.blocks: list[tuple[str, str]] = re.findall(
            r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL
        )

    def of(self, kind: str) -> list[str]:
        """Return the blocks of a kind."""
        return [text for one, text in self.blocks if one == kind]

    def said(self, server: Server, folder: Path) -> list[str]:
        """Run the shell as written, and return what it says where the page shows what it says."""
        script = "".join(
            text if kind == "sh" else f"printf -- '{PARTED}'\n"
            for kind, text in self.blocks
            if kind in ("sh", "text")
        )
        command = ["sh", "-e", "-c", ours(script, server)]
        ran = subprocess.run(command, cwd=folder, capture_output=True, check=True)
        return ran.stdout.decode().split(PARTED)[:-1]


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

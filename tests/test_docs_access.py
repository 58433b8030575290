"""The page on getting in is true: its commands and its Python run as written, in its order."""

import json
import os
import re
import shlex
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from app.settings import HOUSE, Issuer, Settings
from tests.conftest import SECRET_KEY, Server
from tests.files import SVAR

pytestmark = pytest.mark.uncounted

PAGE = (HOUSE / "docs" / "access.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SHELL = [text for kind, text in BLOCKS if kind == "sh"]


@pytest.fixture
def run(tmp_path: Path, server: Server) -> Any:
    """Run a block of the page in one folder, where `svar` is that of this house."""
    script = tmp_path / "bin" / "svar"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nPYTHONPATH={HOUSE} exec {shlex.join(SVAR)} "$@"\n')
    script.chmod(0o755)
    settings: Settings = server.app.state.settings
    given = {
        "PATH": f"{script.parent}:{os.environ['PATH']}",
        "SVAR_DATABASE_URL": settings.database_url,
        "SVAR_SECRET_KEY": SECRET_KEY,
        "NO_PROXY": "*",
    }

    def run(text: str, **more: str) -> str:
        text = text.replace("https://svar.example.org", server.url)
        command = ["sh", "-e", "-c", text]
        ran = subprocess.run(
            command, cwd=tmp_path, env=given | more, capture_output=True, check=False
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout.decode()

    return run


def part(said: str, name: str) -> str:
    found = re.search(rf"^{name}: (\S+)$", said, re.MULTILINE)
    assert found is not None, said
    return found[1]


def test_the_page_can_be_followed_word_for_word(
    run: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, fetch, make_key, give_key, rotate, remove = SHELL
    made = run(create)
    secret = part(made, "client_secret")
    pulled = run(fetch, CLIENT_ID=part(made, "client_id"), CLIENT_SECRET=secret)
    assert json.loads(pulled)["results"] == []

    run(make_key)
    run(give_key)
    assert results(server.url, token_by_python(tmp_path, server.url)) == []

    said = run(rotate)
    (old,) = re.findall(r"secret (\S+): added \S+ ends", said)
    new = part(said, "client_secret")
    for one in (secret, new):
        assert "results" in json.loads(run(fetch, CLIENT_ID="hips-curl", CLIENT_SECRET=one))
    run(remove, OLD=old)
    refused = json.loads(run(fetch, CLIENT_ID="hips-curl", CLIENT_SECRET=secret))
    assert refused["status"] == 401
    assert "results" in json.loads(run(fetch, CLIENT_ID="hips-curl", CLIENT_SECRET=new))


def token_by_python(folder: Path, url: str) -> str:
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    found: dict[str, Any] = {}
    exec(code, found)
    token: str = found["fetch_token"](url, "hips-python", (folder / "private.pem").read_bytes())
    return token


def results(url: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{url}/api/v1/results", headers=headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["results"]


def test_the_example_of_issuers_can_be_used_as_it_is() -> None:
    (example,) = [text for kind, text in BLOCKS if kind == "json"]
    settings = Settings(secret_key=SECRET_KEY, issuers=example)
    assert [one.bound for one in settings.issuers] == [True, False]
    for name in Issuer.model_fields:
        assert f"`{name}`" in PAGE

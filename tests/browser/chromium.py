"""Finds a browser for the journeys, or gets one; `python -m tests.browser.chromium` says which."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # The browser reads the last such list alone, so what Playwright's own names stands here too.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
"""Parts of the browser that no journey needs: its address bar alone takes as long as our pages."""

LAUNCH = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(WITHOUT)}",
)
"""A browser that talks to nobody but the service under test."""

PATIENCE = 600
"""Seconds that fetching a browser may take."""


class NoBrowser(RuntimeError):
    """There is no browser, and none could be fetched; the message says what to do."""


@cache
def browser_path() -> str:
    """Return the path of a Chromium: the one named, one installed, or one fetched now."""
    if named := os.environ.get("CHROMIUM"):
        if shutil.which(named):
            return named
        raise NoBrowser(f"CHROMIUM is {named}, which is no program that can be run.")
    found = _installed() or _from_playwright() or _from_apt()
    if not found:
        raise NoBrowser(
            "The journeys need Chromium or Chrome, and none was found. Install one, or name one: "
            "CHROMIUM=/path/to/chromium make test"
        )
    return found


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _from_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        _run(sys.executable, "-m", "playwright", "install", "chromium")
    return path if Path(path).exists() else None


def _from_apt() -> str | None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        _run("apt-get", "update", "--quiet")
        _run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium")
    return _installed()


def _run(*command: str) -> None:
    """Try a command; whether it helped is seen afterwards."""
    sys.stderr.write(f"No browser yet; trying: {' '.join(command)}\n")
    try:
        subprocess.run(command, check=False, timeout=PATIENCE, stdout=sys.stderr)
    except subprocess.TimeoutExpired:
        sys.stderr.write("It takes too long; giving it up.\n")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"Browser: {browser_path()}\n")
    except NoBrowser as error:
        sys.exit(str(error))

"""Takes the pictures of the handbook from the demo: `make pictures`."""

import sys

from playwright.sync_api import sync_playwright

from tests.browser import centre_pictures, patient_pictures
from tests.browser.camera import demo
from tests.browser.chromium import LAUNCH, browser_path
from tests.pictured import ALBUMS


def main() -> int:
    """Take every picture anew, and note what they show; return the exit code."""
    for album in ALBUMS:
        album.folder.mkdir(parents=True, exist_ok=True)
    with demo() as links, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=list(LAUNCH))
        patient_pictures.take(chromium, links)
        centre_pictures.take(chromium)
        chromium.close()
    for album in ALBUMS:
        album.made_from.write_text(album.fingerprint(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

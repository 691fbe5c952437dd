"""`python -m tests.browser.screenshots FOLDER` takes pictures of the site: light, dark and on a phone."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests import site
from tests.browser.conftest import ARGUMENTS, CHROMIUM

PAGES = {
    "home": "",
    "guide": "reject-concurrent/",
    "steps": "reject-concurrent/?lang=python#create-runs",
    "reference": "reference/commands/",
}
SIZES = {"desk": (1280, 900), "phone": (390, 844)}


def main(folder: Path) -> None:
    """Builds the site and writes one picture per page, palette and size."""
    folder.mkdir(parents=True, exist_ok=True)
    built = Path(tempfile.mkdtemp())
    site.build(built)
    with site.served(built) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for scheme in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                for name, address in PAGES.items():
                    page.goto(url + address, wait_until="networkidle")
                    path = folder / f"{name}-{scheme}-{size}.png"
                    page.screenshot(path=path)
                    print(path)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

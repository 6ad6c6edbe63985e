"""The site: its links are looked at, and what was built is looked at in a browser where AUTOGRAD_LITE_SITE names it."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.browser import ROOT, Browser, browser
from tests.processes import REPOSITORY

SITE = os.environ.get("AUTOGRAD_LITE_SITE", "")
built = pytest.mark.skipif(not SITE, reason="no site is here: AUTOGRAD_LITE_SITE names the folder, as the check does")

# ---- links -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def links() -> ModuleType:
    """docs/links.py, which stands in no package."""
    spec = importlib.util.spec_from_file_location("links", REPOSITORY / "docs" / "links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _site(folder: Path, link: str) -> Path:
    (folder / "how to").mkdir()
    (folder / "index.html").write_text(f'<p id="here">{link}</p>')
    (folder / "how to" / "index.html").write_text('<h1 id="what-π-is">x</h1><a name="old"></a>')
    (folder / "picture.svg").write_text("<svg/>")
    return folder


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#here">',
        '<a href="">',
        '<a href="how%20to/index.html#what-%CF%80-is">',
        '<a href="how to/#old">',
        '<a href="https://nowhere.example/x">',
        '<a href="mailto:someone@nowhere.example">',
        '<img src="picture.svg?v=1">',
        '<img src="data:image/png;base64,AA==">',
        '<a href="picture.svg#part">',
    ],
)
def test_links_that_lead_somewhere(link: str, links: ModuleType, tmp_path: Path) -> None:
    assert list(links.broken_links(_site(tmp_path, link))) == []


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#there">',
        '<a href="missing.html">',
        '<a href="how to/index.html#here">',
        '<img src="missing.svg">',
        '<iframe src="missing.html">',
        '<script src="missing.js">',
        '<link href="missing.css">',
        '<a href="../index.html">',
        '<a href="/index.html">',
    ],
)
def test_links_that_lead_nowhere_are_told_with_their_page(link: str, links: ModuleType, tmp_path: Path) -> None:
    where = link.partition('"')[2].partition('"')[0]
    (tmp_path / "index.html").write_text("out of the site")
    (tmp_path / "site").mkdir()
    assert list(links.broken_links(_site(tmp_path / "site", link))) == [f"index.html: {where}"]


# ---- what was built ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def driven() -> Iterator[Browser]:
    with browser() as found:
        yield found


def _pages() -> list[str]:
    found = (path.relative_to(SITE).as_posix() for path in Path(SITE).rglob("*.html"))
    return sorted(path for path in found if not path.startswith(("_", "playground/")))


@built
@pytest.mark.parametrize("page", _pages() if SITE else [])
def test_a_page_fits_a_phone_and_has_no_errors(page: str, driven: Browser) -> None:
    driven.open(Path(SITE, page), width=390, height=844, dark=True)
    assert driven.evaluate("document.documentElement.scrollWidth") <= 390
    assert driven.errors == []


@built
@pytest.mark.parametrize("width", [320, 768, 1024, 1366, 1600, 1800, 1920])
@pytest.mark.parametrize("page", ["index", "speed", "primitives", "tutorials/04-xor", "reference/commands"])
def test_a_page_fits_every_screen(page: str, width: int, driven: Browser) -> None:
    driven.open(Path(SITE, f"{page}.html"), width=width)
    assert driven.evaluate("document.documentElement.scrollWidth") <= width


@built
@pytest.mark.parametrize(("page", "frame"), [("tutorials/02-step-through-backprop", 2), ("tutorials/04-xor", 1)])
def test_a_player_plays_on_a_page(page: str, frame: int, driven: Browser) -> None:
    driven.open(Path(SITE, f"{page}.html"))
    driven.wait(f"{ROOT} !== null", frame)
    before = driven.evaluate(f"{ROOT}.querySelector('.count').textContent", frame)
    driven.evaluate(f"{ROOT}.querySelector('[data-do=next]').click()", frame)
    driven.wait(f"{ROOT}.querySelector('.count').textContent !== {before!r}", frame)
    driven.wait(f"{ROOT}.querySelector('.equation').textContent.includes('=')", frame)
    assert driven.errors == []


@built
def test_the_front_page_moves(driven: Browser) -> None:
    driven.open(Path(SITE, "index.html"))
    driven.wait(f"{ROOT} !== null", 1)
    before = driven.evaluate(f"{ROOT}.textContent", 1)
    driven.evaluate(f"[...{ROOT}.querySelectorAll('button')].find(button => button.textContent === 'step').click()", 1)
    driven.wait(f"{ROOT}.textContent !== {before!r}", 1)


@built
def test_search_finds_an_error_without_a_server(driven: Browser) -> None:
    driven.open(Path(SITE, "search.html"), fragment="?q=nan")
    driven.wait("document.querySelectorAll('ul.search li a').length > 3")
    assert "errors.html" in driven.evaluate("document.querySelector('ul.search').innerHTML")

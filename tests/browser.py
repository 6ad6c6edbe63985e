"""A headless Chromium, driven by Playwright: real keys, real clicks, and what the page's own script says of itself.

Playwright comes from PyPI and drives the Chromium of the system: it downloads no browser.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = ["--enable-features=IsolateSandboxedIframes"]
HOST = "document.querySelector('.autograd-lite-player')"  # of a live page, and what stands inside
ROOT = f"{HOST}.shadowRoot"
PATIENCE = 20.0  # seconds, for anything to happen


def executable() -> str | None:
    """Chromium or Chrome on the PATH."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


class Browser:
    """One Chromium process with one page; see `browser`. `errors` holds all errors and warnings of the page since `open`."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium
        self._page: Any = None
        self._kept: tuple[float, bool] | None = None
        self.errors: list[str] = []

    def open(
        self,
        page: Path | str,
        *,
        width: int = 1100,
        height: int = 800,
        dark: bool | None = False,
        zoom: float = 1.0,
        fragment: str = "",
        scripts: bool = True,
    ) -> None:
        """Loads a file or an address and waits until it is complete.

        Args:
            page: the file, or its address. width, height: of the window.
            dark: the scheme; None leaves it to the page.
            zoom: 2.0 is a reader's 200 %.
            fragment: what the address ends in, "#14".
            scripts: whether JavaScript is switched on.
        """
        size = {"width": int(width / zoom), "height": int(height / zoom)}
        scheme = "null" if dark is None else "dark" if dark else "light"
        if self._page and self._kept == (zoom, scripts) and not self._page.is_closed():
            self._page.goto("about:blank")  # a new document in the same window, which takes a fraction of a new window's time
            self._page.set_viewport_size(size)
            self._page.emulate_media(color_scheme=scheme)
        else:
            self._new_page(zoom, scripts, viewport=size, color_scheme=scheme)
        self.errors.clear()
        self._page.goto(page if isinstance(page, str) else page.resolve().as_uri() + fragment, timeout=1000 * PATIENCE)

    def _new_page(self, zoom: float, scripts: bool, **options: Any) -> None:
        if self._page:
            self._page.context.close()
        self._kept = (zoom, scripts)  # which no open window changes
        self._page = self._chromium.new_page(device_scale_factor=zoom, java_script_enabled=scripts, **options)
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._page.on("console", self._heard)

    def shows(self, address: str) -> bool:
        """Whether the page is one of these addresses."""
        return self._page is not None and self._page.url.startswith(address)

    def look(self, width: int, height: int, dark: bool) -> None:
        """Changes the window and the scheme of the open page."""
        self._page.set_viewport_size({"width": width, "height": height})
        self._page.emulate_media(color_scheme="dark" if dark else "light")

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning", "assert"):
            self.errors.append(message.text)

    def evaluate(self, expression: str, frame: int = 0) -> Any:
        """The value of a JavaScript expression in the page, or in its n-th frame."""
        return self._page.frames[frame].evaluate(f"() => ({expression})")

    def wait(self, condition: str, frame: int = 0, patience: float = PATIENCE) -> None:
        """Waits until a JavaScript condition holds, for so many seconds at most.

        Playwright's own `wait_for_function` compiles its condition in the page, which the page's policy forbids.
        """
        from playwright.sync_api import Error

        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                if self.evaluate(condition, frame):
                    return
            except (Error, IndexError):  # the frame is not there yet, or is being replaced
                pass
            self._page.wait_for_timeout(20)
        raise TimeoutError(f"{condition} did not come true in frame {frame}; console: {self.errors}")

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Presses and releases a key, as often as said."""
        for _ in range(times):
            self._page.keyboard.press("Shift+" * shift + key)

    def click(self, x: float, y: float, count: int = 1) -> None:
        """Clicks at a point of the window, as often as said."""
        self._page.mouse.click(x, y, click_count=count)

    def run(self, script: str) -> None:
        """Runs a script in the page, past its policy."""
        self._page.evaluate(script)

    def locate(self, query: str) -> Any:
        """Playwright's locator, which looks into open shadow trees."""
        return self._page.locator(query)

    def screenshot(self, path: Path) -> None:
        """Writes a PNG of the window."""
        self._page.screenshot(path=path)


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own, with an empty profile; the test is skipped, with the reason, where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the browser tests drive Chromium through playwright")
    program = executable()
    if program is None:
        pytest.skip("no Chromium on the PATH: on Debian, apt-get install chromium")
    with playwright.sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(executable_path=program, args=FLAGS)
        except playwright.Error as error:
            pytest.skip(f"Chromium does not start here: {str(error).splitlines()[0]}")
        yield Browser(chromium)
        chromium.close()


def axe_findings(driven: Browser) -> list[list[str]]:
    """What axe-core finds in the page that is serious, or moderate; the test is skipped where axe-core is not."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core comes with axe-playwright-python, of the extra `test`")
    driven.run((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    found: list[list[str]] = driven.evaluate(
        "axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html + n.failureSummary).join()]))"
    )
    return [each for each in found if each[0] in ("serious", "critical", "moderate")]

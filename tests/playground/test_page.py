"""The playground in a real browser: with Pyodide where it is, and what holds without it."""

import base64
import json
import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.playground import runtime
from autograd_lite.playground.server import PlaygroundServer
from autograd_lite.playground.session import MOST_DEEP
from autograd_lite.playground.site import site, templates
from tests.browser import Browser, axe_findings

PYODIDE = os.environ.get("AUTOGRAD_LITE_PYODIDE", "")
needs_pyodide = pytest.mark.skipif(
    not PYODIDE, reason="Pyodide is not here: AUTOGRAD_LITE_PYODIDE names its archive; see docs/playground.md"
)
SLOW = 120.0  # seconds, for Python to start on a busy machine


def address(text: str, view: str = "graph", **numbers: str) -> str:
    """A fragment as the page writes it."""
    content = json.dumps([1, text, numbers, view]).encode()
    return "#s=" + base64.urlsafe_b64encode(content).decode().rstrip("=")


class Playground:
    """The page in a browser."""

    def __init__(self, driven: Browser, server: PlaygroundServer) -> None:
        self.browser, self.server = driven, server

    def open(self, fragment: str = "", **options: Any) -> "Playground":
        self.browser.open(self.server.address + fragment, **options)
        self.browser.wait("window.playground !== undefined")
        return self

    def is_open(self) -> bool:
        """Whether this page is what the browser shows."""
        return self.browser.shows(self.server.address)

    def ready(self) -> "Playground":
        self.browser.wait("document.body.dataset.python === 'ready'", patience=SLOW)
        return self

    def text(self, query: str) -> str:
        return str(self.browser.evaluate(f"document.querySelector({json.dumps(query)}).textContent"))

    def visible(self, query: str) -> bool:
        return bool(self.browser.locate(query).first.is_visible())

    def write(self, text: str) -> None:
        self.browser.locate("#text").fill(text)

    def run(self, text: str | None = None) -> "Playground":
        """Runs the sketch, and waits for its end."""
        if text is not None:
            self.write(text)
        self.browser.locate("#run").click()
        return self.idle()

    def idle(self) -> "Playground":
        self.browser.wait("document.body.dataset.work === '0' && document.body.dataset.python === 'ready'", patience=SLOW)
        return self

    def begin_with(self, name: str) -> "Playground":
        """Chooses a template."""
        self.browser.locate("#templates").select_option(name)
        return self.idle()

    def view(self, name: str) -> "Playground":
        self.browser.locate(f"#tab-{name}").click()
        return self.idle()

    def rows(self, query: str) -> list[list[str]]:
        found: list[list[str]] = self.browser.evaluate(
            f"[...document.querySelectorAll({json.dumps(query + ' tbody tr')})].map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return found


def served(files: dict[str, bytes]) -> Iterator[PlaygroundServer]:
    with PlaygroundServer(files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def bare(chromium: Browser) -> Iterator[Playground]:
    """The page where Pyodide is not."""
    for server in served(site({})):
        yield Playground(chromium, server)


@pytest.fixture(scope="module")
def started(chromium: Browser) -> Iterator[Playground]:
    runtime.keep(Path(PYODIDE))
    for server in served(site(runtime.kept())):
        yield Playground(chromium, server)


@pytest.fixture
def whole(started: Playground) -> Playground:
    """The page with Python in it, which takes seconds to start and serves one test after the other."""
    started.browser.errors.clear()
    if not started.is_open():
        started.open()
    started.idle()
    started.browser.run("() => { playground.limits.answer = 60000; }")
    return started.begin_with("unit")


# ---- without Pyodide ---------------------------------------------------------------------------------------------------------

HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


def test_a_link_is_shown_and_not_run(bare: Playground) -> None:
    bare.open(address(f'"{HOSTILE}"', x="2.0"))
    assert bare.browser.evaluate("document.getElementById('text').value") == f'"{HOSTILE}"'
    assert "has not run. Read it, then press Run." in bare.text("#notice")
    assert not bare.visible("#result")
    assert bare.browser.evaluate("document.title") == "autograd_lite playground"
    assert bare.browser.evaluate("document.images.length") == 0


@pytest.mark.parametrize("fragment", ["#s=%3Cscript%3E", "#s=AAAA", "#<img src=x onerror=alert(1)>", address("x", "__proto__")])
def test_an_address_that_is_none_of_ours_does_nothing(bare: Playground, fragment: str) -> None:
    bare.open(fragment)
    assert "holds no sketch" in bare.text("#notice")
    assert not bare.visible("#result")
    assert bare.browser.evaluate("document.images.length") == 0


def test_where_pyodide_is_missing_the_page_says_so(bare: Playground) -> None:
    bare.open()
    bare.browser.wait("document.body.dataset.python === 'failed'")
    bare.browser.wait("!document.getElementById('error').hidden")
    assert "Python could not be started" in bare.text("#error")


def test_the_frame_shows_what_the_playground_hands_it_and_nothing_else(bare: Playground) -> None:
    """Another page that frames it is not listened to, and neither is the frame itself."""
    bare.browser.open(bare.server.address + "frame.html")
    bare.browser.evaluate("window.postMessage('<p id=evil>', '*')")
    assert bare.browser.evaluate("new Promise(done => setTimeout(() => done(document.getElementById('evil') === null), 300))")
    assert bare.browser.evaluate("window.origin") == "null"


# ---- with it -----------------------------------------------------------------------------------------------------------------


@needs_pyodide
def test_a_unit_is_run_moved_stepped_checked(whole: Playground) -> None:
    assert whole.text("#value") == "0.707107"
    assert whole.browser.evaluate("document.querySelector('.picture img').naturalWidth") > 300
    whole.browser.locate("input[type=range]").nth(1).focus()
    whole.browser.press("ArrowRight", 20)  # faster than Python answers: the last one counts
    whole.idle()
    w1 = float(whole.browser.evaluate("document.querySelectorAll('.input input[type=text]')[1].value"))
    assert w1 > -2.6
    assert whole.text("#value") == f"{math.tanh(2.0 * w1 + 6.8813735870195432):.6g}"
    assert f"w1  data {w1:.4g}" in whole.text("details.tree pre")
    whole.idle().view("check")
    assert [row[0] for row in whole.rows("#panel")] == ["d/dx1", "d/dw1", "d/dx2", "d/dw2", "d/db"]
    assert {row[-1] for row in whole.rows("#panel")} == {"agrees"}
    whole.view("hessian")
    assert len(whole.rows("#panel")) == 5
    whole.view("source")
    assert "do/dw1 += " in whole.text("#panel")
    assert "NumPy" in whole.text("#panel")
    whole.view("steps")
    whole.browser.wait("document.querySelector('.autograd-lite-player')?.steps !== undefined", frame=1)
    assert whole.browser.errors == []


@needs_pyodide
@pytest.mark.parametrize("name", [each["name"] for each in templates()])
def test_every_template_runs_in_the_browser(whole: Playground, name: str) -> None:
    whole.begin_with(name)
    assert not whole.visible("#error")
    assert whole.visible("#value")
    if name == "xor":
        whole.browser.wait("document.querySelector('canvas, svg') !== null", frame=1)
        assert "0 1 -> " in whole.text("#printed")
    assert whole.browser.errors == []


@needs_pyodide
def test_what_hangs_is_ended_and_the_page_goes_on(whole: Playground) -> None:
    whole.browser.run("() => { playground.limits.answer = 700; }")
    whole.write("while True: pass")
    whole.browser.locate("#run").click()
    whole.browser.wait("document.getElementById('error').textContent.includes('took longer than 0.7 seconds')")
    whole.ready()
    assert not whole.visible(".value")
    whole.browser.run("() => { playground.limits.answer = 60000; }")
    whole.run("x * x")
    assert whole.text("#value") == "1"
    assert not whole.visible("#error")


@needs_pyodide
def test_stop_ends_what_runs(whole: Playground) -> None:
    whole.write("while True: pass")
    whole.browser.locate("#run").click()
    whole.browser.locate("#stop").click()
    whole.browser.wait("document.getElementById('error').textContent.startsWith('Stopped.')")
    whole.ready().run("x + 1")
    assert whole.text("#value") == "2"


@needs_pyodide
def test_results_up_to_the_limit_are_shown_and_deeper_ones_refused(whole: Playground) -> None:
    for count in (MOST_DEEP, 20 * MOST_DEEP):
        whole.run(f"L = x\nfor k in range({count}):\n    L = L * 1.0")
        assert whole.visible("#error") == (count > MOST_DEEP)
        if count == MOST_DEEP:
            whole.view("hessian")
            assert whole.rows("#panel") == [["x", "0"]]
    assert f"this page shows {MOST_DEEP:,}" in whole.text("#error")
    whole.run("x * 3")
    assert whole.text("#value") == "3"


@needs_pyodide
def test_a_chain_that_ends_python_is_followed_by_a_new_one(whole: Playground) -> None:
    whole.write("L = x\nfor k in range(50000):\n    L = L * 1.0\nL = None\nx")
    whole.browser.locate("#run").click()
    whole.browser.wait("document.getElementById('error').textContent.includes('has ended')", patience=SLOW)
    whole.ready().run("x * 3")
    assert whole.text("#value") == "3"


@needs_pyodide
def test_a_sketch_is_shared_by_its_address(whole: Playground) -> None:
    whole.run("w = Value(2.0)\nw * q")
    field = whole.browser.locate(".input input[type=text]").nth(1)
    field.fill("4.5")
    field.press("Enter")
    whole.browser.wait("document.getElementById('value').textContent === '9'")
    whole.idle().view("hessian")
    link = str(whole.browser.evaluate("location.hash"))
    whole.open(link).ready()
    assert not whole.visible("#result")
    assert whole.browser.evaluate("document.getElementById('text').value") == "w = Value(2.0)\nw * q"
    whole.run()
    assert whole.text("#value") == "9"
    assert whole.rows("#panel") == [["w", "0", "1"], ["q", "1", "0"]]


@needs_pyodide
def test_an_error_is_shown_with_its_line(whole: Playground) -> None:
    whole.run("y = x - 3\nlog(y)")
    assert whole.text("#error").startswith("Line 2: ")
    assert "the operand must lie in (0, inf)" in whole.text("#error")
    assert ">2" in whole.text("#lines")
    assert not whole.visible(".value")  # nothing old stands beside it
    whole.run("y = (x - 3\nlog(y)")
    whole.run("y = x - 3\nlog(y)")
    assert whole.browser.evaluate("document.getElementById('panel').childElementCount") == 0
    field = whole.browser.locate(".input input[type=text]").nth(0)
    field.fill("4")
    field.press("Enter")
    whole.browser.wait("document.getElementById('value').textContent === '0'")
    whole.idle()
    assert not whole.visible("#error")
    assert whole.visible(".picture img")


@needs_pyodide
def test_what_is_shown_cannot_reach_the_page_or_the_network(whole: Playground) -> None:
    page = "<script>try { parent.document.title = 'evil' } catch (e) { document.title = 'kept out' }; fetch('https://evil.example/').catch(() => document.title += '!')</script>"
    whole.run(f"class Evil:\n    def html(self):\n        return {page!r}\nshow(Evil())\n5")
    whole.view("shown")
    whole.browser.wait("document.title === 'kept out!'", frame=1)
    assert whole.browser.evaluate("document.title") == "autograd_lite playground"


@needs_pyodide
@pytest.mark.parametrize("forged", ['"no JSON"', '"5"', "5", "null", "undefined"])
def test_a_sketch_that_answers_for_itself_is_ended(whole: Playground, forged: str) -> None:
    """It knows the numbers of requests, and may send what it likes."""
    script = f"for (let id = 0; id < 500; id++) self.postMessage({{ id, answer: {forged} }})"
    whole.run(f"import js\njs.Function.new({script!r})\nx")
    assert whole.visible("#error")  # nothing that is text becomes a program there
    send = "import js\nfrom pyodide.ffi import to_js\nfor k in range(500):\n    js.postMessage(to_js({'id': k, 'answer': ANSWER}, dict_converter=js.Object.fromEntries))\nx"
    whole.run(send.replace("ANSWER", {"null": "None", "undefined": "js.undefined"}.get(forged, forged)))
    whole.ready().run("x * 3")
    assert whole.text("#value") == "3"


@needs_pyodide
def test_a_forged_answer_is_text(whole: Playground) -> None:
    answer = json.dumps(
        {
            "inputs": [],
            "shown": [HOSTILE],
            "value": HOSTILE,
            "root": HOSTILE,
            "printed": HOSTILE,
            "named": [[HOSTILE] * 3],
            "svg": HOSTILE,
            "tree": HOSTILE,
        }
    )
    whole.run(
        f"import js\nfrom pyodide.ffi import to_js\nfor k in range(500):\n    js.postMessage(to_js({{'id': k, 'answer': {answer!r}}}, dict_converter=js.Object.fromEntries))\nx"
    )
    whole.browser.evaluate("new Promise(done => setTimeout(done, 500))")
    assert whole.browser.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert whole.browser.evaluate("document.title") == "autograd_lite playground"
    whole.ready().run("x * 3")
    assert whole.text("#value") == "3"


@needs_pyodide
@pytest.mark.parametrize("name", ["fetch", "XMLHttpRequest", "WebSocket", "indexedDB", "caches", "importScripts"])
def test_a_sketch_has_no_network(whole: Playground, name: str) -> None:
    whole.run(f"import js\nprint(getattr(js, {name!r}, None))\nx")
    assert whole.text("#printed").strip() in ("None", "undefined")


@needs_pyodide
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1920, 390])
def test_axe_finds_nothing_serious(whole: Playground, width: int, dark: bool) -> None:
    whole.browser.look(width, 1080 if width == 1920 else 844, dark)
    whole.begin_with("two-two-one")
    for view in ("graph", "check", "hessian", "source"):
        whole.view(view)
        assert axe_findings(whole.browser) == []
    assert whole.browser.evaluate("document.documentElement.scrollWidth") <= width
    whole.run("log(-1.0 * x)")
    assert axe_findings(whole.browser) == []


@needs_pyodide
def test_the_keyboard_reaches_everything(whole: Playground) -> None:
    whole.browser.locate("#text").focus()
    whole.browser.locate("#text").fill("x * 7")
    whole.browser.press("Control+Enter")
    whole.browser.wait("document.getElementById('value').textContent === '7'")
    whole.idle()
    whole.browser.locate("#tab-graph").focus()
    whole.browser.press("ArrowRight", 2)
    whole.idle()
    assert whole.rows("#panel")[0][0] == "d/dx"
    assert whole.browser.evaluate("document.activeElement.id") == "tab-check"


@needs_pyodide
def test_the_saved_site_works_on_any_server(chromium: Browser, tmp_path: Path) -> None:
    """Without a header of ours, in a folder below the root."""
    import functools
    import http.server

    from autograd_lite.playground.site import save

    runtime.keep(Path(PYODIDE))
    save(runtime.kept(), tmp_path / "course" / "playground")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        chromium.open(f"http://127.0.0.1:{server.server_port}/course/playground/")
        chromium.wait("document.getElementById('value')?.textContent === '0.707107'", patience=SLOW)
        assert chromium.errors == []
        # A worker that is made of a blob has the policy of the page, and cannot ask another site.
        script = "addEventListener('securitypolicyviolation', (e) => postMessage(e.effectiveDirective)); fetch('http://127.0.0.1:1/').catch(() => {})"
        worker = f"new Worker(URL.createObjectURL(new Blob([{json.dumps(script)}])))"
        assert chromium.evaluate(f"new Promise((done) => {{ {worker}.onmessage = (e) => done(e.data); }})") == "connect-src"
        server.shutdown()
        thread.join()

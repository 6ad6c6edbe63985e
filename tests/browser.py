"""A headless Chromium, driven through its DevTools protocol: real keys, real clicks, and what the page's own script says of itself.

Only what the tests of the player need: open a page, evaluate JavaScript in any of its frames, press keys, click, take a picture, and
collect every error that reaches the console.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --enable-features=IsolateSandboxedIframes --remote-debugging-port=0 --hide-scrollbars --force-color-profile=srgb"
).split()
PATIENCE = 20.0  # seconds, for anything to happen
_KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "Home": 36, "End": 35, " ": 32, "Tab": 9, "Enter": 13}
_SHIFT = 8


def executable() -> str | None:
    """Chromium or Chrome on the PATH."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


class Browser:
    """One Chromium process with one page; see `browser`."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._last = 0
        self._sessions: list[str] = []
        self.errors: list[str] = []
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._page = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._prepare(self._page)

    def _prepare(self, session: str) -> None:
        """Listens to a page, or to a frame that has a process of its own, and to the frames inside it."""
        self._sessions.append(session)
        for method in ("Runtime.enable", "Log.enable", "Page.enable"):
            self._call(method, session=session)
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self._call("Target.setAutoAttach", attach, session)

    # ---- the protocol --------------------------------------------------------------------------------------------------------

    def _call(self, method: str, parameters: dict[str, Any] | None = None, session: str | None = None) -> dict[str, Any]:
        self._last += 1
        request: dict[str, Any] = {"id": self._last, "method": method, "params": parameters or {}}
        if session:
            request["sessionId"] = session
        wanted = self._last
        self._socket.send(json.dumps(request))
        events = []
        while (message := json.loads(self._socket.recv())).get("id") != wanted:
            events.append(message)
        for event in events:  # only now: an answer to an event may itself be a call
            self._heard(event)
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']['message']}")
        result: dict[str, Any] = message["result"]
        return result

    def _heard(self, message: dict[str, Any]) -> None:
        method, details = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            thrown = details["exceptionDetails"]
            self.errors.append(thrown.get("exception", {}).get("description") or thrown["text"])
        elif method == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(part.get("value", part.get("description"))) for part in details["args"]))
        elif method == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.errors.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")
        elif method == "Target.attachedToTarget" and details["targetInfo"]["type"] == "iframe":
            self._prepare(details["sessionId"])

    # ---- what tests do -------------------------------------------------------------------------------------------------------

    def open(self, page: Path, *, width: int = 1100, height: int = 800, dark: bool = False, zoom: float = 1.0) -> None:
        """Loads a file and waits until it is complete; `zoom` 2.0 is a reader's 200 %."""
        self.errors.clear()
        del self._sessions[1:]
        metrics = {"width": int(width / zoom), "height": int(height / zoom), "deviceScaleFactor": zoom, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", metrics, self._page)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._call("Emulation.setEmulatedMedia", {"features": scheme}, self._page)
        self._call("Page.navigate", {"url": page.resolve().as_uri()}, self._page)
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")

    def evaluate(self, expression: str, frame: int = 0) -> Any:
        """The value of a JavaScript expression in the page, or in its n-th frame with a process of its own."""
        request = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        result = self._call("Runtime.evaluate", request, self._sessions[frame])
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def wait(self, condition: str, frame: int = 0, patience: float = PATIENCE) -> None:
        """Waits until a JavaScript condition holds, for so many seconds at most."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                if self.evaluate(condition, frame):
                    return
            except (RuntimeError, IndexError):  # the frame is not there yet, or is being replaced
                pass
            time.sleep(0.02)
        raise TimeoutError(f"{condition} did not come true in frame {frame}; console: {self.errors}")

    def press(self, key: str, times: int = 1, shift: bool = False) -> None:
        """Presses and releases a key, as often as said."""
        event = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": _KEYS[key],
            "modifiers": _SHIFT * shift,
        }
        text = {" ": {"text": " "}, "Enter": {"text": "\r"}}.get(key, {})
        for _ in range(times):
            self._call("Input.dispatchKeyEvent", {"type": "keyDown", **event, **text}, self._page)
            self._call("Input.dispatchKeyEvent", {"type": "keyUp", **event}, self._page)

    def click(self, x: float, y: float, count: int = 1) -> None:
        """Clicks at a point of the window, as often as said."""
        for number in range(1, count + 1):
            for kind in ("mousePressed", "mouseReleased"):
                event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": number}
                self._call("Input.dispatchMouseEvent", event, self._page)

    def screenshot(self, path: Path) -> None:
        """Writes a PNG of the window."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", {"format": "png"}, self._page)["data"]))


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium of its own, with an empty profile; the test is skipped, with the reason, where there is none."""
    websocket = pytest.importorskip("websocket", reason="the browser tests talk to Chromium through websocket-client")
    program = executable()
    if program is None:
        pytest.skip("no Chromium on the PATH: on Debian, apt-get install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            socket = websocket.create_connection(_address(Path(profile), process), timeout=PATIENCE, suppress_origin=True)
            try:
                yield Browser(socket)
            finally:
                socket.close()
        finally:
            _stop(process)


def _address(profile: Path, process: "subprocess.Popen[bytes]") -> str:
    """Where Chromium listens; it writes so into its profile."""
    note = profile / "DevToolsActivePort"
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.skip(f"Chromium does not start here: it ended with exit code {process.returncode}")
        lines = note.read_text().split() if note.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise TimeoutError("Chromium did not say where it listens")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    with_children = os.getpgid(process.pid)
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(with_children, 9)
        process.wait(PATIENCE)

"""The server: the files of the site on 127.0.0.1, for a browser on this machine and for nobody else.

What it serves is a dictionary: there is no path to leave a folder by. A request must name this server as its host, so that a page
of another site, whose name was made to lead here (DNS rebinding), is refused.
"""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

HOST: Final = "127.0.0.1"
# The page and its worker: files of this site, and WebAssembly. No inline script or style, nothing that evaluates text.
POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self'; style-src 'self'; "
    "img-src blob:; frame-src 'self'; base-uri 'none'; form-action 'none'"
)
# The frame that shows pages of the library, whose scripts stand in them: nothing is fetched, and it has no origin of its own.
FRAME_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
    "wasm": "application/wasm",
    "zip": "application/zip",
    "whl": "application/zip",
}


class PlaygroundServer(ThreadingHTTPServer):
    """Serves these files on 127.0.0.1 until it is closed; port 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes], port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.files = {"": files["index.html"], **files}
        self.tags = {path: f'"{hashlib.sha256(content).hexdigest()[:32]}"' for path, content in self.files.items()}
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a browser that closes a connection is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: PlaygroundServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "autograd_lite", ""
    timeout = 60.0  # seconds that a connection may idle

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def _answer(self, with_content: bool) -> None:
        path = self.path.partition("?")[0].removeprefix("/")
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            return self._send(HTTPStatus.FORBIDDEN, b"this server answers to 127.0.0.1 only\n", "text/plain", with_content)
        if path not in self.server.files:
            return self._send(HTTPStatus.NOT_FOUND, b"no such file\n", "text/plain", with_content)
        if self.headers.get("If-None-Match") == self.server.tags[path]:
            return self._send(HTTPStatus.NOT_MODIFIED, b"", None, False, path)
        kind = _TYPES[(path or "index.html").rpartition(".")[2]]
        self._send(HTTPStatus.OK, self.server.files[path], kind, with_content, path)

    def _send(self, status: HTTPStatus, content: bytes, kind: str | None, with_content: bool, path: str | None = None) -> None:
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        if path is not None:
            self.send_header("ETag", self.server.tags[path])
        policy = f"{POLICY}; frame-ancestors 'none'"
        if path == "frame.html":
            policy = f"{FRAME_POLICY}; sandbox allow-scripts; frame-ancestors 'self'"
        for name, value in {
            "Cache-Control": "no-cache",  # asked for again, and answered in a line where nothing has changed
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if with_content:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the terminal belongs to who started this."""

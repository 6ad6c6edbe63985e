"""The site and its server: which files there are, to whom they are served, and with which headers; and where Pyodide comes from."""

import base64
import hashlib
import http.client
import io
import json
import re
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograd_lite import playground
from autograd_lite.commands.cli import main
from autograd_lite.playground import runtime, site
from autograd_lite.playground.server import FRAME_POLICY, POLICY, PlaygroundServer
from tests.node import answers, needs_node
from tests.processes import run_python

ROOM = Path(playground.__file__).parent
PAGE = ROOM / "page"


@pytest.fixture(scope="module")
def server() -> Iterator[PlaygroundServer]:
    with PlaygroundServer(site.site({})) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def get(server: PlaygroundServer, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in ({"Host": f"127.0.0.1:{server.server_port}"} | headers).items():
        if value:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


# ---- the server --------------------------------------------------------------------------------------------------------------


def test_it_listens_on_the_loopback_alone(server: PlaygroundServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/frame.html", "/main.js", "/style.css", "/library.zip", "/templates.json", "/main.js?x"]
)
def test_files_of_the_site_are_served(server: PlaygroundServer, path: str) -> None:
    status, headers, content = get(server, path)
    assert status == 200
    name = path.lstrip("/").partition("?")[0] or "index.html"
    assert content == server.files[name]
    kind = {"html": "text/html", "js": "text/javascript", "css": "text/css", "zip": "application/zip", "json": "application/json"}
    assert headers["Content-Type"].startswith(kind[name.rpartition(".")[2]])


@pytest.mark.parametrize("path", ["/", "/frame.html", "/main.js", "/nothing"])
def test_every_answer_has_the_headers_that_keep_others_out(server: PlaygroundServer, path: str) -> None:
    _, headers, _ = get(server, path)
    policy = headers["Content-Security-Policy"]
    assert policy.startswith(FRAME_POLICY + "; sandbox allow-scripts" if path == "/frame.html" else POLICY)
    assert "frame-ancestors" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost.:PORT",
        "127.0.0.1:PORT.evil.example",
        "[::1]:PORT",
    ],
)
def test_a_name_that_was_made_to_lead_here_is_refused(server: PlaygroundServer, host: str) -> None:
    status, _, content = get(server, "/", Host=host.replace("PORT", str(server.server_port)))
    assert status == 403
    assert b"<html" not in content


def test_two_hosts_are_refused_and_localhost_is_not(server: PlaygroundServer) -> None:
    assert get(server, "/", Host=f"localhost:{server.server_port}")[0] == 200
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest("GET", "/")
    connection.putheader("Host", "evil.example")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/..%2fpyproject.toml",
        "/%2e%2e/pyproject.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/pyodide/../../../etc/passwd",
        "/main.js/",
        "/index.html/..",
        "/\\..\\x",
        "/%00",
        "/session.py",
        "http://evil.example/",
        "/#",
    ],
)
def test_there_is_no_way_out_of_the_site(server: PlaygroundServer, path: str) -> None:
    assert get(server, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
def test_it_is_read_and_nothing_else(server: PlaygroundServer, method: str) -> None:
    assert get(server, "/", method)[0] == 501


def test_head_and_what_has_not_changed_have_no_content(server: PlaygroundServer) -> None:
    status, headers, content = get(server, "/main.js", "HEAD")
    assert (status, content) == (200, b"")
    assert int(headers["Content-Length"]) == len(server.files["main.js"])
    assert get(server, "/main.js", If_None_Match=headers["ETag"])[0] == 304
    assert get(server, "/main.js", If_None_Match='"other"')[0] == 200


# ---- the page's files --------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_pages_say_the_policies_that_the_server_sends() -> None:
    """On a web server of somebody else's there are no headers."""
    for name, policy in {"index.html": POLICY, "frame.html": FRAME_POLICY}.items():
        said = [each["content"] for tag, each in Tags((PAGE / name).read_text()).found if each.get("http-equiv")]
        assert said == [policy]


def test_the_page_has_no_script_or_style_of_its_own_and_fetches_from_its_own_place_alone() -> None:
    tags = Tags((PAGE / "index.html").read_text()).found
    assert "style" not in {tag for tag, _ in tags}
    assert [each for tag, each in tags if tag == "script"] == [{"type": "module", "src": "main.js"}]
    assert not [each for _, each in tags for name in each if name.startswith("on") or name == "style"]
    for path in PAGE.iterdir():
        assert re.findall(r"https?://", path.read_text()) == []
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function|\.cssText", path.read_text()), path


def test_the_page_is_small_and_so_are_its_files() -> None:
    lines = {path.name: len(path.read_text().splitlines()) for path in PAGE.iterdir()}
    assert max(lines.values()) <= 260, lines
    assert sum(len(path.read_bytes()) for path in PAGE.iterdir()) < 45_000


def test_the_library_goes_in_whole_and_the_same_every_time() -> None:
    with zipfile.ZipFile(io.BytesIO(site.library())) as archive:
        names = set(archive.namelist())
        times = {entry.date_time for entry in archive.infolist()}
    assert {"autograd_lite/__init__.py", "autograd_lite/engine/primitives.py", "autograd_lite/drawing/live/page.html"} <= names
    assert {"autograd_lite/calculus/javascript/forms.js", "autograd_lite/playground/session.py"} <= names
    assert not [name for name in names if name.startswith("autograd_lite/commands/") or name.endswith((".so", ".pyc", ".c"))]
    assert times == {(1980, 1, 1, 0, 0, 0)}
    assert len(site.library()) < 1_000_000
    site.library.cache_clear()
    assert hashlib.sha256(site.library()).digest() == hashlib.sha256(site.library()).digest()


def test_the_archive_alone_answers(tmp_path: Path) -> None:
    """As in a browser, which has nothing else."""
    with zipfile.ZipFile(io.BytesIO(site.library())) as archive:
        archive.extractall(tmp_path)
    script = f"""
        import json, os
        os.environ["AUTOGRAD_LITE_RENDERER"] = "builtin"
        from autograd_lite.playground import session
        assert session.__file__.startswith({str(tmp_path)!r}), session.__file__
        run = lambda text: lambda names: eval(text, names)
        for do in ("passes", "steps", "check", "hessian"):
            found = json.loads(session.Session(run).answer(json.dumps({{"do": do, "text": "tanh(w*x)", "numbers": {{}}}})))
            assert "error" not in found, found
            print(do)
    """
    assert run_python(script, tmp_path).split() == ["passes", "steps", "check", "hessian"]


# ---- Pyodide -----------------------------------------------------------------------------------------------------------------

CONTENT = {name: name.encode() for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")}
WHEEL = "numpy-0-any.whl"
LOCK = {"packages": {"numpy": {"file_name": WHEEL, "sha256": hashlib.sha256(b"numpy").hexdigest()}}}
CONTENT["pyodide-lock.json"] = json.dumps(LOCK).encode()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Pyodide of a few bytes, as a folder; and a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(runtime, "SUMS", {name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()})
    (tmp_path / "package").mkdir()
    for name, content in CONTENT.items():
        (tmp_path / "package" / name).write_bytes(content)
    return tmp_path / "package"


def test_without_pyodide_one_line_says_how_to_get_it(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "--no-open"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "autograd-lite play --download" in said
    assert runtime.ADDRESS in said


def test_a_folder_or_an_archive_is_kept_and_found_again(small: Path, tmp_path: Path) -> None:
    archive = tmp_path / "pyodide.tgz"
    with tarfile.open(archive, "w:gz") as out:
        out.add(small, "package")
    for source in (small, archive):
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
        runtime.keep(source)
        assert {name: path.read_bytes() for name, path in runtime.kept().items()} == CONTENT


def test_the_wheel_of_numpy_goes_along_where_it_is(small: Path) -> None:
    (small / WHEEL).write_bytes(b"numpy")
    runtime.keep(small)
    assert runtime.kept()[WHEEL].read_bytes() == b"numpy"
    assert json.loads(site.site(runtime.kept())["templates.json"])["numpy"] is True
    assert json.loads(site.site({})["templates.json"])["numpy"] is False
    (small / WHEEL).write_bytes(b"other")
    with pytest.raises(runtime.RuntimeMissing, match=f"{WHEEL} in .* is not the file of Pyodide"):
        runtime.keep(small)


def test_what_is_damaged_missing_or_no_archive_is_refused(small: Path, tmp_path: Path) -> None:
    runtime.keep(small)
    before = runtime.kept()
    (small / "pyodide.asm.wasm").write_bytes(b"another")
    with pytest.raises(
        runtime.RuntimeMissing, match=r"pyodide\.asm\.wasm in .* is not the file of Pyodide .*: its checksum is another"
    ):
        runtime.keep(small)
    (small / "pyodide.asm.wasm").unlink()
    with pytest.raises(runtime.RuntimeMissing, match=r"has no pyodide\.asm\.wasm"):
        runtime.keep(small)
    (tmp_path / "no.tgz").write_bytes(b"no archive")
    with pytest.raises(runtime.RuntimeMissing, match="is no archive of Pyodide"):
        runtime.keep(tmp_path / "no.tgz")
    assert runtime.kept() == before
    before["pyodide.mjs"].write_bytes(b"damaged")
    with pytest.raises(runtime.RuntimeMissing, match="its checksum is another"):
        runtime.kept()


def test_an_archive_cannot_write_elsewhere(small: Path, tmp_path: Path) -> None:
    archive = tmp_path / "evil.tgz"
    with tarfile.open(archive, "w:gz") as out:
        out.add(small, "package")
        entry = tarfile.TarInfo("../escaped")
        entry.size = 4
        out.addfile(entry, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("package/extra")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    runtime.keep(archive)
    assert {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} == set(CONTENT)
    assert not (tmp_path.parent / "escaped").exists()


def test_a_download_is_checked(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "pyodide.tgz"
    with tarfile.open(archive, "w:gz") as out:
        out.add(small, "package")
    asked: list[str] = []

    def answer(address: str, timeout: float) -> Any:
        asked.append(address)
        return io.BytesIO(archive.read_bytes())

    monkeypatch.setattr(runtime, "urlopen", answer)
    runtime.download()
    assert asked == [runtime.ADDRESS]
    assert runtime.ADDRESS.startswith("https://registry.npmjs.org/pyodide/")
    monkeypatch.setitem(runtime.SUMS, "pyodide.mjs", "0" * 64)
    assert main(["play", "--download", "--no-open"]) == 2
    assert "its checksum is another" in capsys.readouterr().err


def test_nothing_else_asks_the_network() -> None:
    asking = [path.name for path in ROOM.rglob("*.py") if re.search(r"urllib|http\.client|socket|requests", path.read_text())]
    assert asking == ["runtime.py"]
    assert re.findall(r"urlopen\((\w+)", (ROOM / "runtime.py").read_text()) == ["ADDRESS"]


def test_the_saved_site_is_what_is_served(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "site"
    for _ in range(2):  # also over an older one
        assert main(["play", "--pyodide", str(small), "--save", str(out)]) == 0
    assert f"wrote {out}" in capsys.readouterr().out
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert found == site.site(runtime.kept())
    assert {"index.html", "frame.html", "worker.js", "library.zip", "pyodide/pyodide.asm.wasm"} <= found.keys()


def test_the_command_serves_opens_and_ends(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    def served(server: PlaygroundServer) -> None:
        assert server.files["pyodide/pyodide.mjs"] == CONTENT["pyodide.mjs"]
        raise KeyboardInterrupt

    monkeypatch.setattr(PlaygroundServer, "serve_forever", served)
    assert main(["play", "--pyodide", str(small)]) == 130
    assert len(opened) == 1
    assert f"the playground is at {opened[0]} - Ctrl-C ends it" in capsys.readouterr().out
    assert main(["play", "--no-open"]) == 130  # what was kept is found
    assert len(opened) == 1


def test_a_port_that_is_none_or_taken_is_one_line(
    small: Path, server: PlaygroundServer, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.keep(small)
    assert main(["play", "--port", "70000"]) == 2
    assert "ports end at 65535" in capsys.readouterr().err
    assert main(["play", "--no-open", "--port", str(server.server_port)]) == 1
    assert "in use" in capsys.readouterr().err


# ---- the state in an address -------------------------------------------------------------------------------------------------

CODEC = """
const { encode, decode } = await import("./state.mjs");
return JSON.stringify(GIVEN.map(([kind, thing]) => decode(kind === "round" ? "#" + encode(thing) : thing)));
"""


@needs_node
def test_a_state_survives_its_address_and_nothing_else_is_one(tmp_path: Path) -> None:
    def at(content: object) -> str:
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        return "#s=" + base64.urlsafe_b64encode(text).decode().rstrip("=")

    shutil.copy(PAGE / "state.js", tmp_path / "state.mjs")
    good = [
        {"text": "tanh(w*x)", "numbers": {"w": "2.0", "x": "-1e-3"}, "view": "graph"},
        {"text": 'é = "</script>" # \U0001f600\n', "numbers": {"ß": "nan", "_a1": "-inf"}, "view": "source"},
        {"text": "", "numbers": {}, "view": "shown"},
        {"text": "x" * 20000, "numbers": {"\u2118\u0301\u00b7": "1e+16", "n" * 200: "5e-324"}, "view": "steps"},
    ]
    bad = [
        "",
        "#",
        "#s=",
        "#s=!!!",
        "#s=AAAA",
        "#t=W10",
        "#s=" + "A" * 200_000,
        at(b"\xff\xfe"),
        at([2, "x", {}, "graph"]),
        at([1, "x", {}, "graph", 1]),
        at([1, 5, {}, "graph"]),
        at([1, "x" * 20001, {}, "graph"]),
        at([1, "x", {}, "constructor"]),
        at([1, "x", [], "graph"]),
        at([1, "x", None, "graph"]),
        at([1, "x", {"a b": "1"}, "graph"]),
        at([1, "x", {"a": 1}, "graph"]),
        at([1, "x", {"a": "1; alert(1)"}, "graph"]),
        at([1, "x", {"a": "__import__('os')"}, "graph"]),
        at([1, "x", {f"a{k}": "1" for k in range(101)}, "graph"]),
        at({"text": "x"}),
    ]
    asked = json.dumps([*(["round", each] for each in good), *(["from", each] for each in bad)])
    found = json.loads(answers(CODEC.replace("GIVEN", asked), [], tmp_path))
    assert found[: len(good)] == good
    assert found[len(good) :] == [None] * len(bad)

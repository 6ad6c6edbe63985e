"""Pyodide, the Python for browsers: one release, of which every file is checked, kept in the user's cache folder.

It is not part of the package, and nothing here asks the network for it unless it is told to.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from autograd_lite.compiled import folder
from autograd_lite.files import write_whole

VERSION: Final = "314.0.7"
ADDRESS: Final = f"https://registry.npmjs.org/pyodide/-/pyodide-{VERSION}.tgz"
SUMS: Final = {  # SHA-256
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
    "pyodide-lock.json": "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
}
_LONGEST: Final = 100 << 20  # bytes that are read of anything
_SECONDS: Final = 60.0  # without a byte from the network


class RuntimeMissing(Exception):
    """Pyodide is not there, or is not what it should be; the message says how to get it."""


def kept() -> dict[str, Path]:
    """The files of the user's cache folder, by name.

    Raises:
        RuntimeMissing: if they are not there, or are damaged.
    """
    place = _place()
    if not (place / "pyodide.mjs").is_file():
        raise RuntimeMissing(f"the playground needs Pyodide {VERSION}, the Python for browsers (6.5 MB), once - {_HOW}")
    return {name: place / name for name in _checked(_in_folder(place), place)}


def keep(source: Path) -> None:
    """Copies Pyodide into the user's cache folder, checked.

    Args:
        source: the archive from npm, or a folder with its files, as npm installs it, or the larger one of Pyodide's own releases.
    Raises:
        RuntimeMissing: if a file is missing or is another than that of this release.
        OSError: if something cannot be read or written.
    """
    _store(_checked(_in_folder(source) if source.is_dir() else _in_archive(source.read_bytes(), source), source))


def download() -> None:
    """Asks the npm registry for the archive, and keeps what is in it."""
    with urlopen(ADDRESS, timeout=_SECONDS) as answer:
        content = answer.read(_LONGEST)
    _store(_checked(_in_archive(content, ADDRESS), ADDRESS))


_HOW: Final = f"write `autograd-lite play --download`, or get {ADDRESS} and write `... --pyodide pyodide-{VERSION}.tgz`"


def _place() -> Path:
    return folder() / f"pyodide-{VERSION}"


def _store(files: dict[str, bytes]) -> None:
    place = _place()
    place.mkdir(mode=0o700, exist_ok=True)
    for name in reversed(files):  # by the first of them others see that all are there
        write_whole(place / name, files[name])


def _in_folder(place: Path) -> Callable[[str], bytes | None]:
    return lambda name: (place / name).read_bytes() if (place / name).is_file() else None


def _in_archive(content: bytes, source: object) -> Callable[[str], bytes | None]:
    try:
        archive = tarfile.open(fileobj=io.BytesIO(content))  # noqa: SIM115 - of bytes in memory
    except tarfile.TarError as error:
        raise RuntimeMissing(f"{source} is no archive of Pyodide: {error} - {_HOW}") from None

    def read(name: str) -> bytes | None:
        try:
            file = archive.extractfile(f"package/{name}")
        except (KeyError, tarfile.TarError):
            return None
        return None if file is None else file.read(_LONGEST)

    return read


def _checked(read: Callable[[str], bytes | None], source: object) -> dict[str, bytes]:
    """The files, and NumPy's wheel where there is one; `read` gives the content of a name, or None."""
    found = {}
    for name, expected in SUMS.items():
        content = read(name)
        if content is None:
            raise RuntimeMissing(f"{source} has no {name}, a file of Pyodide {VERSION} - {_HOW}")
        found[name] = _same(name, content, expected, source)
    wheel = json.loads(found["pyodide-lock.json"])["packages"]["numpy"]
    content = read(wheel["file_name"])
    if content is not None:
        found[wheel["file_name"]] = _same(wheel["file_name"], content, wheel["sha256"], source)
    return found


def _same(name: str, content: bytes, expected: str, source: object) -> bytes:
    if hashlib.sha256(content).hexdigest() != expected:
        raise RuntimeMissing(f"{name} in {source} is not the file of Pyodide {VERSION}: its checksum is another - {_HOW}")
    return content

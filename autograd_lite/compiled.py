"""C sources as loaded libraries: compiled once for this processor, and kept in a folder that is the user's alone.

A library is found again by its source, the compiler, its flags and the processor: a home that several machines share holds one for
each. Its name ends in the digest of its bytes, so that what was not written to the end is never loaded.
"""

import atexit
import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from autograd_lite.files import write_whole

__all__ = ["CompilerError", "cached", "cleared", "compiler", "folder", "library"]

# Whatever $CC asks for: numbers are exact, and nothing is loaded that only a program built for it can load.
_EXACT: Final = ("-fno-fast-math", "-fno-finite-math-only", "-fno-unsafe-math-optimizations", "-fno-sanitize=all")
_TRUSTED: Final = ("-O3", "-fno-tree-slp-vectorize")  # without which GCC 12 computes some sources wrongly with AVX-512
FLAGS: Final = (*_TRUSTED, "-w", *_EXACT, "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")
_PEELED: Final = (
    "--param",
    "max-completely-peeled-insns=64",
)  # GCC's loops without more of it are twice as fast, and sooner compiled
_FOR_THIS_PROCESSOR: Final = (("-march=native", *_PEELED), ("-march=native",), ("-mcpu=native",), ())
_SECONDS: Final = 60.0  # that a compilation may last
MOST_BYTES: Final = 256 << 20  # of the folder
_loaded: dict[str, ctypes.CDLL] = {}


class CompilerError(RuntimeError):
    """There is no C compiler, or it refused a source, or took too long."""


def compiler() -> list[str]:
    """The command of the compiler: $CC, or else the system's.

    Raises:
        CompilerError: if there is none.
    """
    given = os.environ.get("CC", "")
    try:
        asked = shlex.split(given)
    except ValueError as error:
        raise CompilerError(f"a program in C needs a C compiler, and $CC is {given!r}, which is no command: {error}") from None
    for command in [asked] if asked else [["cc"], ["gcc"], ["clang"]]:
        path = shutil.which(command[0])
        if path is not None:
            return [path, *command[1:]]
    named = f"$CC is {' '.join(asked)!r}, which is not here" if asked else "neither cc, gcc nor clang is here"
    raise CompilerError(f"a program in C needs a C compiler, and {named}")


def library(source: str) -> ctypes.CDLL:
    """The library of a source: the one of this process, of the cache folder, or a new one.

    Raises:
        CompilerError: if there is no compiler, the source is refused, or there is no place for the library.
    """
    command = compiler()
    key = _key(source, command)
    if key not in _loaded:
        try:
            place = folder()
            _loaded[key] = _found(place, key) or _stored(place, key, _compiled(source, command))
        except OSError as error:
            raise CompilerError(f"there is no folder for what the C compiler makes: {error}") from None
    return _loaded[key]


def _key(source: str, command: Sequence[str]) -> str:
    parts = [source, *command, _version(command[0]), *FLAGS, _processor()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _version(path: str) -> str:
    """Which compiler it is: its file, which another version is not; to ask it would take longer than all else."""
    real = os.path.realpath(path)
    found = os.stat(real)
    return f"{real} {found.st_size} {found.st_mtime_ns}"


@cache
def _processor() -> str:
    """The processor, with all that it can do."""
    found = [platform.machine(), platform.processor()]
    with suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.partition(":")[0].strip() in ("cpu family", "model", "model name", "flags", "Features", "CPU part"):
                found.append(line.strip())
            if not line.strip():
                break
    if sys.platform == "darwin":
        with suppress(OSError, subprocess.TimeoutExpired):
            said = subprocess.run(["sysctl", "machdep.cpu", "hw.optional"], capture_output=True, timeout=_SECONDS, check=False)
            found.append(said.stdout.decode(errors="replace"))
    return "\n".join(found)


def _compiled(source: str, command: Sequence[str]) -> bytes:
    """The bytes of a library; for any processor of its kind, where the compiler cannot ask which one this is."""
    with tempfile.TemporaryDirectory(prefix="autograd_lite-") as place:
        out = Path(place) / "library"
        for own in _FOR_THIS_PROCESSOR:
            words = [*command, *FLAGS, *own, "-x", "c", "-", "-o", str(out), "-lm"]
            try:
                code, errors = _run(words, source)
            except subprocess.TimeoutExpired:
                raise CompilerError(f"the C compiler took longer than {_SECONDS:.0f} seconds") from None
            except OSError as error:
                raise CompilerError(f"the C compiler {command[0]} does not run: {error}") from None
            if code == 0 and out.is_file():
                return out.read_bytes()
    ended = f"exit code {code}" if code else "it made no library"
    told = (errors.decode(errors="replace").strip() or ended).splitlines()
    first = next((line for line in told if "error" in line), told[0])
    raise CompilerError(f"the C compiler {' '.join(command)} failed: {first}")


def _run(words: Sequence[str], source: str) -> tuple[int, bytes]:
    """The exit code of a compiler, and what it said; one that is not waited for any longer ends with all that it started."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe, start_new_session=True) as process:
        try:
            _, errors = process.communicate(source.encode(), _SECONDS)
        except BaseException:
            process.kill()
            if sys.platform != "win32":
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, errors


# ---- the folder --------------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """The folder of libraries: the user's own, or where that is not to be had or to be trusted, one of this process."""
    own = _own_folder()
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_private(own) and os.access(own, os.W_OK):
            return own
    except OSError:
        pass
    return _temporary()


def _own_folder() -> Path:
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named / "autograd_lite"
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "autograd_lite"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "autograd_lite" / "cache"
    return home / ".cache" / "autograd_lite"


def is_private(path: Path) -> bool:
    """Whether a file or folder is no link, this user's, and nobody else may write to it."""
    found = path.lstat()
    kind = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)
    return kind and (os.name == "nt" or (found.st_uid == os.geteuid() and not found.st_mode & 0o022))


def _temporary() -> Path:
    if not _made_temporary().is_dir():  # a fork of a process that has ended
        _made_temporary.cache_clear()
    return _made_temporary()


@cache
def _made_temporary() -> Path:
    place = Path(tempfile.mkdtemp(prefix="autograd_lite-"))
    process = os.getpid()
    atexit.register(lambda: shutil.rmtree(place, ignore_errors=True) if os.getpid() == process else None)
    return place


def _found(place: Path, key: str) -> ctypes.CDLL | None:
    """The library of a key, if it is there, whole, and this user's."""
    for path in place.glob(f"{key}-*"):
        with suppress(OSError):
            if is_private(path) and path.name == _name(key, path.read_bytes()):
                os.utime(path)  # the oldest are removed first
                return ctypes.CDLL(str(path))
        with suppress(OSError):
            path.unlink()
    return None


def _stored(place: Path, key: str, content: bytes) -> ctypes.CDLL:
    path = place / _name(key, content)
    try:
        write_whole(path, content)
        path.chmod(0o600)
    except OSError:  # a full disk, say
        if place == _temporary():
            raise
        return _stored(_temporary(), key, content)
    _make_room(place)
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        if place == _temporary():
            raise CompilerError(f"what the C compiler made cannot be loaded: {error}") from None
        path.unlink(missing_ok=True)
        return _stored(_temporary(), key, content)  # a home of which nothing may be run


def _name(key: str, content: bytes) -> str:
    return f"{key}-{hashlib.sha256(content).hexdigest()[:16]}.so"


def _make_room(place: Path) -> None:
    """Removes the oldest libraries, until the others are within the limit."""
    known = sorted(_sizes(place))
    left = sum(size for _, size, _ in known)
    for _, size, path in known[:-1]:
        if left <= MOST_BYTES:
            return
        with suppress(OSError):
            path.unlink()
            left -= size


def _sizes(place: Path) -> Iterator[tuple[float, int, Path]]:
    for path in place.glob("*-*.so"):
        with suppress(OSError):
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode):
                yield found.st_mtime, found.st_size, path


def cached() -> tuple[Path, int, int]:
    """The user's folder of libraries, how many there are, and their bytes."""
    place = _own_folder()
    sizes = [size for _, size, _ in _sizes(place)]
    return place, len(sizes), sum(sizes)


def cleared() -> int:
    """Removes all libraries of the user's folder, and gives how many there were."""
    paths = [path for _, _, path in _sizes(_own_folder())]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)

"""Where children find what they import: each build of this repository in a folder of its own, and none of them the clone.

From the root of the clone `import autograd_lite` would find the sources, whatever is installed. So a child starts in an empty
folder, without that folder on its path, and with a path of two others: the build it is to measure, and a copy of this package.

    compiled/       the wheel that `pip wheel .` builds, unpacked
    interpreted/    the sources
    before/         the wheel of an earlier commit, where that is asked for
    suite/          this package, with `limits.c` compiled
    elsewhere/      empty
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import autograd_lite
from benchmarks.engines import BEFORE, BEFORE_COMMIT, BUILDS, COMPILED, Engine
from benchmarks.limits import LIBRARY, SOURCE

__all__ = ["Folders", "prepared"]

ROOT = Path(__file__).parent.parent
PACKAGE = Path(autograd_lite.__file__).parent  # in an installation, too, the sources stand beside what was compiled from them
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_ONE_CORE = dict.fromkeys(_THREADS, "1") | {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "PYTHONHASHSEED": "0",
}

_NO_BUILDS = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")


class Folders:
    """The folders of a run.

    Attributes:
        root: holds them.
        problems: for engines that could not be built, the reason.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.elsewhere = root / "elsewhere"
        self.problems: dict[str, str] = {}

    def environment(self, engine: Engine) -> dict[str, str]:
        """The environment of a child that measures the engine."""
        folder = BUILDS.get(engine.name, "interpreted" if engine.is_ours else "")
        path = [*[self.root / folder] * bool(folder), self.root / "suite"]
        return os.environ | _ONE_CORE | {"PYTHONPATH": os.pathsep.join(map(str, path))}

    def fill(self, wheel: Path | None, before: bool = False) -> None:
        """Makes all of them, that of the earlier commit if `before`; what cannot be made becomes a problem."""
        self.elsewhere.mkdir()
        shutil.copytree(ROOT / "benchmarks", self.root / "suite" / "benchmarks", ignore=_NO_BUILDS)
        shutil.copytree(PACKAGE, self.root / "interpreted" / "autograd_lite", ignore=_NO_BUILDS)
        self._unpack(COMPILED, lambda: wheel or _built(self._sources(), self.root / "wheels"))
        if before:
            self._unpack(BEFORE, lambda: _built(self._earlier_sources(), self.root / "earlier-wheels"))
        else:
            self.problems[BEFORE] = "it is measured with --targets"
        self._compile_limits()

    def _unpack(self, name: str, wheel: Callable[[], Path]) -> None:
        target = self.root / BUILDS[name]
        try:
            with zipfile.ZipFile(wheel()) as archive:
                archive.extractall(target)
        except FileNotFoundError as error:
            self.problems[name] = str(error)
            return
        except subprocess.CalledProcessError as error:
            self.problems[name] = f"{error.cmd[0]} could not build the wheel: {_last_line(error.stderr or error.stdout)}"
            return
        if not [*target.rglob("*.so"), *target.rglob("*.pyd")]:
            self.problems[name] = "the wheel holds no compiled module; is a C compiler there, and AUTOGRAD_LITE_PURE unset?"

    def _sources(self) -> Path:
        """A copy: what a build leaves behind in a clone can hide that the next one failed."""
        copy = self.root / "source"
        shutil.copytree(PACKAGE, copy / "autograd_lite", ignore=_NO_BUILDS)
        for file in ROOT.iterdir():
            if file.is_file() and not file.name.startswith("."):
                shutil.copy(file, copy)
        return copy

    def _earlier_sources(self) -> Path:
        """The sources of the earlier commit, from git."""
        archive, copy = self.root / "earlier.zip", self.root / "earlier"
        command = ["git", "-C", str(ROOT), "archive", "--format=zip", "-o", str(archive), BEFORE_COMMIT]
        subprocess.run(command, check=True, capture_output=True, text=True)
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(copy)
        return copy

    def _compile_limits(self) -> None:
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            self.problems["C by hand"] = "no C compiler (cc, gcc, clang) is on the PATH"
            return
        suite = self.root / "suite" / "benchmarks"
        command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(suite / LIBRARY.name), str(suite / SOURCE.name), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            self.problems["C by hand"] = f"{compiler} could not compile {SOURCE.name}: {_last_line(done.stderr)}"


def _built(sources: Path, wheels: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--disable-pip-version-check", "-w", str(wheels), str(sources)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise subprocess.CalledProcessError(error.returncode, ["pip"], error.stdout, error.stderr) from None
    return next(wheels.glob("*.whl"))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


@contextmanager
def prepared(wheel: Path | None = None, before: bool = False) -> Iterator[Folders]:
    """The folders of a run, gone afterwards.

    Args:
        wheel: of this repository, built already; None to build one.
        before: whether to build that of an earlier commit, too.
    """
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folders = Folders(Path(name))
        folders.fill(wheel, before)
        yield folders

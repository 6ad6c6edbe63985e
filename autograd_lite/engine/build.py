"""Which engine runs: the compiled one, or the same source interpreted."""

import sys
from typing import TYPE_CHECKING

from autograd_lite.engine import many, mathematics, methods, packs, pool, primitive, primitives, reals, recording, value

__all__ = ["EngineInfo", "engine_info"]

if TYPE_CHECKING:
    from pathlib import Path

ENGINE = (many, mathematics, methods, packs, primitive, primitives, reals, recording, value)


class EngineInfo:
    """How the modules run through which every operation passes.

    Attributes:
        compiled: whether mypyc compiled them; interpreted they give the same results, more slowly.
        location: the folder from which the package was imported.
        python: the running Python, such as "CPython 3.11.7".
        pool: whether nodes live in a pool of their own, where Python's cyclic collector does not look; AUTOGRAD_LITE_POOL=0 in the
            environment turns that off.
    """

    def __init__(self, compiled: bool, location: "Path", python: str, pool: bool = False) -> None:
        self.compiled, self.location, self.python, self.pool = compiled, location, python, pool

    @property
    def name(self) -> str:
        """ "compiled" or "interpreted"."""
        return "compiled" if self.compiled else "interpreted"

    def __repr__(self) -> str:
        return f"{self.name} engine on {self.python}"


def engine_info() -> EngineInfo:
    """Which engine is running, and from where.

    `pip install .` compiles the engine where a C compiler is found. It stays interpreted in editable installs, when Python is
    started in the root of a clone (whose sources are then imported, not what was installed), where there was no compiler, and
    where AUTOGRAD_LITE_PURE=1 was set when installing.

    >>> engine_info().name in ("compiled", "interpreted")
    True
    """
    import platform  # what nobody asks for need not be loaded when the package is
    from pathlib import Path

    compiled = all(Path(str(module.__file__)).suffix != ".py" for module in ENGINE)
    python = f"{platform.python_implementation()} {'.'.join(map(str, sys.version_info[:3]))}"
    return EngineInfo(compiled, Path(__file__).parents[1], python, pool.holds(value.Value))


def _refuse_free_threads() -> None:
    """Nodes are shared and sums are kept in them without a lock: that needs the global interpreter lock."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise ImportError(
            "autograd_lite needs the global interpreter lock, which this free-threaded Python runs without: start it with "
            "PYTHON_GIL=1 or -X gil=1, or use the ordinary build"
        )


_refuse_free_threads()

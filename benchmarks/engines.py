"""Who is measured: this engine, its peers, and the limits; each with its style and how to find out whether it is here."""

import importlib
import importlib.metadata
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from benchmarks import arrays, limits, modules, programs, scalars, symbols
from benchmarks.work import collector_off

__all__ = [
    "BEFORE",
    "BEFORE_COMMIT",
    "BUILDS",
    "COMPILED",
    "DESCENT",
    "DESCENT_IN_C",
    "ENGINES",
    "INTERPRETED",
    "IN_C",
    "IN_JAX",
    "IN_TORCH",
    "MICROGPT",
    "PROGRAM",
    "Engine",
    "all_but",
]

COMPILED, INTERPRETED, PROGRAM, IN_C = (
    f"autograd_lite ({kind})" for kind in ("compiled", "interpreted", "program", "program in C")
)
# Those that run only where a whole training is asked for.
DESCENT, DESCENT_IN_C = (f"autograd_lite ({kind})" for kind in ("descent", "descent in C"))
# Those that other libraries run.
IN_JAX, IN_TORCH = (f"autograd_lite (module in {library})" for library in ("JAX", "PyTorch"))
# The compiled engine as it was at a commit, for what became of it since.
BEFORE_COMMIT = "259fd73"
BEFORE = f"autograd_lite ({BEFORE_COMMIT})"
BUILDS = {COMPILED: "compiled", INTERPRETED: "interpreted", BEFORE: "before"}  # the folder of each
MICROGPT = "microgpt-style"


@dataclass(frozen=True)
class Engine:
    """One column of the comparison.

    Attributes:
        name: in tables.
        style: which text of a workload it runs: "scalars", "program", "descent", "module", "symbols", "arrays", "numpy" or "c".
        adapter: makes the object that the workload talks to, for a form.
        package: what must import; "" for an engine that stands in this folder.
        forms: in which it runs the texts on scalars.
    """

    name: str
    style: str
    adapter: Callable[[str], Any]
    package: str = ""
    forms: tuple[str, ...] = ("",)

    @property
    def is_ours(self) -> bool:
        """Whether it is a build of this repository, which children find in a folder of its own."""
        return self.package.partition(".")[0] == "autograd_lite"

    def quiet(self) -> AbstractContextManager[None]:
        """A block in which the cyclic garbage collector rests, as the engine offers it or else switched off."""
        if not self.is_ours:
            return collector_off()
        import autograd_lite

        return autograd_lite.quiet_gc()

    def version(self) -> str:
        """The version that is installed.

        Raises:
            Exception: whatever the import of a missing or broken package raises; OSError for C without a compiler.
        """
        if self.style == "c" or self.adapter is programs.ProgramsInC:
            limits.c_function("chain_forward")
        if library := getattr(self.adapter, "library", ""):
            importlib.import_module(library)
        if not self.package:
            return ""
        importlib.import_module(self.package)
        return importlib.metadata.version(self.package.partition(".")[0]) if not self.is_ours else _own_version()


def _own_version() -> str:
    import autograd_lite

    return autograd_lite.__version__


def _by_hand(form: str) -> None:
    """Workloads write these themselves."""


_ROWS = (
    Engine(COMPILED, "scalars", scalars.AutogradLite, "autograd_lite", (scalars.PRODUCTS_AND_SUMS, scalars.DOT)),
    Engine(BEFORE, "scalars", scalars.AutogradLite, "autograd_lite", (scalars.PRODUCTS_AND_SUMS, scalars.DOT)),
    Engine(INTERPRETED, "scalars", scalars.AutogradLite, "autograd_lite", (scalars.PRODUCTS_AND_SUMS, scalars.DOT)),
    Engine(PROGRAM, "program", programs.Programs, "autograd_lite.program"),
    Engine(IN_C, "program", programs.ProgramsInC, "autograd_lite.program"),
    Engine(DESCENT, "descent", programs.Programs, "autograd_lite.program"),
    Engine(DESCENT_IN_C, "descent", programs.ProgramsInC, "autograd_lite.program"),
    Engine(IN_JAX, "module", modules.ModulesInJax, "autograd_lite.program"),
    Engine(IN_TORCH, "module", modules.ModulesInTorch, "autograd_lite.program"),
    Engine("micrograd", "scalars", scalars.Micrograd, "micrograd", (scalars.PRODUCTS_AND_SUMS,)),
    Engine(MICROGPT, "scalars", scalars.MicrogptStyle, "", (scalars.PRODUCTS_AND_SUMS,)),
    Engine("XAD", "scalars", scalars.Xad, "xad", (scalars.PRODUCTS_AND_SUMS,)),
    Engine("torch scalars", "scalars", scalars.TorchScalars, "torch", (scalars.PRODUCTS_AND_SUMS,)),
    Engine("CasADi", "symbols", symbols.Casadi, "casadi"),
    Engine("HIPS autograd", "arrays", arrays.HipsAutograd, "autograd"),
    Engine("torch", "arrays", arrays.Torch, "torch"),
    Engine("JAX", "arrays", arrays.Jax, "jax"),
    Engine("NumPy by hand", "numpy", _by_hand, "numpy"),
    Engine("C by hand", "c", _by_hand),
)
ENGINES = {engine.name: engine for engine in _ROWS}


def all_but(*names: str) -> tuple[str, ...]:
    """The names of all engines that run anything, except these."""
    return tuple(name for name, engine in ENGINES.items() if name not in names and engine.style not in ("descent", "module"))

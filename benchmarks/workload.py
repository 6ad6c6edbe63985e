"""What a workload is: a name, who runs it at which sizes, and how to make one step of it."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.engines import Engine
from benchmarks.work import Work

__all__ = ["Workload"]


@dataclass(frozen=True)
class Workload:
    """One row of the comparison.

    Attributes:
        name: for `--only`.
        short, title: in the overview, and over its own table; "{size}" stands for the size.
        makers: for every style of engine that runs it, a function of (engine, form, size) that makes the Work.
        engines: who runs it, the names in the order of the table.
        sizes: how much of it; several sizes give a curve.
        quick: the same for `--quick`.
        counted: the phases whose time counts; empty for all of them.
        per_operation: whether times are given per scalar operation, not per step.
        forms: in which engines run it, of those that they have.
        remark: on how engines run it that is not the same for all.
        precisions: forms of the workload itself, in all of which every engine runs it; empty for double precision alone.
    """

    name: str
    short: str
    title: str
    makers: dict[str, Callable[[Engine, str, int], Work]]
    engines: tuple[str, ...]
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    counted: tuple[str, ...] = ()
    per_operation: bool = False
    forms: tuple[str, ...] = ("products and sums", "dot", "")
    precisions: tuple[str, ...] = ()
    remark: str = ""

    def make(self, engine: Engine, form: str, size: int) -> Work:
        """One step on an engine, ready to run."""
        return self.makers[engine.style](engine, form, size)

    def forms_of(self, engine: Engine) -> tuple[str, ...]:
        """In which forms the engine runs it."""
        return self.precisions or tuple(form for form in engine.forms if form in self.forms)

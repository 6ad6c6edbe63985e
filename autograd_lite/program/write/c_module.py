"""A procedure as a C source: one function for all rows, that needs nothing but the C library."""

import textwrap
from collections.abc import Iterator, Sequence
from math import prod
from typing import Final

from autograd_lite.program.ir.arrays import Array
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.statements import Check
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.write.c_loops import LoopBody, in_loops, together
from autograd_lite.program.write.c_names import c_comment
from autograd_lite.program.write.c_products import AFTER, BEFORE, ROWS
from autograd_lite.program.write.c_steps import CSteps
from autograd_lite.program.write.numpy_module import parts_text

__all__ = ["CModule"]

_MOST_ON_THE_STACK: Final = 1 << 12  # numbers; with more, all arrays stand in the workspace
_WIDTH: Final = 100
_FLAGS: Final = "-O3 -march=native -fno-tree-slp-vectorize -ffp-contract=off -fno-math-errno"


class CModule(CSteps):
    """The source of a procedure.

    Attributes:
        calls: of functions that take the C library long, about, for a row.
        source: the text. name_of_function: what is called. checks: the guards, in the order in which it numbers them.
        inside: the text without that function, which calls `step`: static, with a `workspace` of so many doubles at the end of its
            arguments where that is not 0. It gives 0, or 1 more than the number of the first guard that some row does not pass.
    """

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
        self.name_of_function = self.names.unique(self.program.identifier)
        self.packed = self.names.unique(f"{self.name_of_function}_packed")
        self.differs = self.names.unique(f"{self.name_of_function}_differs")
        self.step = self.names.unique(f"{self.name_of_function}_step")
        self.own = self.names.unique(f"{self.name_of_function}_own")
        self.differentiates = bool(procedure.task.wanted(self.program))
        self.groups = {section: together(pieces) for section, pieces in self.pieces.items()}
        self.checks: Sequence[Check] = self.program.checks
        self._place_arrays()
        self.calls = 0
        body = list(self._body())
        self.inside = "\n".join([*self._head(), *self.words.helpers.values(), *body]) + "\n"
        self.source = self.inside + "\n".join(self._entry()) + "\n"

    # ---- where arrays stand --------------------------------------------------------------------------------------------------

    def _place_arrays(self) -> None:
        """Single numbers get names, and other arrays a place on the stack or in the workspace."""
        owners: dict[Array, list[tuple[str, int, LoopBody]]] = {}
        for section, groups in self.groups.items():
            for number, group in enumerate(groups):
                for piece in group:
                    for array in {*piece.reads, *([piece.target] if piece.target else [])}:
                        if array not in self.of and array.role in ("value", "adjoint"):
                            owners.setdefault(array, []).append((section, number, piece))
        for array, met in owners.items():
            inside = len({(section, number) for section, number, _ in met}) == 1
            places = {place for _, _, piece in met for place in piece.touches(array)}
            first = met[0][2]
            assigned = first.assigns and first.target is array and not any(piece.target is array for _, _, piece in met[1:])
            if array.size == 1 or (inside and assigned and len(places) == 1 and "" not in places):
                self.alone.add(array)
                if assigned and array not in self.wide and not (first.loops and array.size == 1):
                    self.declared.add(array)
        self.arrays = [array for array in owners if array not in self.declared]
        sizes = sum(array.size for array in self.arrays if array not in self.alone)
        self.on_stack = sizes <= _MOST_ON_THE_STACK
        self.workspace = 0 if self.on_stack else sizes

    def _declarations(self, wide: bool) -> Iterator[str]:
        """The arrays; those in which rows are added up begin with zeros."""
        kind = "double" if wide else "real"
        for array in self.arrays:
            if (array in self.wide) != wide:
                continue
            name = self.name(array)
            if array in self.alone:
                yield f"{kind} {name}{' = 0' * wide};"
            elif self.on_stack:
                yield f"{kind} {name}[{array.size}]{' = {0}' * wide};"
            else:
                yield f"{kind} *const restrict {name} = ({kind} *)workspace; workspace += {array.size};"
                if wide:
                    yield f"for (ptrdiff_t i0 = 0; i0 < {array.size}; i0++) {name}[i0] = 0;"

    # ---- the function --------------------------------------------------------------------------------------------------------

    def _body(self) -> Iterator[str]:
        """The function that does it all, which leaves nothing behind but what its arguments point to."""
        sections = {section: [line for group in groups for line in self._group(group)] for section, groups in self.groups.items()}
        checks, is_loss = len(self.checks), self.procedure.task == LOSS
        lines = [*self._declarations(True), *self._declarations(False)]
        if any("count" in line for each in sections.values() for line in each):
            lines.append("const real count = (real)rows;")
        lines += [f"const real *const {self.name(array)} = {self._parameters} + {array.start};" for array in self.procedure.used]
        lines += ["volatile real kept;"] * bool(self.program.differentiated)
        lines += [*["double mean = 0;"] * is_loss, *[f"ptrdiff_t first = {checks};"] * bool(checks), *sections[BEFORE]]
        in_row = [*[f"branches[row] = {checks};"] * bool(checks), *sections[ROWS]]
        lines += ["for (ptrdiff_t row = 0; row < rows; row++) {", *(f"  {line}" for line in in_row), "}"]
        lines += [f"if (first < {checks}) return first + 1;"] * bool(checks)
        lines += [*sections[AFTER], *["values[0] = (real)(mean / (double)rows);"] * is_loss, "return 0;"]
        yield f"static APART ptrdiff_t {self.step}({self._signature(inside=True)}) {{"
        yield from (f"  {line}" for line in lines)
        yield "}"

    def _group(self, group: Sequence[LoopBody]) -> Iterator[str]:
        lines = [line for piece in group for line in piece.lines()]
        self.calls += prod(length for _, length in group[0].loops) * self.words.calls("\n".join(lines))
        yield from in_loops(group[0].loops, lines)

    @property
    def _parameters(self) -> str:
        return self.name(self.program.all_parameters)

    @property
    def given(self) -> list[str]:
        """The names of what the function is given to compute with."""
        return [*[self._parameters] * bool(self.program.parameters), *map(self.name, self.program.arguments)]

    @property
    def _all_given(self) -> list[str]:
        return [*self.given, "rows", "values", *["gradient"] * self.differentiates, *["branches"] * bool(self.checks)]

    def _signature(self, inside: bool = False) -> str:
        apart = "" if self.procedure.task == LOSS else "restrict "  # a gradient may be written where the parameters stand
        parts = [f"const real *{apart}{name}" for name in self.given]
        parts += ["ptrdiff_t rows", f"real *{apart}values", *[f"real *{apart}gradient"] * self.differentiates]
        return ", ".join(
            [*parts, *["int32_t *branches"] * bool(self.checks), *["double *workspace"] * (inside and not self.on_stack)]
        )

    def _entry(self) -> Iterator[str]:
        """The functions to call; neither calls the other, as a loader may put another function of that name in its place."""
        names = self._all_given
        yield f"static ptrdiff_t {self.own}({self._signature()}) {{"
        if not self.on_stack:
            yield f"  double *const workspace = malloc({self.workspace} * sizeof(double));"
            yield "  if (!workspace) return -1;"
        yield "  if (fetestexcept(REFUSED)) feclearexcept(REFUSED);"
        yield f"  const ptrdiff_t changed = {self.step}({', '.join([*names, *['workspace'] * (not self.on_stack)])});"
        yield from ["  free(workspace);"] * (not self.on_stack)
        yield "  return 2 * changed + (fetestexcept(REFUSED) != 0);"
        yield "}"
        yield f"EXPORTED ptrdiff_t {self.name_of_function}({self._signature()}) {{"
        yield f"  return {self.own}({', '.join(names)});"
        yield "}"
        yield f"static int {self.differs}(const unsigned char *x, const unsigned char *y, ptrdiff_t count) {{"
        yield "  int found = 0;"
        yield "  for (ptrdiff_t i0 = 0; i0 < count; i0++) found |= x[i0] ^ y[i0];"
        yield "  return found;"
        yield "}"
        yield f"EXPORTED ptrdiff_t {self.packed}(void *const *given) {{ /* with all arguments in one array; 1 also for a nan,"
        yield "     and for memory that is another than it was: behind them, where, like what, how many bytes, and 0 at the end */"
        yield f"  for (void *const *seen = given + {len(names)}; *seen; seen += 3)"
        yield f"    if ({self.differs}(seen[0], seen[1], (ptrdiff_t)seen[2])) return 1;"
        listed = [f"(ptrdiff_t)given[{place}]" if name == "rows" else f"given[{place}]" for place, name in enumerate(names)]
        yield f"  ptrdiff_t status = {self.own}({', '.join(listed)});"
        if self.procedure.task == LOSS:
            yield f"  const real *const mean = given[{names.index('values')}], *const gradient = given[{names.index('gradient')}];"
            yield "  status |= *mean != *mean;"
            yield f"  for (ptrdiff_t i0 = 0; i0 < {self.program.all_parameters.size}; i0++) status |= gradient[i0] != gradient[i0];"
        yield "  return status;"
        yield "}"

    # ---- the head ------------------------------------------------------------------------------------------------------------

    def _head(self) -> Iterator[str]:
        yield "/*"
        yield from (f" * {line}".rstrip() for line in self._told())
        yield " */"
        yield from [f"#include <{name}.h>" for name in ("fenv", "math", "stddef", "stdint", "stdio", "stdlib")]
        yield from _FRAME
        yield f"typedef {'double' if self.procedure.dtype == 'float64' else 'float'} real;"
        for array in self.program.constants:
            yield from _listed(
                f"static const real {self.name(array)}[]", [self.words.number(float(each)) for each in array.data.ravel()]
            )
        for name, index in self.tables.items():
            yield from _listed(f"static const ptrdiff_t {name}[]", list(map(str, index.ravel())))

    def _told(self) -> Iterator[str]:
        """How the function is called, for a reader."""
        everything, is_loss = self.program.all_parameters, self.procedure.task == LOSS
        yield f"The function {c_comment(self.program.name)}, traced and re-rolled by autograd_lite. The C library is all it needs:"
        yield f"    cc {_FLAGS} -shared -fPIC FILE.c -o FILE.so -lm"
        yield ""
        yield f"    {self.name_of_function}({', '.join(self._all_given)})"
        yield ""
        if self.program.parameters:
            yield f"{self._parameters}: {everything.size} numbers, all parameters."
        for array in self.program.arguments:
            told = parts_text(array) * self.differentiates
            yield f"{self.name(array)}: {array.size} number{'s' * (array.size != 1)} for each row{told}."
        count = len(self.procedure.outputs)
        values = "the mean over the rows is" if is_loss else f"{count} for each row {'is' if count == 1 else 'are'}"
        yield f"values: {values} written there."
        if self.differentiates and is_loss:
            yield "gradient: the derivative of the mean by each parameter is written there."
        elif self.differentiates:
            order = (
                "of an input for all rows, then of the next one"
                if self.by_column
                else "of a row for all inputs, then of the next one"
            )
            yield f"gradient: the derivatives by the {self.inputs} inputs are written there: {order}."
        if self.checks:
            yield "branches: for each row the first guard that it does not pass is written there:"
            yield from (f"    {number}: {c_comment(check.place)}" for number, check in enumerate(self.checks))
        yield (
            "It gives 0; 1 if a number overflowed, or had no value; -1 without memory."
            + " For guards, twice the number of the first one, and 2 or 3, more." * bool(self.checks)
        )


_FRAME: Final = (
    "#define REFUSED (FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID)",
    "#ifdef __GNUC__",
    "#define APART __attribute__((noinline))",
    "#else",
    "#define APART",
    "#endif",
    "#ifdef _WIN32",
    "#define EXPORTED __declspec(dllexport)",
    "#else",
    "#define EXPORTED",
    "#endif",
)


def _listed(name: str, numbers: Sequence[str]) -> Iterator[str]:
    yield f"{name} = {{"
    yield from textwrap.wrap(", ".join(numbers or ["0"]), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield "};"

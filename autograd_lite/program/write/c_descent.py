"""A whole descent as a C source: the step of a module, and around it the batches, the update rules and the losses.

The rules are written from their terms. Their constants are given when it is called, so that another learning rate, or another
momentum, needs no compiler.
"""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final

from autograd_lite.program.ir.arrays import View
from autograd_lite.program.ir.terms import Infix, Number, Term
from autograd_lite.program.ir.update import RecordedUpdate, in_order
from autograd_lite.program.write.c_module import CModule

__all__ = ["CDescent", "constants_of"]


class CDescent:
    """The source of a descent.

    Args:
        module: the program's mean and its gradient. updates: the rule of each group of parameters.
    Attributes:
        source: the text. name: of the function to call.
    """

    def __init__(self, module: CModule, updates: Sequence[RecordedUpdate]) -> None:
        self.module, names = module, deepcopy(module.names)
        self.name = names.unique("descent", of_function=True)
        texts: dict[str, str] = {}  # the functions, by what they do
        calls: list[dict[str, Any]] = []
        for group, update in enumerate(updates):
            body = _update(update)
            if body not in texts:
                texts[body] = names.unique("update", of_function=True)
            counts = {"constants": len(constants_of(update)), "memory": len(update.state)}
            calls.append({"name": texts[body], "group": group, "next": _NEXT.format(group=group, **counts)} | counts)
        functions = [_UPDATE.format(name=name, body=body) for body, name in texts.items()]
        self.source = "\n".join([module.inside, *functions, self._descent(calls)]) + "\n"

    def _descent(self, calls: Sequence[dict[str, Any]]) -> str:
        module = self.module
        sizes = [array.size for array in module.program.arguments]
        arrays = range(len(sizes))
        given = ["parameters", *(f"batch{k}" for k in arrays), "rows", "&mean", "gradient"]
        given += [*["branches"] * bool(module.checks), *["workspace"] * bool(module.workspace)]
        return _DESCENT.format(
            name=self.name,
            arrays="".join(f"const real *array{k}, " for k in arrays),
            batches="\n".join(f"  const real *batch{k} = array{k};" for k in arrays),
            gathered="\n".join(_GATHERED.format(k=k, size=size) for k, size in enumerate(sizes)),
            room="\n".join(_ROOM.format(k=k, size=size) for k, size in enumerate(sizes)),
            step=f"{module.step}({', '.join(given)})",
            calls="\n".join(_CALL.format(**each) for each in calls),
            taken="\n".join(_TAKEN.format(**each) for each in calls),
        )


def constants_of(update: RecordedUpdate) -> list[float]:
    """The numbers in a rule that its function is given, in order."""
    return [term.value for term in _numbers(update)]


def _numbers(update: RecordedUpdate) -> list[Number]:
    parts = [part for term in in_order(update.results) for part in term.parts if not _is_root(term)]
    return [part for part in parts if isinstance(part, Number)]


def _is_root(term: Term) -> bool:
    return isinstance(term, Infix) and term.sign == "**" and isinstance(term.right, Number) and term.right.value == 0.5


def _update(update: RecordedUpdate) -> str:
    """The lines of a rule's function: what is the same for all parameters, and the loop over them."""
    return _Lines(update).text()


class _Lines:
    def __init__(self, update: RecordedUpdate) -> None:
        self.update = update
        numbers = {id(number): f"constants[{place}]" for place, number in enumerate(_numbers(update))}
        self.names: dict[int, str] = numbers | {id(update.rate): "rate", id(update.step): "number"}
        self.names |= {id(update.x): "x[i]", id(update.gradient): "gradient[i]"}
        self.names |= {id(array): f"memory[{place} * count + j]" for place, array in enumerate(update.state)}
        self.once: list[str] = []
        self.each: list[str] = []
        for term in in_order(update.results):
            assert isinstance(term, Infix)
            self._operation(term)

    def text(self) -> str:
        """All lines."""
        x, *state = (self._of(result, True) for result in self.update.results)
        found = [f"new_x[j] = {x};", *(f"new_memory[{k} * count + j] = {each};" for k, each in enumerate(state))]
        finite = " & ".join(f"(isfinite({line.partition(' = ')[0]}) != 0)" for line in found)
        inside = ["const ptrdiff_t i = places[j];", *self.each, *found, f"finite &= {finite};"]
        once = [*self.once, "for (ptrdiff_t j = 0; j < count; j++) {"]
        return "\n".join([*(f"  {line}" for line in once), *(f"    {line}" for line in inside)])

    def _operation(self, term: Infix) -> None:
        if not term.batched:
            left, right = self._of(term.left, False), self._of(term.right, False)
            self.names[id(term)] = f"pow({left}, {right})" if term.sign == "**" else f"({left} {term.sign} {right})"
            return
        name = f"t{len(self.each) + 1}"
        left = self._of(term.left, True)
        if _is_root(term):
            self.each.append(f"const real {name} = (real)sqrt({left});")
        else:
            self.each.append(f"const real {name} = {left} {term.sign} {self._of(term.right, True)};")
        self.names[id(term)] = name

    def _of(self, term: Term, batched: bool) -> str:
        """The text of a part; of one that is the same for all parameters a name, rounded once, where it meets them."""
        name = self.names[id(term.array) if isinstance(term, View) else id(term)]
        if term.batched or not batched:
            return name
        self.once.append(f"const real s{len(self.once) + 1} = (real){name};")
        return f"s{len(self.once)}"


_UPDATE: Final = """\
static int {name}(ptrdiff_t count, const ptrdiff_t *places, const double *constants, double rate, double number, const real *x,
    const real *gradient, const real *memory, real *new_x, real *new_memory) {{
  int finite = 1;
{body}
  }}
  return finite;
}}
"""
_CALL: Final = """\
    finite &= {name}(sizes[{group}], place, constant, rates[{group} * count + done], number + (double)done, parameters,
        gradient, remembered, found, found + sizes[{group}]);
    constant += {constants};
{next}"""
_ROOM: Final = "  real *const own{k} = room; room += order ? size * {size} : 0;"
_TAKEN: Final = """\
    for (ptrdiff_t j = 0; j < sizes[{group}]; j++) parameters[place[j]] = found[j];
    for (ptrdiff_t j = 0; j < {memory} * sizes[{group}]; j++) remembered[j] = found[sizes[{group}] + j];
{next}"""
_NEXT: Final = """\
    place += sizes[{group}];
    remembered += {memory} * sizes[{group}];
    found += (1 + {memory}) * sizes[{group}];"""
_GATHERED: Final = """\
      for (ptrdiff_t row = 0; row < rows; row++)
        for (ptrdiff_t k = 0; k < {size}; k++) own{k}[row * {size} + k] = array{k}[order[first + row] * {size} + k];
      batch{k} = own{k};"""
_DESCENT: Final = """\
/* So many steps, at most; it gives how many were taken, and why it ended: 0 for all, 1 for one that was not taken, as it needs a
closer look, 2 for one whose gradient has no number above the tolerance. */
EXPORTED ptrdiff_t {name}(real *parameters, {arrays}ptrdiff_t samples, ptrdiff_t size, const ptrdiff_t *order, ptrdiff_t first,
    ptrdiff_t count, double number, const ptrdiff_t *sizes, const ptrdiff_t *places, const double *constants, const double *rates,
    double tolerance, ptrdiff_t learning, real *memory, real *gradient, real *room, int32_t *branches, double *workspace,
    double *losses, int32_t *why) {{
{batches}
{room}
  ptrdiff_t rows = size, done = 0;
  *why = 0;
  feclearexcept(FE_ALL_EXCEPT);
  for (; done < count; done++) {{
    real mean;
    if (order) {{
      rows = samples - first < size ? samples - first : size;
{gathered}
    }}
    if ({step} != 0 || fetestexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID) || !isfinite(mean)) {{
      *why = 1;
      return done;
    }}
    losses[done] = (double)mean;
    if (tolerance >= 0) {{
      int level = 1;
      for (ptrdiff_t j = 0; j < learning; j++) level &= fabs((double)gradient[places[j]]) <= tolerance;
      if (level) {{
        *why = 2;
        return done;
      }}
    }}
    int finite = 1;
    const ptrdiff_t *place = places;
    const double *constant = constants;
    real *remembered = memory;
    real *found = room;
{calls}
    if (!finite) {{
      *why = 1;
      return done;
    }}
    place = places;
    found = room;
    remembered = memory;
{taken}
    if (order) {{
      first += rows;
      if (first >= samples) {{
        first = 0;
        order += samples;
      }}
    }}
  }}
  return done;
}}
"""

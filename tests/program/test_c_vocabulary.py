"""The words of C: every rule of the table, compiled, held against the engine; names and texts that could break a source."""

import ctypes
import keyword
import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from autograd_lite import compiled
from autograd_lite.compiled import library
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.value import Value
from autograd_lite.program import trace
from autograd_lite.program.write.c_names import CNames, c_comment
from autograd_lite.program.write.c_vocabulary import CText, CVocabulary
from autograd_lite.testing.primitives.points import with_special_floats
from tests import points
from tests.samples import FULL

# Where the engine rounds a sum once, or Python computes `hypot` in its own way; in units in the last place of the largest operand of a sum.
ROUNDED_OTHERWISE = {"total": 1.0, "hypot": 1.0}
HEAD = "#include <fenv.h>\n#include <math.h>\n#include <stddef.h>\n#include <stdio.h>\n#include <stdlib.h>\n#define APART\ntypedef double real;\n"
APPLY = """
int tried(real (*f)(const real *), const real *given, ptrdiff_t points, ptrdiff_t count, real *out, int *flags) {
  for (ptrdiff_t k = 0; k < points; k++) {
    feclearexcept(FE_ALL_EXCEPT);
    out[k] = f(given + count * k);
    flags[k] = fetestexcept(FE_DIVBYZERO | FE_OVERFLOW | FE_INVALID) != 0;
  }
  return 0;
}
"""


def _everywhere(row: Primitive) -> list[tuple[float, ...]]:
    """Ordinary points, tails, outsides and special points of a row."""
    found = [*points.ordinary(row), *points.tails(row), *points.outside(row)]
    if not row.orders:
        found += [at.operands for at in row.special_points]
        found += [point for point, _ in with_special_floats(row)]
    return [tuple(map(float, point)) for point in found]


def _forms() -> dict[Any, list[tuple[float, ...]]]:
    """The points of each row, by its number of variables and the numbers that choose a member of its family."""
    found = defaultdict(list)
    for row in TABLE.values():
        for point in _everywhere(row):
            variables = points.variables(row, point)
            found[row.name, variables, point[variables:]].append(point)
    return found


def _compiled(forms: Any) -> ctypes.CDLL:
    words = CVocabulary("float64", CNames())
    functions = []
    for number, (name, variables, orders) in enumerate(forms):
        operands = [CText(words, f"given[{place}]") for place in range(variables)] + list(map(words.text, orders))
        text = words.call(TABLE[name], operands).text
        functions.append(f"real form{number}(const real *given) {{ return {text}; }}")
    return library("\n".join([HEAD, *words.helpers.values(), *functions, APPLY]))


def _eager(row: Primitive, point: tuple[float, ...]) -> float | None:
    if row.name == "greatest" and any(map(math.isnan, point)):
        return math.nan  # as the chain of `maximum` is that it stands for
    try:
        return float(forward(row, list(point)))
    except (ArithmeticError, ValueError):
        return None


def test_every_rule_of_the_table_is_eager_s_at_every_kind_of_point() -> None:
    forms = _forms()
    compiled, compared, equal, worst = _compiled(forms), 0, 0, defaultdict(float)
    for number, ((name, variables, _), met) in enumerate(forms.items()):
        given = np.array([point[:variables] for point in met])
        out, flags = np.empty(len(met)), np.empty(len(met), np.intc)
        function = ctypes.cast(getattr(compiled, f"form{number}"), ctypes.c_void_p)
        sizes = ctypes.c_ssize_t(len(met)), ctypes.c_ssize_t(variables)
        compiled.tried(function, given.ctypes.data_as(ctypes.c_void_p), *sizes, *map(_pointer, (out, flags)))
        for point, value, flagged in zip(met, out.tolist(), flags.tolist(), strict=True):
            wanted = _eager(TABLE[name], point)
            if wanted is None:  # the replay is told, and asks the engine
                assert flagged, (name, point, value)
                continue
            compared += 1
            if value == wanted or (value != value and wanted != wanted):
                equal += 1
                continue
            unit = math.ulp(max(map(abs, (wanted, *(point if name in ("total", "dot") else ())))))
            units = abs(value - wanted) / unit
            worst[name] = max(worst[name], units if math.isfinite(units) else math.inf)
    assert {name: units for name, units in worst.items() if units > ROUNDED_OTHERWISE.get(name, 0.0)} == {}
    assert equal > 0.999 * compared > 12_000


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_number_is_read_back_to_the_same_bits(dtype: str) -> None:
    numbers = [0.0, -0.0, 1.0, 0.1, -1e-320, 1e308, 2.0**-126, 1 / 3, 5e-324, math.pi, math.inf, -math.inf, math.nan]
    texts = ", ".join(map(CVocabulary(dtype, CNames()).number, numbers))
    kind = "double" if dtype == "float64" else "float"
    source = f"#include <math.h>\nvoid numbers({kind} *out) {{ {kind} all[] = {{{texts}}}; for (int k = 0; k < 13; k++) out[k] = all[k]; }}\n"
    out = np.empty(len(numbers), dtype)
    library(source).numbers(_pointer(out))
    with np.errstate(over="ignore"):
        assert np.array(numbers, dtype).tobytes() == out.tobytes() or np.isnan(out[-1])
        assert np.array(numbers[:-1], dtype).tobytes() == out[:-1].tobytes()


# ---- names and comments ------------------------------------------------------------------------------------------------------

OF_THE_LANGUAGE = """
auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short
signed sizeof static struct switch typedef union unsigned void volatile while asm typeof bool true false nullptr linux unix i386
exp log gamma y0 y1 jn j0 lgamma signgam isless isnan NAN INFINITY HUGE_VAL M_PI NULL EOF real rows row values gradient branches workspace
choose sum total largest sigmoid tanh softplus powerpartial malloc free int32_t ptrdiff_t size_t errno assert main i0 k0 factor kept
count mean first REFUSED APART EXPORTED FE_INVALID MATH_ERRNO __LINE__ _Bool __func__ _x __x FP_NAN v1 x1 each1 along1 turned1 d_x
""".split()


LABELS = [*OF_THE_LANGUAGE, "π", "x'", "a b", "", "*/ int x; /*", "\\", "??/", "\n#error", '"', "\u202e"]


@pytest.mark.parametrize("first", range(0, len(LABELS), 6))
def test_no_name_breaks_a_source(first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As names of arguments and of parameters, six at a time; as the name of the function two of them, or in a full run all."""
    monkeypatch.setattr(compiled, "FLAGS", ("-O0", *compiled.FLAGS[1:]))  # names are the same, sooner compiled
    labels = LABELS[first : first + 6]
    names = [label for label in labels if label.isidentifier() and not keyword.iskeyword(label)] or ["plain"]
    for name in names if FULL else names[:2]:
        given = {f"given_{place}": Value(2.0 if place == 0 else 1.0, label=label) for place, label in enumerate(labels)}
        scope: dict[str, Any] = dict(given)
        text = f"def {name}({', '.join(names)}, other): return ({' + '.join(names)}) * {' * '.join(given)} * other + other"
        exec(text, scope)  # a name that the user gave
        program = trace(scope[name], *[3.0] * len(names), 5.0, parameters=list(given.values()), backend="c")
        assert program(*[[3.0]] * len(names), [5.0]) == [30.0 * len(names) + 5.0]
        assert program.backend == "c"


def test_no_comment_ends_before_its_end() -> None:
    assert c_comment("a */ b /* c ??/ d \\") == "a * / b / * c ? ?/ d /"


def test_names_are_given_once() -> None:
    names = CNames()
    given = [names.unique(text) for text in ["x", "x", "exp", "exp", "_a", "M_PI", "M_PI", "sigmoid", "for"]]
    assert len(set(given)) == len(given)
    assert "sigmoid" not in given
    assert names.unique("sigmoid", of_function=True) == "sigmoid"


def _pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)

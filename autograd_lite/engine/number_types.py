"""Number types: how one rule text serves floats, arrays, complex and mpmath numbers.

A rule says `m.cos(x)`, and `m` is `mathematics`, which computes with floats. For another number type the same two source files,
`mathematics.py` and `primitives.py`, are loaded a second time with the basic functions bound to that type's own. There is no
second copy of any formula or rule; this page lists, per type, only the basic functions that its library calls by another name.
"""

import cmath
import importlib.util
import math
import numbers
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from types import ModuleType
from typing import Any

_LN2 = math.log(2.0)
FLOATS, ARRAYS, COMPLEX, MPMATH = "floats", "arrays", "complex", "mpmath"


def source_of(name: str) -> Path:
    """The source of a module of this package, which stands beside what was compiled from it, if it was."""
    return Path(__file__).with_name(f"{name}.py")


def load_again(name: str, suffix: str, rebound: Mapping[str, object]) -> ModuleType:
    """A second, interpreted copy of a module of this package with some of its global names bound to other objects."""
    spec = importlib.util.spec_from_file_location(f"{__package__}.{name}[{suffix}]", source_of(name))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(rebound)
    return module


def rules_on(number_type: str) -> Mapping[str, Any]:
    """The table of primitives with every rule computing in `number_type`: "arrays", "complex" or "mpmath"."""
    # mpmath's constants are as long as its precision at this moment.
    return _rules_on(number_type, sys.modules["mpmath"].mp.prec if number_type == MPMATH else 53)


def rule_on(number_type: str, primitive: Any) -> Any:
    """A primitive whose rules compute in `number_type`; a user's own as it is: it answers in kind."""
    return rules_on(number_type).get(primitive.name, primitive) if primitive.is_builtin else primitive


@cache
def _rules_on(number_type: str, precision: int) -> Mapping[str, Any]:
    mathematics = load_again("mathematics", number_type, _BASICS[number_type]())
    table: Mapping[str, Any] = load_again("primitives", number_type, {"m": mathematics}).TABLE
    return table


def number_type_of(operands: Sequence[Any]) -> str | None:
    """The number type of an operation on these operands; None if one of them is no number.

    >>> number_type_of([1, 2.5]), number_type_of([1.0, 2j]), number_type_of(["1"])
    ('floats', 'complex', None)
    """
    found = FLOATS
    for operand in operands:
        library = type(operand).__module__.partition(".")[0]
        if library == "mpmath":  # asked first: its numbers count as Real
            number_type = MPMATH
        elif library == "numpy" and _is_numeric_array(operand):
            number_type = ARRAYS
        elif isinstance(operand, numbers.Real):
            continue
        elif isinstance(operand, complex):
            number_type = COMPLEX
        else:
            return None
        if found not in (FLOATS, number_type):
            return None
        found = number_type
    return found


def _is_numeric_array(operand: Any) -> bool:
    return operand.dtype.kind in "fiub"


def forward(rule: Any, operands: Sequence[Any]) -> Any:
    """A primitive's `forward` of a list of operands, which a rule takes one by one unless it says `takes_list`."""
    return rule.forward(operands) if rule.takes_list else rule.forward(*operands)


def evaluate(primitive: Any, operands: Sequence[Any]) -> Any:
    """The primitive's value, in the number type of its operands.

    Args:
        primitive: a Primitive of the table, or a user's own.
        operands: numbers of one type, possibly mixed with floats.
    Raises:
        TypeError: if an operand is no number, or the types do not mix.
    """
    number_type = number_type_of(operands)
    if number_type is None:
        raise TypeError(_no_number(primitive, operands))
    if number_type == FLOATS:
        return forward(primitive, [float(operand) for operand in operands])
    rule = rule_on(number_type, primitive)
    if number_type == ARRAYS:
        return _on_arrays(rule, operands)
    answer = forward(rule, operands)
    if (
        number_type == MPMATH
        and type(answer).__name__ == "mpc"
        and not any(type(operand).__name__ == "mpc" for operand in operands)
    ):
        raise ValueError(f"{primitive.name} has no real value at {', '.join(map(str, operands))}: {primitive.requirement}")
    return answer


def _on_arrays(rule: Any, operands: Sequence[Any]) -> Any:
    """`forward` on arrays as NumPy answers: nan and inf instead of exceptions, float32 where every array is float32."""
    import numpy

    widest = numpy.result_type(*(operand for operand in operands if hasattr(operand, "dtype")))
    dtype = widest if widest.kind == "f" else numpy.dtype(float)
    converted = [numpy.asarray(operand, dtype)[()] for operand in operands]
    with numpy.errstate(all="ignore"):
        answer = forward(rule, converted)
    return numpy.asarray(answer, dtype)[()]


def _no_number(primitive: Any, operands: Sequence[Any]) -> str:
    found = sorted({type(operand).__name__ for operand in operands})
    return (
        f"{primitive.name} takes real numbers, Values, NumPy arrays of numbers, complex or mpmath numbers of one kind at a time; "
        f"got {', '.join(found)}"
    )


def _array_basics() -> dict[str, object]:
    import numpy

    from autograd_lite.engine import array_mathematics

    def elementwise(function: Callable[[float], float]) -> Callable[[Any], Any]:
        # NumPy has no erf; math's is right to the last digit, and its own speed is not what erf is called for.
        spread = numpy.frompyfunc(function, 1, 1)
        return lambda x: numpy.asarray(spread(x), dtype=float)

    def total(values: Sequence[Any]) -> Any:
        """The sum of the operands, element by element."""
        return array_mathematics.total(numpy.stack(numpy.broadcast_arrays(*values), axis=-1)) if len(values) else 0.0

    same = "exp expm1 exp2 log log1p log2 log10 sqrt cbrt hypot sin cos tan sinh cosh tanh fmod sign abs where".split()
    basics: dict[str, object] = {name: getattr(numpy, name) for name in same}
    basics |= {name: getattr(array_mathematics, name) for name in array_mathematics.__all__}
    basics |= {name: getattr(numpy, f"arc{name[1:]}") for name in "asin acos atan asinh acosh atanh atan2".split()}
    basics |= {"power": numpy.power, "extended_power": numpy.power, "less": numpy.less, "equal": numpy.equal}
    basics |= {"erf": elementwise(math.erf), "erfc": elementwise(math.erfc)}
    return basics | {"total": total, "largest": lambda values: reduce(numpy.maximum, values)}


def _complex_basics() -> dict[str, object]:
    """cmath's functions, and the analytic continuation of the others away from their kinks: by the real part.

    Source: Martins, Sturdza & Alonso, "The complex-step derivative approximation", ACM TOMS 29 (2003), section 4.
    """

    def expm1(z: complex) -> complex:
        half = math.sin(z.imag / 2.0)
        return complex(math.expm1(z.real) - 2.0 * math.exp(z.real) * half * half, math.exp(z.real) * math.sin(z.imag))

    def log1p(z: complex) -> complex:
        x, y = z.real, z.imag
        return complex(0.5 * math.log1p(x * (2.0 + x) + y * y), math.atan2(y, 1.0 + x))

    def atan2(y: complex, x: complex) -> complex:
        # Turned by the angle of the real parts, what remains is near 0 and its imaginary part keeps its digits.
        angle = math.atan2(y.real, x.real)
        cosine, sine = math.cos(angle), math.sin(angle)
        return angle + cmath.atan((y * cosine - x * sine) / (x * cosine + y * sine))

    def hypot(x: complex, y: complex) -> complex:
        scale = max(x.real, -x.real, y.real, -y.real) or 1.0
        return cmath.sqrt((x / scale) ** 2 + (y / scale) ** 2) * scale

    def cbrt(z: complex) -> complex:
        root = math.cbrt(z.real)
        return root * cmath.exp(cmath.log(z / z.real) / 3.0) if root else z ** (1.0 / 3.0)

    def fmod(x: complex, y: complex) -> complex:
        return x - y * round((x.real - math.fmod(x.real, y.real)) / y.real)

    def power(x: complex, y: complex) -> complex:
        if x.real < 0.0 and x.imag and y.imag == 0.0:
            return (-x) ** y * (-1.0 if math.fmod(y.real, 2.0) else 1.0)
        return complex(x) ** y

    same = "exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split()
    basics: dict[str, object] = {name: getattr(cmath, name) for name in same}
    basics |= {"expm1": expm1, "log1p": log1p, "atan2": atan2, "hypot": hypot, "cbrt": cbrt, "fmod": fmod, "power": power}
    basics |= {"extended_power": power, "exp2": lambda z: cmath.exp(z * _LN2), "log2": lambda z: cmath.log(z) / _LN2}
    basics |= {
        "abs": lambda z: -z if z.real < 0.0 else z,
        "sign": lambda z: (z.real > 0.0) - (z.real < 0.0) + 0.0,
        "floor": lambda z: float(math.floor(z.real)),
        "ceil": lambda z: float(math.ceil(z.real)),
        "less": lambda x, y: x.real < y.real,
        "equal": lambda x, y: x.real == y.real,
        "total": sum,
        "largest": lambda values: max(z.real for z in values),
        "erf": _refuse("erf"),
        "erfc": _refuse("erfc"),
    }
    return basics


def _refuse(name: str) -> Callable[[Any], Any]:
    def refused(z: complex) -> complex:
        raise TypeError(f"{name} is not available for complex numbers; use mpmath's, as in {name}(mpmath.mpc({z.real}, {z.imag}))")

    return refused


def _mpmath_basics() -> dict[str, object]:
    mpmath: Any = sys.modules["mpmath"]
    same = (
        "exp expm1 log log1p log10 sqrt hypot sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh erf erfc power"
    ).split()
    basics: dict[str, object] = {name: getattr(mpmath, name) for name in same}
    basics |= {"exp2": lambda x: mpmath.power(2, x), "log2": lambda x: mpmath.log(x, 2), "total": mpmath.fsum}
    basics |= {"cbrt": lambda x: -mpmath.cbrt(-x) if mpmath.re(x) < 0 else mpmath.cbrt(x)}  # mpmath's is complex below 0
    basics |= {"fmod": lambda x, y: mpmath.sign(x) * mpmath.fmod(abs(x), abs(y))}  # C's fmod takes the sign of x, mpmath's of y
    return basics | {
        "extended_power": lambda x, y: mpmath.power(x, y) if x != 0 or y >= 0 else mpmath.inf,
        "abs": lambda x: -x if mpmath.re(x) < 0 else x,  # complex mpmath numbers go by their real part, as Python's do
        "less": lambda x, y: mpmath.re(x) < mpmath.re(y),
        "equal": lambda x, y: mpmath.re(x) == mpmath.re(y),
        "largest": lambda values: max(map(mpmath.re, values)),
        "sign": lambda x: mpmath.sign(mpmath.re(x)),
        "floor": lambda x: mpmath.floor(mpmath.re(x)),
        "ceil": lambda x: mpmath.ceil(mpmath.re(x)),
        "LN2": mpmath.ln2,
        "LOG2E": 1 / mpmath.ln2,
        "LOG10E": 1 / mpmath.ln10,
        "TWO_OVER_ROOT_PI": 2 / mpmath.sqrt(mpmath.pi),
    }


_BASICS: dict[str, Callable[[], dict[str, object]]] = {
    ARRAYS: _array_basics,
    COMPLEX: _complex_basics,
    MPMATH: _mpmath_basics,
}

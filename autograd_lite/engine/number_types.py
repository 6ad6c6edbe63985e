"""Number types: how one rule text serves floats, arrays, complex and mpmath numbers.

A rule says `m.cos(x)`, and `m` is `mathematics`, which computes with floats. For another number type the same two source files,
`mathematics.py` and `primitives.py`, are loaded a second time with the basic functions bound to that type's own. There is no
second copy of any formula or rule; `_FORMS`, at the end, says of each basic function how every number type computes it.
"""

import cmath
import importlib.util
import math
import numbers
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_LN2 = math.log(2.0)
FLOATS, ARRAYS, COMPLEX, MPMATH = "floats", "arrays", "complex", "mpmath"


def source_of(name: str) -> "Path":
    """The source of a module of this package, which stands beside what was compiled from it, if it was."""
    from pathlib import Path  # only other number types than floats ask for a source

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
    mathematics = load_again("mathematics", number_type, _basics(number_type))
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


# ---- the basic functions on each number type -------------------------------------------------------------------------------------


def _numpy() -> Any:
    return sys.modules["numpy"]


def _mpmath() -> Any:
    return sys.modules["mpmath"]


def _elementwise(function: Callable[[float], float]) -> Callable[[Any], Any]:
    # NumPy has no erf; math's is right to the last digit, and its own speed is not what erf is called for.
    return lambda x: _numpy().asarray(_numpy().frompyfunc(function, 1, 1)(x), dtype=float)


def _array_total(values: Sequence[Any]) -> Any:
    from autograd_lite.engine import array_mathematics

    return array_mathematics.total(_numpy().stack(_numpy().broadcast_arrays(*values), axis=-1)) if len(values) else 0.0


# Complex numbers have cmath's functions, and the analytic continuation of the others away from their kinks: by the real part.
# Source: Martins, Sturdza & Alonso, "The complex-step derivative approximation", ACM TOMS 29 (2003), section 4.


def _complex_expm1(z: complex) -> complex:
    half = math.sin(z.imag / 2.0)
    return complex(math.expm1(z.real) - 2.0 * math.exp(z.real) * half * half, math.exp(z.real) * math.sin(z.imag))


def _complex_log1p(z: complex) -> complex:
    x, y = z.real, z.imag
    return complex(0.5 * math.log1p(x * (2.0 + x) + y * y), math.atan2(y, 1.0 + x))


def _complex_atan2(y: complex, x: complex) -> complex:
    # Turned by the angle of the real parts, what remains is near 0 and its imaginary part keeps its digits.
    angle = math.atan2(y.real, x.real)
    cosine, sine = math.cos(angle), math.sin(angle)
    return angle + cmath.atan((y * cosine - x * sine) / (x * cosine + y * sine))


def _complex_hypot(x: complex, y: complex) -> complex:
    scale = max(x.real, -x.real, y.real, -y.real) or 1.0
    return cmath.sqrt((x / scale) ** 2 + (y / scale) ** 2) * scale


def _complex_cbrt(z: complex) -> complex:
    root = math.cbrt(z.real)
    return root * cmath.exp(cmath.log(z / z.real) / 3.0) if root else z ** (1.0 / 3.0)


def _complex_fmod(x: complex, y: complex) -> complex:
    return x - y * round((x.real - math.fmod(x.real, y.real)) / y.real)


def _complex_power(x: complex, y: complex) -> complex:
    if x.real < 0.0 and x.imag and y.imag == 0.0:
        return (-x) ** y * (-1.0 if math.fmod(y.real, 2.0) else 1.0)
    return complex(x) ** y


def _refused(name: str) -> Callable[[Any], Any]:
    def refused(z: complex) -> complex:
        raise TypeError(f"{name} is not available for complex numbers; use mpmath's, as in {name}(mpmath.mpc({z.real}, {z.imag}))")

    return refused


def _real(x: Any) -> Any:
    return _mpmath().re(x)


Form = str | Callable[..., Any] | None

# How a function of `mathematics` is computed by arrays, by complex and by mpmath numbers: by a function of their libraries
# (`array_mathematics` or NumPy; cmath; `mpmath_mathematics` or mpmath), by one that stands here, or, where None, by its text in
# `mathematics`, as every function is that is not listed.
_FORMS: dict[str, tuple[Form, Form, Form]] = {
    **{name: (name, name, name) for name in "exp log log10 sqrt sin cos tan sinh cosh tanh".split()},
    **{name: (f"arc{name[1:]}", name, name) for name in "asin acos atan asinh acosh atanh".split()},
    "atan2": ("arctan2", _complex_atan2, "atan2"),
    "expm1": ("expm1", _complex_expm1, "expm1"),
    "exp2": ("exp2", lambda z: cmath.exp(z * _LN2), lambda x: _mpmath().power(2, x)),
    "log1p": ("log1p", _complex_log1p, "log1p"),
    "log2": ("log2", lambda z: cmath.log(z) / _LN2, lambda x: _mpmath().log(x, 2)),
    "cbrt": ("cbrt", _complex_cbrt, lambda x: -_mpmath().cbrt(-x) if _real(x) < 0 else _mpmath().cbrt(x)),
    "hypot": ("hypot", _complex_hypot, "hypot"),
    "power": ("power", _complex_power, "power"),
    "extended_power": ("power", _complex_power, "extended_power"),
    "fmod": ("fmod", _complex_fmod, lambda x, y: _mpmath().sign(x) * _mpmath().fmod(abs(x), abs(y))),  # mpmath's has y's sign
    "erf": (_elementwise(math.erf), _refused("erf"), "erf"),
    "erfc": (_elementwise(math.erfc), _refused("erfc"), "erfc"),
    "sigmoid": ("sigmoid", None, None),
    "abs": ("abs", lambda z: -z if z.real < 0.0 else z, lambda x: -x if _real(x) < 0 else x),
    "sign": ("sign", lambda z: (z.real > 0.0) - (z.real < 0.0) + 0.0, lambda x: _mpmath().sign(_real(x))),
    "floor": ("floor", lambda z: float(math.floor(z.real)), lambda x: _mpmath().floor(_real(x))),
    "ceil": ("ceil", lambda z: float(math.ceil(z.real)), lambda x: _mpmath().ceil(_real(x))),
    "trunc": ("trunc", lambda z: float(math.trunc(z.real)), lambda x: int(_real(x)) + _mpmath().mpf(0)),
    "rint": ("rint", lambda z: float(round(z.real)), lambda x: _mpmath().nint(_real(x))),
    "rounded": ("rounded", lambda z, n: round(z.real, int(n)), "rounded"),
    "copysign": (
        "copysign",
        lambda x, y: x if math.copysign(x.real, y.real) == x.real else -x,
        lambda x, y: abs(x) if _real(y) >= 0 else -abs(x),
    ),
    "remainder": ("remainder", None, None),  # by NumPy's own name it is `%`
    "mod": ("mod", lambda x, y: x - y * (x.real // y.real), "mod"),
    "floor_divide": ("floor_divide", lambda x, y: float(x.real // y.real), "floor_divide"),
    "where": ("where", None, None),
    "less": ("less", lambda x, y: x.real < y.real, lambda x, y: _real(x) < _real(y)),
    "equal": ("equal", lambda x, y: x.real == y.real, lambda x, y: _real(x) == _real(y)),
    "largest": (lambda xs: reduce(_numpy().maximum, xs), lambda zs: max(z.real for z in zs), lambda xs: max(map(_real, xs))),
    "gammaln": (None, None, "loggamma"),
    "digamma": (None, None, "digamma"),
    "polygamma": (None, None, lambda x, n: _mpmath().psi(int(n), x)),
    "norm_ppf": (None, _refused("norm_ppf"), None),  # the approximation of its formula has not the slope's digits
    "erfinv": (None, _refused("erfinv"), None),
    **{name: (None, None, name) for name in "polygammastep betaln quantile millsratio".split()},
    "total": (_array_total, sum, "fsum"),
}
# As long as mpmath's precision at this moment.
_MPMATH_CONSTANTS: dict[str, Callable[[Any], Any]] = {
    "LN2": lambda mpmath: mpmath.ln2,
    "LOG2E": lambda mpmath: 1 / mpmath.ln2,
    "LOG10E": lambda mpmath: 1 / mpmath.ln10,
    "TWO_OVER_ROOT_PI": lambda mpmath: 2 / mpmath.sqrt(mpmath.pi),
    "PI": lambda mpmath: +mpmath.pi,
    "ROOT_HALF": lambda mpmath: mpmath.sqrt(0.5),
    "BELL_TOP": lambda mpmath: 1 / mpmath.sqrt(2 * mpmath.pi),
    "HALF_LOG_TAU": lambda mpmath: mpmath.log(2 * mpmath.pi) / 2,
    "SINC_TERMS": lambda mpmath: mpmath.mp.prec // 3,
}


def _basics(number_type: str) -> dict[str, object]:
    """The names of `mathematics` that are bound to something else for a number type, and to what."""
    libraries, column = _libraries(number_type)
    forms = {name: row[column] for name, row in _FORMS.items() if row[column] is not None}
    found = {
        name: next(getattr(library, form) for library in libraries if hasattr(library, form)) if isinstance(form, str) else form
        for name, form in forms.items()
    }
    return found | ({name: constant(_mpmath()) for name, constant in _MPMATH_CONSTANTS.items()} if number_type == MPMATH else {})


def _libraries(number_type: str) -> tuple[tuple[ModuleType, ...], int]:
    """Where a number type's functions are found by their names, and its column in the table of forms."""
    if number_type == ARRAYS:
        from autograd_lite.engine import array_mathematics

        return (array_mathematics, _numpy()), 0
    if number_type == COMPLEX:
        return (cmath,), 1
    from autograd_lite.engine import mpmath_mathematics

    return (mpmath_mathematics, _mpmath()), 2

"""The table of primitives: every function the engine can differentiate, with its derivative, text, domain and special points.

Read it as a page of mathematics. In every rule `x`, `y` are the operands, `out` is the value, and `m` is the mathematics of the
numbers at hand: `m.cos` is the cosine of floats here, of arrays, Values or symbols in the copies of this page that
`number_types.py` and `calculus/rules.py` load. A rule therefore never branches with `if` and never calls `math`; `m.where` chooses.

The form of each rule is the one that keeps its digits in the tails and at the edges: the comments say what the shorter form loses.
Where books write another one, it stands beside it as `textbook`: to be read, computed with by nobody, and held equal by a test.
Two conventions hold throughout: a vertical tangent is inf (`m.slope`), and a kink takes the middle of its one-sided slopes unless
the primitive's special points say otherwise.
"""

from collections.abc import Sequence
from math import inf, nan
from typing import Any, Final

from autograd_lite.engine import mathematics as m
from autograd_lite.engine.primitive import (
    NONNEGATIVE,
    NONZERO,
    POSITIVE,
    REAL,
    Binary,
    Interval,
    Nary,
    Primitive,
    Recorder,
    SpecialPoint,
    Unary,
)
from autograd_lite.engine.text import ATOM, POWER, PRODUCT, SIGN, SUM, Text

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "betaln",
    "cbrt",
    "ceil",
    "clamp",
    "copysign",
    "cos",
    "cosh",
    "digamma",
    "divide",
    "dot",
    "erf",
    "erfc",
    "erfinv",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "floor_divide",
    "fmod",
    "gammaln",
    "gaussian",
    "hypot",
    "identity",
    "log",
    "log1mexp",
    "log1p",
    "log2",
    "log10",
    "log_ndtr",
    "logaddexp",
    "logaddexp2",
    "logit",
    "logsumexp",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negate",
    "norm",
    "norm_cdf",
    "norm_ppf",
    "power",
    "relu",
    "remainder",
    "rint",
    "sech",
    "sigmoid",
    "sign",
    "sin",
    "sinc",
    "sinh",
    "softplus",
    "softsign",
    "sqrt",
    "subtract",
    "tan",
    "tanh",
    "total",
    "trunc",
    "xlogy",
]

# ---- arithmetic --------------------------------------------------------------------------------------------------------------


class Add(Binary):
    """Sum x + y.

    >>> add(2.0, 3.0)
    5.0
    """

    roundings = 1.0
    symbol = "{x} + {y}"
    structure = "sum"
    precedence = SUM

    def forward(self, x: float, y: float) -> float:
        return x + y

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return 1.0


class Subtract(Binary):
    """Difference x - y.

    >>> subtract(2.0, 3.0)
    -1.0
    """

    roundings = 1.0
    symbol = "{x} - {y}"
    precedence = SUM

    def forward(self, x: float, y: float) -> float:
        return x - y

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return -1.0


class Multiply(Binary):
    """Product x * y.

    >>> multiply(2.0, 3.0)
    6.0
    """

    roundings = 1.0
    symbol = "{x} * {y}"
    structure = "product"
    latex = r"{x} \cdot {y}"
    precedence = PRODUCT

    def forward(self, x: float, y: float) -> float:
        return x * y

    def dx(self, x: float, y: float, out: float) -> float:
        return y

    def dy(self, x: float, y: float, out: float) -> float:
        return x


class Divide(Binary):
    """Quotient x / y.

    >>> divide(3.0, 2.0)
    1.5
    """

    roundings = 1.0
    symbol = "{x} / {y}"
    latex = r"\frac{{{x}}}{{{y}}}"
    precedence = PRODUCT
    structure = "quotient"
    domain = (REAL, NONZERO)
    textbook = ("", "-{x} / {y} ** 2")

    def forward(self, x: float, y: float) -> float:
        return x / y

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0 / y

    def dy(self, x: float, y: float, out: float) -> float:
        return -out / y  # -x / (y * y) underflows at y = 1e-200


class Negate(Unary):
    """Opposite -x.

    >>> negate(2.0)
    -2.0
    """

    roundings = 0.0
    symbol = "-{x}"
    precedence = SIGN

    def forward(self, x: float) -> float:
        return -x

    def dx(self, x: float, out: float) -> float:
        return -1.0


class Identity(Unary):
    """The number itself, as a node of its own: a new name for x in a graph.

    >>> identity(2.0)
    2.0
    """

    roundings = 0.0
    symbol = "{x}"

    def write(self, operands: Sequence[Text]) -> Text:
        return operands[0]

    def forward(self, x: float) -> float:
        return x

    def dx(self, x: float, out: float) -> float:
        return 1.0


class Power(Binary):
    """Power x ** y; for x < 0 the exponent must be a whole number, and the derivative in y does not exist.

    >>> power(2.0, 3.0), power(-2.0, 3.0), power(4.0, -0.5)
    (8.0, -8.0, 0.5)
    """

    symbol = "{x} ** {y}"
    latex = r"{x}^{{{y}}}"
    precedence = POWER
    domain = (POSITIVE, REAL)
    special_points = (
        SpecialPoint((0.0, 0.0), (0.0, -inf), (0.0, inf, inf), (0.0, -inf, -inf, -inf)),
        SpecialPoint((0.0, 0.5), (inf, 0.0), (-inf, -inf, 0.0), (inf, inf, inf, 0.0)),
        SpecialPoint((0.0, 1.0), (1.0, 0.0), (0.0, -inf, 0.0), (0.0, inf, inf, 0.0)),
        SpecialPoint((0.0, 2.0), (0.0, 0.0), (2.0, 0.0, 0.0), (0.0, -inf, 0.0, 0.0)),
        SpecialPoint((0.0, 3.0), (0.0, 0.0), (0.0, 0.0, 0.0), (6.0, 0.0, 0.0, 0.0)),
        SpecialPoint((2.0, 0.0), (0.0, m.LN2), (0.0, 0.5, m.LN2**2), (0.0, -0.25, m.LN2, m.LN2**3)),
    )
    advice = "`abs(x)` has a slope where `(x * x) ** 0.5` has none, `x ** 1.5` where `x * x ** 0.5` has none"

    @property
    def requirement(self) -> str:
        return "the base must be positive, or the exponent a whole number that needs no gradient"

    def simplify(self, operands: Sequence[Any]) -> Any:
        x, y = operands
        if not isinstance(y, float):
            return None
        return x if y == 1.0 else x * x if y == 2.0 else x * x * x if y == 3.0 else x * x * (x * x) if y == 4.0 else None

    def forward(self, x: float, y: float) -> float:
        return m.power(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.powerpartial(x, y, 1.0, 0.0)  # y * x ** (y - 1), without rounding y - 1

    def dy(self, x: float, y: float, out: float) -> float:
        return m.powerpartial(x, y, 0.0, 1.0)  # x ** y * log(x), and 0 at 0 ** y


# ---- exponentials and logarithms ---------------------------------------------------------------------------------------------


class Exp(Unary):
    """Exponential e ** x.

    >>> round(exp(1.0), 6), exp(-1000.0)
    (2.718282, 0.0)
    """

    image = NONNEGATIVE
    symbol = "exp({x})"
    latex = r"e^{{{x}}}"

    def forward(self, x: float) -> float:
        return m.exp(x)

    def dx(self, x: float, out: float) -> float:
        return out


class Expm1(Unary):
    """exp(x) - 1, exact near 0.

    >>> expm1(1e-20), exp(1e-20) - 1.0
    (1e-20, 0.0)
    """

    symbol = "expm1({x})"

    def forward(self, x: float) -> float:
        return m.expm1(x)

    def dx(self, x: float, out: float) -> float:
        return m.exp(x)  # out + 1 is 0 at x = -40


class Exp2(Unary):
    """Power of two 2 ** x.

    >>> exp2(3.0), exp2(-1.0)
    (8.0, 0.5)
    """

    image = NONNEGATIVE
    symbol = "exp2({x})"
    latex = r"2^{{{x}}}"
    textbook = ("{out} * log(2)",)

    def forward(self, x: float) -> float:
        return m.exp2(x)

    def dx(self, x: float, out: float) -> float:
        return out * m.LN2


class Log(Unary):
    """Natural logarithm of x.

    >>> log(1.0), log(2.718281828459045)
    (0.0, 1.0)
    """

    symbol = "log({x})"
    latex = r"\ln\left({x}\right)"
    domain = (POSITIVE,)

    def forward(self, x: float) -> float:
        return m.log(x)

    def dx(self, x: float, out: float) -> float:
        return 1.0 / x


class Log2(Unary):
    """Logarithm of x to base 2.

    >>> log2(8.0)
    3.0
    """

    symbol = "log2({x})"
    latex = r"\log_2\left({x}\right)"
    domain = (POSITIVE,)
    textbook = ("1 / ({x} * log(2))",)

    def forward(self, x: float) -> float:
        return m.log2(x)

    def dx(self, x: float, out: float) -> float:
        return m.LOG2E / x


class Log10(Unary):
    """Logarithm of x to base 10.

    >>> log10(1000.0)
    3.0
    """

    symbol = "log10({x})"
    latex = r"\log_{{10}}\left({x}\right)"
    domain = (POSITIVE,)
    textbook = ("1 / ({x} * log(10))",)

    def forward(self, x: float) -> float:
        return m.log10(x)

    def dx(self, x: float, out: float) -> float:
        return m.LOG10E / x


class Log1p(Unary):
    """log(1 + x), exact near 0.

    >>> log1p(1e-20), log(1.0 + 1e-20)
    (1e-20, 0.0)
    """

    symbol = "log1p({x})"
    domain = (Interval(-1.0, inf),)

    def forward(self, x: float) -> float:
        return m.log1p(x)

    def dx(self, x: float, out: float) -> float:
        return 1.0 / (1.0 + x)


class LogAddExp(Binary):
    """log(exp(x) + exp(y)), without overflow.

    >>> logaddexp(1000.0, 1000.0) - 1000.0 == log(2.0)
    False
    >>> round(logaddexp(1000.0, 1000.0) - 1000.0, 9)
    0.693147181
    """

    symbol = "logaddexp({x}, {y})"
    cancels = True
    textbook = ("exp({x} - {out})", "exp({y} - {out})")

    def forward(self, x: float, y: float) -> float:
        return m.logaddexp(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.share(x, y)  # exp(x - out) loses the digits that out has rounded away

    def dy(self, x: float, y: float, out: float) -> float:
        return m.share(y, x)


class Logit(Unary):
    """log(x / (1 - x)), the inverse of the sigmoid, with all digits also near 1/2.

    >>> logit(0.5), round(logit(0.9), 6), round(sigmoid(logit(0.9)), 12)
    (0.0, 2.197225, 0.9)
    """

    symbol = "logit({x})"
    domain = (Interval(0.0, 1.0),)
    textbook = ("1 / ({x} * (1 - {x}))",)

    def forward(self, x: float) -> float:
        return m.logit(x)

    def dx(self, x: float, out: float) -> float:
        return 1.0 / x + 1.0 / (1.0 - x)  # 1 / (x * (1 - x)) has a second derivative that is inf - inf near 0


class Log1mExp(Unary):
    """log(1 - exp(-x)) for x > 0, with all digits near 0 and far out.

    >>> log1mexp(1e-300) == log(1e-300), log1mexp(1000.0)
    (True, -0.0)
    """

    symbol = "log1mexp({x})"
    domain = (POSITIVE,)
    textbook = ("1 / (exp({x}) - 1)",)

    def forward(self, x: float) -> float:
        return m.log1mexp(x)

    def dx(self, x: float, out: float) -> float:
        return m.ratio(m.exp(-x), -m.expm1(-x), 1.0)  # 1 / expm1(x), which overflows


class LogAddExp2(Binary):
    """log2(2 ** x + 2 ** y), without overflow.

    >>> logaddexp2(1000.0, 1000.0)
    1001.0
    """

    symbol = "logaddexp2({x}, {y})"
    cancels = True
    textbook = ("2 ** ({x} - {out})", "2 ** ({y} - {out})")

    def forward(self, x: float, y: float) -> float:
        return m.logaddexp2(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.share2(x, y)

    def dy(self, x: float, y: float, out: float) -> float:
        return m.share2(y, x)


class XLogY(Binary):
    """x * log(y), and 0 at x = 0 whatever y: one term of an entropy.

    A composition with `where` would give the derivative 0 instead of log(y) at x = 0.

    >>> xlogy(0.0, 0.0), xlogy(2.0, 1.0)
    (0.0, 0.0)
    """

    symbol = "{x} * log({y})"
    latex = r"{x} \ln\left({y}\right)"
    precedence = PRODUCT
    domain = (REAL, POSITIVE)
    special_points = (SpecialPoint((0.0, 0.0), (-inf, 0.0), (0.0, inf, 0.0), (0.0, 0.0, -inf, 0.0)),)

    def forward(self, x: float, y: float) -> float:
        return m.xlogy(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.logpole(y)

    def dy(self, x: float, y: float, out: float) -> float:
        return m.ratio(x, y, 1.0)


class Gaussian(Unary):
    """The bell curve exp(-x * x), with all digits in the tails.

    >>> gaussian(0.0), round(gaussian(1.0), 6)
    (1.0, 0.367879)
    """

    image = NONNEGATIVE
    symbol = "gaussian({x})"
    latex = r"e^{{-\left({x}\right)^2}}"
    textbook = ("-2 * {x} * {out}",)

    def forward(self, x: float) -> float:
        return m.gaussian(x)

    def dx(self, x: float, out: float) -> float:
        return -2.0 * m.moment(x, 1.0)  # x * out is inf * 0 at infinity


# ---- roots and distances -----------------------------------------------------------------------------------------------------


class Sqrt(Unary):
    """Square root of x.

    The derivative at 0 is inf.

    >>> sqrt(9.0), sqrt(2.0)
    (3.0, 1.4142135623730951)
    """

    roundings = 1.0
    image = NONNEGATIVE
    symbol = "sqrt({x})"
    latex = r"\sqrt{{{x}}}"
    domain = (NONNEGATIVE,)
    special_points = (SpecialPoint((0.0,), (inf,), (-inf,), (inf,)),)
    advice = "`abs(x)` has a slope where `sqrt(x * x)` has none, `norm` where `sqrt(x * x + y * y)` has none, `x ** 1.5` where \
`x * sqrt(x)` has none"
    textbook = ("1 / (2 * {out})",)

    def forward(self, x: float) -> float:
        return m.sqrt(x)

    def dx(self, x: float, out: float) -> float:
        return m.slope(0.5, out)


class Cbrt(Unary):
    """Cube root of x, of any sign.

    The derivative at 0 is inf.

    >>> cbrt(-8.0)
    -2.0
    """

    symbol = "cbrt({x})"
    latex = r"\sqrt[3]{{{x}}}"
    special_points = (SpecialPoint((0.0,), (inf,), (0.0,), (inf,)),)  # the middle of -inf and inf is 0
    textbook = ("1 / (3 * {out} ** 2)",)

    def forward(self, x: float) -> float:
        return m.cbrt(x)

    def dx(self, x: float, out: float) -> float:
        return m.rootpower(x, 1.0) / 3.0


class Hypot(Binary):
    """Distance sqrt(x * x + y * y) from the origin.

    Without overflow on the way; both derivatives at the origin are 0.

    >>> hypot(3.0, 4.0)
    5.0
    """

    image = NONNEGATIVE
    symbol = "hypot({x}, {y})"
    latex = r"\sqrt{{\left({x}\right)^2 + \left({y}\right)^2}}"
    special_points = (SpecialPoint((0.0, 0.0), (0.0, 0.0)),)  # the subgradient of least norm, as for abs
    textbook = ("{x} / {out}", "{y} / {out}")

    def forward(self, x: float, y: float) -> float:
        return m.hypot(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.polar(x, y, 1.0, 0.0, 1.0)  # x / out

    def dy(self, x: float, y: float, out: float) -> float:
        return m.polar(x, y, 0.0, 1.0, 1.0)


class Norm(Nary):
    """The Euclidean length of the vector `values`, without overflow or underflow on the way; its derivative at 0 is 0.

    >>> norm([2e200, 3e200, 6e200])
    7e+200
    """

    image = NONNEGATIVE
    symbol = "norm({operands})"
    special_points = (SpecialPoint((0.0,), (0.0,)), SpecialPoint((0.0, 0.0), (0.0, 0.0)))  # as for hypot
    latex = r"\left\lVert {operands} \right\rVert"

    def __call__(self, values: Sequence[Any]) -> Any:
        if not len(values):
            raise ValueError("norm requires at least one value")
        return self.of(list(values))

    def forward(self, values: list[float]) -> float:
        size = m.largest([m.abs(x) for x in values])
        scale = m.where(m.equal(size, 0.0), 1.0, m.where(m.equal(size - size, 0.0), size, 1.0))
        parts = [x / scale for x in values]  # x * x alone over- and underflows
        return scale * m.sqrt(m.total([part * part for part in parts]))

    def partials(self, values: list[float], out: float) -> list[float]:
        return [m.slope(x, out) for x in values]


# ---- circular functions ------------------------------------------------------------------------------------------------------


class Sin(Unary):
    """Sine of x radians.

    >>> sin(0.0), sin(1.5707963267948966)
    (0.0, 1.0)
    """

    symbol = "sin({x})"
    latex = r"\sin\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.sin(x)

    def dx(self, x: float, out: float) -> float:
        return m.cos(x)


class Cos(Unary):
    """Cosine of x radians.

    >>> cos(0.0), cos(3.141592653589793)
    (1.0, -1.0)
    """

    symbol = "cos({x})"
    latex = r"\cos\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.cos(x)

    def dx(self, x: float, out: float) -> float:
        return -m.sin(x)


class Tan(Unary):
    """Tangent of x radians.

    >>> tan(0.0), round(tan(0.7853981633974483), 12)
    (0.0, 1.0)
    """

    symbol = "tan({x})"
    latex = r"\tan\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.tan(x)

    def dx(self, x: float, out: float) -> float:
        return 1.0 + out * out


class Asin(Unary):
    """Arc sine of x, in radians.

    >>> asin(0.0), asin(1.0) * 2.0
    (0.0, 3.141592653589793)
    """

    symbol = "asin({x})"
    latex = r"\arcsin\left({x}\right)"
    domain = (Interval(-1.0, 1.0, closed_low=True, closed_high=True),)
    special_points = (SpecialPoint((-1.0,), (inf,), (-inf,), (inf,)), SpecialPoint((1.0,), (inf,), (inf,), (inf,)))

    def forward(self, x: float) -> float:
        return m.asin(x)

    def dx(self, x: float, out: float) -> float:
        return m.quadric(x, 1.0, -1.0, 0.5, 0.0)  # 1 / sqrt(1 - x * x), which cancels near 1


class Acos(Unary):
    """Arc cosine of x, in radians.

    >>> acos(1.0), acos(-1.0)
    (0.0, 3.141592653589793)
    """

    symbol = "acos({x})"
    latex = r"\arccos\left({x}\right)"
    domain = (Interval(-1.0, 1.0, closed_low=True, closed_high=True),)
    special_points = (SpecialPoint((-1.0,), (-inf,), (inf,), (-inf,)), SpecialPoint((1.0,), (-inf,), (-inf,), (-inf,)))

    def forward(self, x: float) -> float:
        return m.acos(x)

    def dx(self, x: float, out: float) -> float:
        return -m.quadric(x, 1.0, -1.0, 0.5, 0.0)


class Atan(Unary):
    """Arc tangent of x, in radians.

    >>> atan(0.0), atan(1.0) * 4.0
    (0.0, 3.141592653589793)
    """

    symbol = "atan({x})"
    latex = r"\arctan\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.atan(x)

    def dx(self, x: float, out: float) -> float:
        return m.quadric(x, 1.0, 1.0, 1.0, 0.0)  # 1 / (1 + x * x), which overflows on the way at 1e155


class Atan2(Binary):
    """The angle of the point (y, x), as atan(x / y) in the right quadrant: the first operand is the ordinate, as in `math.atan2`.

    At the origin the angle and both derivatives are 0.

    >>> atan2(0.0, 1.0), atan2(1.0, 0.0) * 2.0, atan2(0.0, -1.0)
    (0.0, 3.141592653589793, 3.141592653589793)
    """

    symbol = "atan2({x}, {y})"
    special_points = (SpecialPoint((0.0, 0.0), (0.0, 0.0)),)
    textbook = ("{y} / ({x} ** 2 + {y} ** 2)", "-{x} / ({x} ** 2 + {y} ** 2)")

    def forward(self, x: float, y: float) -> float:
        return m.atan2(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.polar(x, y, 0.0, 1.0, 2.0)  # y / (x * x + y * y), which over- and underflows at 1e200 and 1e-200

    def dy(self, x: float, y: float, out: float) -> float:
        return -m.polar(x, y, 1.0, 0.0, 2.0)


class Sinc(Unary):
    """sin(pi * x) / (pi * x), and 1 at 0: NumPy's, whose zeros are the whole numbers.

    >>> sinc(0.0), sinc(0.5) == 2.0 / 3.141592653589793, sinc(2.0)
    (1.0, True, 0.0)
    """

    symbol = "sinc({x})"
    textbook = ("(cos(pi * {x}) - {out}) / {x}",)

    def forward(self, x: float) -> float:
        return m.sincslope(x, 0.0)

    def dx(self, x: float, out: float) -> float:
        return m.sincslope(x, 1.0)


# ---- hyperbolic functions ----------------------------------------------------------------------------------------------------


class Sinh(Unary):
    """Hyperbolic sine of x.

    >>> sinh(0.0), round(sinh(1.0), 6)
    (0.0, 1.175201)
    """

    symbol = "sinh({x})"
    latex = r"\sinh\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.sinh(x)

    def dx(self, x: float, out: float) -> float:
        return m.cosh(x)


class Cosh(Unary):
    """Hyperbolic cosine of x.

    >>> cosh(0.0), round(cosh(1.0), 6)
    (1.0, 1.543081)
    """

    image = NONNEGATIVE
    symbol = "cosh({x})"
    latex = r"\cosh\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.cosh(x)

    def dx(self, x: float, out: float) -> float:
        return m.sinh(x)


class Sech(Unary):
    """Hyperbolic secant 1 / cosh(x), without overflow.

    >>> sech(0.0), sech(1000.0)
    (1.0, 0.0)
    """

    image = NONNEGATIVE
    symbol = "sech({x})"

    def forward(self, x: float) -> float:
        return m.sech(x)

    def dx(self, x: float, out: float) -> float:
        return -out * m.tanh(x)


class Tanh(Unary):
    """Hyperbolic tangent of x.

    >>> round(tanh(0.5), 6), tanh(20.0)
    (0.462117, 1.0)
    """

    symbol = "tanh({x})"
    latex = r"\tanh\left({x}\right)"
    textbook = ("1 - {out} ** 2",)

    def forward(self, x: float) -> float:
        return m.tanh(x)

    def dx(self, x: float, out: float) -> float:
        secant = m.sech(x)  # 1 - out * out is 0 from x = 20 on
        return secant * secant


class Asinh(Unary):
    """Inverse hyperbolic sine of x.

    >>> asinh(0.0), round(asinh(sinh(1.0)), 12)
    (0.0, 1.0)
    """

    symbol = "asinh({x})"

    def forward(self, x: float) -> float:
        return m.asinh(x)

    def dx(self, x: float, out: float) -> float:
        return m.quadric(x, 1.0, 1.0, 0.5, 0.0)


class Acosh(Unary):
    """Inverse hyperbolic cosine of x.

    >>> acosh(1.0), round(acosh(cosh(1.0)), 12)
    (0.0, 1.0)
    """

    symbol = "acosh({x})"
    domain = (Interval(1.0, inf, closed_low=True),)
    special_points = (SpecialPoint((1.0,), (inf,), (-inf,), (inf,)),)

    def forward(self, x: float) -> float:
        return m.acosh(x)

    def dx(self, x: float, out: float) -> float:
        return m.quadric(x, -1.0, 1.0, 0.5, 0.0)


class Atanh(Unary):
    """Inverse hyperbolic tangent of x.

    >>> atanh(0.0), round(atanh(0.5) * 2.0, 6)
    (0.0, 1.098612)
    """

    symbol = "atanh({x})"
    domain = (Interval(-1.0, 1.0),)

    def forward(self, x: float) -> float:
        return m.atanh(x)

    def dx(self, x: float, out: float) -> float:
        return m.quadric(x, 1.0, -1.0, 1.0, 0.0)


# ---- error function and activations ------------------------------------------------------------------------------------------


class Erf(Unary):
    """Error function: 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x.

    >>> erf(0.0), round(erf(1.0), 6)
    (0.0, 0.842701)

    Source: NIST Digital Library of Mathematical Functions, 7.2.1.
    """

    symbol = "erf({x})"
    textbook = ("2 / sqrt(pi) * exp(-{x} ** 2)",)

    def forward(self, x: float) -> float:
        return m.erf(x)

    def dx(self, x: float, out: float) -> float:
        return m.TWO_OVER_ROOT_PI * m.gaussian(x)


class Erfc(Unary):
    """Complementary error function 1 - erf(x), with all digits in the right tail.

    >>> f"{erfc(10.0):.6e}", 1.0 - erf(10.0)
    ('2.088488e-45', 0.0)

    Source: NIST Digital Library of Mathematical Functions, 7.2.2.
    """

    image = NONNEGATIVE
    symbol = "erfc({x})"
    textbook = ("-2 / sqrt(pi) * exp(-{x} ** 2)",)

    def forward(self, x: float) -> float:
        return m.erfc(x)

    def dx(self, x: float, out: float) -> float:
        return -m.TWO_OVER_ROOT_PI * m.gaussian(x)


class Sigmoid(Unary):
    """Logistic function 1 / (1 + exp(-x)).

    >>> sigmoid(0.0), round(sigmoid(2.0), 6), sigmoid(-1000.0)
    (0.5, 0.880797, 0.0)
    """

    image = Interval(0.0, 1.0, closed_low=True, closed_high=True)
    symbol = "sigmoid({x})"
    latex = r"\sigma\left({x}\right)"
    textbook = ("{out} * (1 - {out})",)

    def forward(self, x: float) -> float:
        return m.sigmoid(x)

    def dx(self, x: float, out: float) -> float:
        return out * m.sigmoid(-x)  # out * (1 - out) is 0 from x = 37 on


class Softplus(Unary):
    """log(1 + exp(x)), the smooth relu.

    >>> softplus(1000.0), softplus(-1000.0)
    (1000.0, 0.0)

    Source: Dugas, Bengio, Belisle, Nadeau & Garcia, "Incorporating second-order functional knowledge for better option pricing",
        NIPS 13 (2000).
    """

    image = NONNEGATIVE
    symbol = "softplus({x})"

    def forward(self, x: float) -> float:
        return m.softplus(x)

    def dx(self, x: float, out: float) -> float:
        return m.sigmoid(x)


class Relu(Unary):
    """Rectified linear unit: x where x > 0, else 0.

    The derivative at 0 is 0.

    >>> relu(2.0), relu(-2.0)
    (2.0, 0.0)

    Source: Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
    """

    roundings = 0.0
    image = NONNEGATIVE
    symbol = "relu({x})"
    special_points = (SpecialPoint((0.0,), (0.0,)),)
    smooth = False
    textbook = ("1 if {x} > 0 else 0",)

    def forward(self, x: float) -> float:
        return m.maximum(x, 0.0)

    def dx(self, x: float, out: float) -> float:
        return m.where(m.less(0.0, x), 1.0, 0.0 * out)  # 0, and nan where x is nan


class Softsign(Unary):
    """x / (1 + |x|): as tanh, with slower tails.

    >>> softsign(-1.0), softsign(9.0)
    (-0.5, 0.9)

    Source: Turian, Bergstra & Bengio, "Quadratic features and deep architectures for chunking", NAACL 2009.
    """

    symbol = "softsign({x})"
    special_points = (SpecialPoint((0.0,), (1.0,), (0.0,), (6.0,)),)  # the second derivative jumps from 2 to -2

    def forward(self, x: float) -> float:
        return m.softsign(x)

    def dx(self, x: float, out: float) -> float:
        return m.softslope(x, 2.0)  # the slope of the quotient cancels from 1e8 on


# ---- the gamma function and the normal distribution ---------------------------------------------------------------------------


class GammaLn(Unary):
    """The logarithm of the gamma function for x > 0, which is (x - 1)! where x is whole.

    >>> gammaln(1.0), gammaln(2.0), gammaln(6.0) == log(120.0)
    (0.0, 0.0, True)

    Source: NIST Digital Library of Mathematical Functions, 5.2.1; far out 5.11.1.
    """

    symbol = "gammaln({x})"
    latex = r"\ln\Gamma\left({x}\right)"
    domain = (POSITIVE,)

    def forward(self, x: float) -> float:
        return m.gammaln(x)

    def dx(self, x: float, out: float) -> float:
        return m.digamma(x)


class Digamma(Unary):
    """The derivative of gammaln at x > 0.

    >>> digamma(2.0) - digamma(1.0)
    1.0

    Source: NIST Digital Library of Mathematical Functions, 5.2.2; far out 5.11.2.
    """

    roundings = 10.0
    symbol = "digamma({x})"
    latex = r"\psi\left({x}\right)"
    domain = (POSITIVE,)

    def forward(self, x: float) -> float:
        return m.digamma(x)

    def dx(self, x: float, out: float) -> float:
        return m.polygamma(x, 1.0)


class BetaLn(Binary):
    """The logarithm of the beta function: gammaln(x) + gammaln(y) - gammaln(x + y), with the digits that this loses.

    >>> abs(betaln(1.0, 4.0) + log(4.0)) < 1e-15
    True

    Source: NIST Digital Library of Mathematical Functions, 5.12.1.
    """

    roundings = 10.0
    symbol = "betaln({x}, {y})"
    latex = r"\ln\mathrm{{B}}\left({x}, {y}\right)"
    domain = (POSITIVE, POSITIVE)
    cancels = True

    def forward(self, x: float, y: float) -> float:
        return m.betaln(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.polygammastep(x, y, 0.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return m.polygammastep(y, x, 0.0)


class Erfinv(Unary):
    """The number whose error function is x.

    >>> round(erfinv(0.5), 6), round(erf(erfinv(0.5)), 12)
    (0.476936, 0.5)

    Source: NIST Digital Library of Mathematical Functions, 7.17.1.
    """

    roundings = 10.0
    symbol = "erfinv({x})"
    latex = r"\operatorname{{erf}}^{{-1}}\left({x}\right)"
    domain = (Interval(-1.0, 1.0),)
    textbook = ("sqrt(pi) / 2 * exp({out} ** 2)",)

    def forward(self, x: float) -> float:
        return m.erfinv(x)

    def dx(self, x: float, out: float) -> float:
        return m.erfinvslope(x)


class Norm_CDF(Unary):
    """The probability that a standard normal variable is below x.

    >>> norm_cdf(0.0), round(norm_cdf(1.96), 6)
    (0.5, 0.975002)
    """

    symbol = "norm_cdf({x})"
    latex = r"\Phi\left({x}\right)"
    textbook = ("exp(-{x} ** 2 / 2) / sqrt(2 * pi)",)

    def forward(self, x: float) -> float:
        return m.norm_cdf(x)

    def dx(self, x: float, out: float) -> float:
        return m.bell(x, 0.0)


class Norm_PPF(Unary):
    """The number that a standard normal variable is below with probability x: the inverse of norm_cdf.

    >>> norm_ppf(0.5), round(norm_ppf(0.975), 6)
    (0.0, 1.959964)
    """

    roundings = 10.0
    symbol = "norm_ppf({x})"
    latex = r"\Phi^{{-1}}\left({x}\right)"
    domain = (Interval(0.0, 1.0),)
    textbook = ("sqrt(2 * pi) * exp({out} ** 2 / 2)",)

    def forward(self, x: float) -> float:
        return m.norm_ppf(x)

    def dx(self, x: float, out: float) -> float:
        return m.ppfslope(x)


class Log_NDTR(Unary):
    """log(norm_cdf(x)), without underflow on the left or loss of digits on the right.

    >>> log_ndtr(0.0) == log(0.5), log_ndtr(1e3)
    (True, -0.0)
    """

    symbol = "log_ndtr({x})"
    latex = r"\ln\Phi\left({x}\right)"

    def forward(self, x: float) -> float:
        return m.log_ndtr(x)

    def dx(self, x: float, out: float) -> float:
        return m.hazard(x)


# ---- kinks and steps ---------------------------------------------------------------------------------------------------------


class Abs(Unary):
    """Absolute value of x.

    The derivative at 0 is 0, the middle of -1 and 1.

    >>> abs(-2.0), abs(2.0)
    (2.0, 2.0)
    """

    roundings = 0.0
    image = NONNEGATIVE
    symbol = "abs({x})"
    latex = r"\left|{x}\right|"
    special_points = (SpecialPoint((0.0,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.abs(x)

    def dx(self, x: float, out: float) -> float:
        return m.sign(x)


class Sign(Unary):
    """-1, 0 or 1 as x is below, at or above zero.

    The derivative is 0 everywhere, also where it jumps.

    >>> sign(-2.0), sign(0.0), sign(3.0)
    (-1.0, 0.0, 1.0)
    """

    roundings = 0.0
    symbol = "sign({x})"
    special_points = (SpecialPoint((0.0,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.sign(x)

    def dx(self, x: float, out: float) -> float:
        return 0.0


class Floor(Unary):
    """The largest whole number not above x.

    The derivative is 0 everywhere, also where it jumps.

    >>> floor(2.5), floor(-2.5)
    (2.0, -3.0)
    """

    roundings = 0.0
    symbol = "floor({x})"
    latex = r"\left\lfloor {x} \right\rfloor"
    special_points = (SpecialPoint((1.0,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.floor(x)

    def dx(self, x: float, out: float) -> float:
        return 0.0


class Ceil(Unary):
    """The smallest whole number not below x.

    The derivative is 0 everywhere, also where it jumps.

    >>> ceil(2.5), ceil(-2.5)
    (3.0, -2.0)
    """

    roundings = 0.0
    symbol = "ceil({x})"
    latex = r"\left\lceil {x} \right\rceil"
    special_points = (SpecialPoint((1.0,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.ceil(x)

    def dx(self, x: float, out: float) -> float:
        return 0.0


class Fmod(Binary):
    """The remainder of x / y with the sign of x, as `math.fmod`.

    >>> fmod(7.0, 3.0), fmod(-7.0, 3.0)
    (1.0, -1.0)
    """

    roundings = 0.0
    symbol = "fmod({x}, {y})"
    domain = (REAL, NONZERO)
    special_points = (SpecialPoint((6.0, 3.0), (1.0, -2.0)),)
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return m.fmod(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return -m.floor((x - out) / y + 0.5)  # the whole quotient; x / y may round up to the next one


class Trunc(Unary):
    """x without its decimals: the whole number next to it on the side of 0.

    The derivative is 0 everywhere, also where it jumps.

    >>> trunc(2.5), trunc(-2.5)
    (2.0, -2.0)
    """

    roundings = 0.0
    symbol = "trunc({x})"
    special_points = (SpecialPoint((1.0,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.trunc(x)

    def dx(self, x: float, out: float) -> float:
        return 0.0


class Rint(Unary):
    """The whole number nearest to x, and of two the even one: what Python's `round(value)` records.

    The derivative is 0 everywhere, also where it jumps.

    >>> rint(2.5), rint(3.5)
    (2.0, 4.0)
    """

    roundings = 0.0
    symbol = "rint({x})"
    special_points = (SpecialPoint((0.5,), (0.0,)),)
    smooth = False

    def forward(self, x: float) -> float:
        return m.rint(x)

    def dx(self, x: float, out: float) -> float:
        return 0.0


class Mod(Binary):
    """The remainder of x / y with the sign of y: Python's `x % y`.

    >>> mod(-7.0, 3.0), mod(7.0, -3.0)
    (2.0, -2.0)
    """

    symbol = "{x} % {y}"
    latex = r"{x} \bmod {y}"
    precedence = PRODUCT
    domain = (REAL, NONZERO)
    special_points = (SpecialPoint((6.0, 3.0), (1.0, -2.0)),)
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return m.mod(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return -m.floor((x - out) / y + 0.5)  # the whole quotient, as for fmod


class Floor_Divide(Binary):
    """The largest whole number not above x / y: Python's `x // y`.

    >>> floor_divide(-7.0, 3.0), floor_divide(1.0, 0.1)
    (-3.0, 9.0)
    """

    symbol = "{x} // {y}"
    latex = r"\left\lfloor \frac{{{x}}}{{{y}}} \right\rfloor"
    precedence = PRODUCT
    domain = (REAL, NONZERO)
    special_points = (SpecialPoint((6.0, 3.0), (0.0, 0.0)),)
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return m.floor_divide(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 0.0

    def dy(self, x: float, y: float, out: float) -> float:
        return 0.0


class Remainder(Binary):
    """x minus the multiple of y that is nearest, and of two the even one, as `math.remainder`; Python's `%` is `mod`.

    >>> remainder(7.0, 4.0), remainder(6.0, 4.0)
    (-1.0, -2.0)
    """

    roundings = 0.0
    symbol = "remainder({x}, {y})"
    domain = (REAL, NONZERO)
    special_points = (SpecialPoint((2.0, 4.0), (1.0, 0.0)), SpecialPoint((6.0, 4.0), (1.0, -2.0)))
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return m.remainder(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0

    def dy(self, x: float, y: float, out: float) -> float:
        return -m.floor((x - out) / y + 0.5)


class Copysign(Binary):
    """The size of x with the sign of y, also of 0.0 and -0.0.

    >>> copysign(2.0, -3.0), copysign(2.0, -0.0)
    (-2.0, -2.0)
    """

    roundings = 0.0
    symbol = "copysign({x}, {y})"
    special_points = (SpecialPoint((0.0, 1.0), (0.0, 0.0)), SpecialPoint((2.0, 0.0), (1.0, 0.0)))
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return m.copysign(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.sign(x) * m.copysign(1.0, y)

    def dy(self, x: float, y: float, out: float) -> float:
        return 0.0


class Maximum(Binary):
    """The larger of x and y.

    Where they are equal each has half of the derivative.

    >>> maximum(2.0, 3.0), maximum(-1.0, -2.0)
    (3.0, -1.0)
    """

    roundings = 0.0
    symbol = "maximum({x}, {y})"
    latex = r"\max\left({x}, {y}\right)"
    special_points = (SpecialPoint((1.0, 1.0), (0.5, 0.5)),)
    smooth = False
    structure = "greatest"

    def forward(self, x: float, y: float) -> float:
        return m.maximum(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.wins(x, y)

    def dy(self, x: float, y: float, out: float) -> float:
        return m.wins(y, x)


class Minimum(Binary):
    """The smaller of x and y.

    Where they are equal each has half of the derivative.

    >>> minimum(2.0, 3.0), minimum(-1.0, -2.0)
    (2.0, -2.0)
    """

    roundings = 0.0
    symbol = "minimum({x}, {y})"
    latex = r"\min\left({x}, {y}\right)"
    special_points = (SpecialPoint((1.0, 1.0), (0.5, 0.5)),)
    smooth = False

    def forward(self, x: float, y: float) -> float:
        return -m.maximum(-x, -y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.wins(y, x)

    def dy(self, x: float, y: float, out: float) -> float:
        return m.wins(x, y)


class Clamp(Nary):
    """x kept between low and high: low where x < low, high where x > high.

    The derivative in x at low and at high is 1, as between them.

    >>> clamp(5.0, 0.0, 1.0), clamp(0.5, 0.0, 1.0), clamp(-5.0, 0.0, 1.0)
    (1.0, 0.5, 0.0)
    """

    roundings = 0.0
    symbol = "clamp({operands})"
    arity = 3
    special_points = (
        SpecialPoint((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        SpecialPoint((1.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        SpecialPoint((1.0, 1.0, 1.0), (1.0, 0.0, 0.0)),
    )
    smooth = False
    parameters = "x, low, high"

    def __call__(self, x: Any, low: Any, high: Any) -> Any:  # type: ignore[override]
        return self.of([x, low, high])

    def forward(self, values: list[float]) -> float:
        x, low, high = values
        kept = m.where(m.less(x, low), low, m.where(m.less(high, x), high, x))
        return m.where(m.equal(low, low), m.where(m.equal(high, high), kept, high), low)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, low, high = values
        below = m.where(m.less(x, low), 1.0, 0.0)
        above = m.where(m.less(x, low), 0.0, m.where(m.less(high, x), 1.0, 0.0))
        known = m.where(m.equal(out, out), 1.0, nan)
        return [known - below - above, known * below, known * above]


# ---- many operands -----------------------------------------------------------------------------------------------------------


class Total(Nary):
    """The sum of any number of `values`, as one node, rounded once.

    >>> total([0.1] * 10)
    1.0
    """

    roundings = 1.0
    symbol = "total({operands})"
    structure = "sum"

    def forward(self, values: list[float]) -> float:
        return m.total(values)

    def partials(self, values: list[float], out: float) -> list[float]:
        return [1.0] * len(values)


class Dot(Nary):
    """bias + w0 * x0 + w1 * x1 + ..., added in this order, as one node.

    The operands are listed as bias, weights, inputs; without a bias they are an even number.

    >>> dot([1.0, 2.0], [3.0, 4.0], bias=0.5), dot([1.0, 2.0], [3.0, 4.0])
    (11.5, 11.0)
    """

    symbol = "dot({operands})"
    structure = "inner product"
    counts = (1, 3, 6, 7)
    cancels = True
    parameters = "weights, inputs, bias="

    def __call__(self, weights: Sequence[Any], inputs: Sequence[Any], bias: Any = None) -> Any:  # type: ignore[override]
        if len(weights) != len(inputs):
            raise ValueError(f"dot needs as many weights as inputs, got {len(weights)} weights and {len(inputs)} inputs")
        first = bias if bias is not None or not isinstance(weights, list | tuple) or not weights else weights[0]
        if isinstance(first, Recorder):
            return first.record_products(self, bias, weights, inputs)
        return self.of([*weights, *inputs] if bias is None else [bias, *weights, *inputs])

    def write(self, operands: Sequence[Text]) -> Text:
        count, first = divmod(len(operands), 2)
        pairs = zip(operands[first : first + count], operands[first + count :], strict=True)
        terms = [multiply.write(pair) for pair in pairs]
        shown = terms if count <= 4 else [*terms[:2], Text(f"... {count - 3} more ...", PRODUCT), terms[-1]]
        return Text(" + ".join(term.text for term in [*operands[:first], *shown]) or "0", SUM)

    def forward(self, values: list[float]) -> float:
        if not values:
            return 0.0
        count, first = len(values) // 2, len(values) % 2
        out = values[0] if first else -0.0  # -0.0 + y is y, also for y = -0.0
        for index in range(first, first + count):
            out = out + values[index] * values[index + count]
        return out

    def partials(self, values: list[float], out: float) -> list[float]:
        count, first = len(values) // 2, len(values) % 2
        weights, inputs = values[first : first + count], values[first + count :]
        return [1.0, *inputs, *weights] if first else [*inputs, *weights]


class LogSumExp(Nary):
    """log(exp(x1) + exp(x2) + ...) of the list `values`, without overflow.

    >>> round(logsumexp([1000.0, 1000.0]), 6), logsumexp([0.0, -1000.0])
    (1000.693147, 0.0)

    Source: Blanchard, Higham & Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of Numerical
        Analysis 41 (2021).
    """

    symbol = "logsumexp({operands})"
    cancels = True
    textbook = ("exp({x} - {out})",)

    def forward(self, values: list[float]) -> float:
        top = m.largest(values)
        # log1p of the sum without the 1 of the largest: where one operand towers over the others, log(1 + tiny) would be 0.
        return top + m.log1p(m.others([m.expdifference(x, top) for x in values]))

    def partials(self, values: list[float], out: float) -> list[float]:
        top = m.largest(values)
        return m.shares([m.expdifference(x, top) for x in values])  # exp(x - out) loses the digits that out has rounded away


# ---- helpers that only rules call --------------------------------------------------------------------------------------------


class Slope(Binary):
    """rise / run where a run of 0 means a vertical tangent: inf with the sign of rise, and 0 / 0 = 0."""

    symbol = "{x} / {y}"
    latex = r"\frac{{{x}}}{{{y}}}"
    precedence = PRODUCT
    special_points = (SpecialPoint((0.0, 0.0), (0.0, 0.0)), SpecialPoint((1.0, 0.0), (inf, -inf)))
    public = False

    def forward(self, x: float, y: float) -> float:
        return m.slope(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.where(m.equal(x, 0.0), m.where(m.equal(y, 0.0), 0.0, m.slope(1.0, y)), m.slope(1.0, y))

    def dy(self, x: float, y: float, out: float) -> float:
        return m.slope(-out, y)


class LogPole(Unary):
    """log(x), and -inf at x = 0."""

    domain = (POSITIVE,)
    special_points = (SpecialPoint((0.0,), (inf,)),)
    public = False

    def write(self, operands: Sequence[Text]) -> Text:
        return log.write(operands)

    def forward(self, x: float) -> float:
        return m.logpole(x)

    def dx(self, x: float, out: float) -> float:
        return m.ratio(1.0, x, 1.0)


class Ratio(Nary):
    """x / y ** n, where x = 0 wins over the pole at y = 0."""

    domain = (REAL, NONZERO)
    arity = 3
    orders = ((1.0,), (2.0,), (3.0,))
    public = False
    parameters = "x, y, n"

    def __call__(self, x: Any, y: Any, n: Any) -> Any:  # type: ignore[override]
        return self.of([x, y, n])

    def simplify(self, operands: Sequence[Any]) -> Any:
        x, y, n = operands
        return slope(x, y) if n == 1.0 else None

    def write(self, operands: Sequence[Text]) -> Text:
        x, y, n = operands
        return divide.write([x, _raised(y, n)])

    def forward(self, values: list[float]) -> float:
        x, y, n = values
        return m.ratio(x, y, n)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, y, n = values
        return [m.ratio(1.0, y, n), -n * m.ratio(x, y, n + 1.0), nan]


class PowerPartial(Nary):
    """The derivative of x ** y, n times in x and k times in y."""

    symbol = "powerpartial({operands})"
    domain = (POSITIVE, REAL)
    arity = 4
    orders = ((1.0, 0.0), (0.0, 1.0))
    public = False
    parameters = "x, y, n, k"

    def __call__(self, x: Any, y: Any, n: Any, k: Any) -> Any:  # type: ignore[override]
        return self.of([x, y, n, k])

    def simplify(self, operands: Sequence[Any]) -> Any:
        x, y, n, k = operands
        if k != 0.0 or not isinstance(y, float) or y != m.floor(y) or not n <= y <= 64.0:
            return None
        factor = 1.0  # a polynomial: no pole at 0, nothing lost in y - n
        for i in range(int(n)):
            factor *= y - i
        return factor if y == n else factor * power(x, y - n)

    def write(self, operands: Sequence[Text]) -> Text:
        x, y, n, k = operands
        if (n.text, k.text) == ("0", "1"):
            return multiply.write([power.write([x, y]), log.write([x])])
        if (n.text, k.text) == ("1", "0"):
            return multiply.write([y, power.write([x, subtract.write([y, n])])])
        if (n.text, k.text) == ("2", "0"):
            first = subtract.write([y, Text("1", ATOM)])
            return multiply.write([multiply.write([y, first]), power.write([x, subtract.write([y, n])])])
        return super().write(operands)

    def forward(self, values: list[float]) -> float:
        x, y, n, k = values
        return m.powerpartial(x, y, n, k)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, y, n, k = values
        return [m.powerpartial(x, y, n + 1.0, k), m.powerrate(x, y, n, k), nan, nan]


class Moment(Binary):
    """x ** n * exp(-x * x)."""

    orders = ((0.0,), (1.0,), (2.0,))
    public = False
    parameters = "x, n"

    def write(self, operands: Sequence[Text]) -> Text:
        x, n = operands
        return _product(_raised(x, n), gaussian.write([x]))

    def forward(self, x: float, y: float) -> float:
        return m.moment(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return y * m.moment(x, m.maximum(y - 1.0, 0.0)) - 2.0 * m.moment(x, y + 1.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class RootPower(Binary):
    """cbrt(x) / x ** n: the derivatives of the cube root; where they go to opposite infinities at 0 they are 0 there."""

    roundings = 10.0
    domain = (NONZERO, REAL)
    orders = ((1.0,), (2.0,))
    public = False
    parameters = "x, n"

    def write(self, operands: Sequence[Text]) -> Text:
        x, n = operands
        return divide.write([cbrt.write([x]), _raised(x, n)])

    def forward(self, x: float, y: float) -> float:
        return m.rootpower(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return (1.0 - 3.0 * y) * m.rootpower(x, y + 1.0) / 3.0

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class SoftSlope(Binary):
    """1 / (1 + |x|) ** n, with the sign of x where n is odd: the derivatives of softsign."""

    domain = (NONZERO, REAL)
    orders = ((2.0,), (3.0,))
    smooth = False
    public = False
    parameters = "x, n"

    def write(self, operands: Sequence[Text]) -> Text:
        x, n = operands
        one = type(x)("1", ATOM)
        size = power.write([add.write([one, abs.write([x])]), n])
        return divide.write([one if n.text == "2" else power.write([sign.write([x]), n]), size])

    def forward(self, x: float, y: float) -> float:
        return m.softslope(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return -y * m.softslope(x, y + 1.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class Polar(Nary):
    """x ** i * y ** j / hypot(x, y) ** n: the derivatives of the distance and of the angle; 0 at the origin."""

    arity = 5
    orders = ((1.0, 0.0, 1.0), (0.0, 1.0, 1.0))
    domain = (Interval(-1e300, 1e300, hole=0.0), Interval(-1e300, 1e300, hole=0.0))
    public = False
    parameters = "x, y, i, j, n"

    def __call__(self, x: Any, y: Any, i: Any, j: Any, n: Any) -> Any:  # type: ignore[override]
        return self.of([x, y, i, j, n])

    def simplify(self, operands: Sequence[Any]) -> Any:
        x, y, i, j, n = operands
        return slope(x if i else y, hypot(x, y)) if i + j == 1.0 and n == 1.0 else None

    def write(self, operands: Sequence[Text]) -> Text:
        x, y, i, j, n = operands
        return divide.write([_product(_raised(x, i), _raised(y, j)), _raised(hypot.write([x, y]), n)])

    def forward(self, values: list[float]) -> float:
        x, y, i, j, n = values
        return m.polar(x, y, i, j, n)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, y, i, j, n = values
        # i * (x * x + y * y) - n * x * x, with what cancels left out
        dx = m.polarterm(i, x, y, i - 1.0, j + 2.0, n + 2.0) + m.polarterm(i - n, x, y, i + 1.0, j, n + 2.0)
        dy = m.polarterm(j, x, y, i + 2.0, j - 1.0, n + 2.0) + m.polarterm(j - n, x, y, i, j + 1.0, n + 2.0)
        return [dx, dy, nan, nan, nan]


class Quadric(Nary):
    """x ** k / (a + b * x * x) ** p, a and b of size 1: the derivatives of the inverse functions.

    Written so that its two terms never are infinities of opposite signs.
    """

    domain = (Interval(-1.0, 1.0),)
    arity = 5
    orders = ((1.0, -1.0, 0.5, 0.0), (1.0, 1.0, 1.0, 0.0), (1.0, -1.0, 1.5, 1.0), (1.0, 1.0, 0.5, 0.0))
    public = False
    parameters = "x, a, b, p, k"

    def __call__(self, x: Any, a: Any, b: Any, p: Any, k: Any) -> Any:  # type: ignore[override]
        return self.of([x, a, b, p, k])

    def write(self, operands: Sequence[Text]) -> Text:
        x, a, b, p, k = operands
        square = multiply.write([x, x])
        below = add.write([a, square]) if b.text == "1" else subtract.write([a, square])
        if a.text == "-1":
            below = subtract.write([square, type(x)("1", ATOM)])
        return divide.write([_raised(x, k), _raised(below, p)])

    def forward(self, values: list[float]) -> float:
        x, a, b, p, k = values
        return m.quadric(x, a, b, p, k)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, a, b, p, k = values
        inner = m.quadricterm(a * k, x, a, b, p + 1.0, k - 1.0)
        return [inner + m.quadricterm(b * (k - 2.0 * p), x, a, b, p + 1.0, k + 1.0), nan, nan, nan, nan]


class Rounded(Binary):
    """x to n decimal places, as Python's `round(x, n)`."""

    orders = ((2.0,), (0.0,), (-1.0,))
    special_points = (SpecialPoint((0.5, 0.0), (0.0,)),)
    smooth = False
    public = False
    parameters = "x, n"
    symbol = "round({x}, {y})"

    def forward(self, x: float, y: float) -> float:
        return m.rounded(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 0.0

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class SincSlope(Binary):
    """The n-th derivative of sin(pi * x) / (pi * x)."""

    roundings = 10.0
    cancels = True  # at its zeros, which are not where sine and cosine have theirs
    orders = ((1.0,), (2.0,))
    public = False
    parameters = "x, n"
    symbol = "sincslope({x}, {y})"

    def forward(self, x: float, y: float) -> float:
        return m.sincslope(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.sincslope(x, y + 1.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class PolyGamma(Binary):
    """The n-th derivative of digamma, n at least 1."""

    roundings = 10.0
    orders = ((1.0,), (2.0,), (5.0,))
    domain = (POSITIVE, REAL)
    public = False
    parameters = "x, n"
    symbol = "polygamma({y}, {x})"

    def forward(self, x: float, y: float) -> float:
        return m.polygamma(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.polygamma(x, y + 1.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class PolyGammaStep(Nary):
    """polygamma(n, x) - polygamma(n, x + y)."""

    arity = 3
    domain = (POSITIVE, POSITIVE)
    orders = ((0.0,), (1.0,), (2.0,))
    public = False
    parameters = "x, y, n"

    def __call__(self, x: Any, y: Any, n: Any) -> Any:  # type: ignore[override]
        return self.of([x, y, n])

    def write(self, operands: Sequence[Text]) -> Text:
        x, y, n = operands
        pair = (x, add.write([x, y]))
        return subtract.write([digamma.write([each]) if n.text == "0" else polygamma.write([each, n]) for each in pair])

    def forward(self, values: list[float]) -> float:
        x, y, n = values
        return m.polygammastep(x, y, n)

    def partials(self, values: list[float], out: float) -> list[float]:
        x, y, n = values
        return [m.polygammastep(x, y, n + 1.0), -m.polygamma(x + y, n + 1.0), nan]


class Bell(Binary):
    """x ** n times the density of the normal distribution."""

    orders = ((0.0,), (1.0,), (2.0,))
    public = False
    parameters = "x, n"
    symbol = "bell({x}, {y})"

    def forward(self, x: float, y: float) -> float:
        return m.bell(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return y * m.bell(x, m.maximum(y - 1.0, 0.0)) - m.bell(x, y + 1.0)

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class Hazard(Unary):
    """The derivative of log_ndtr: the density of the normal distribution by its probability."""

    public = False
    symbol = "hazard({x})"

    def forward(self, x: float) -> float:
        return m.hazard(x)

    def dx(self, x: float, out: float) -> float:
        return -out * m.hazardratio(x, 1.0)


class HazardRatio(Binary):
    """The factors in the derivatives of `hazard`, by number."""

    orders = ((1.0,), (2.0,))
    public = False
    parameters = "x, n"
    symbol = "hazardratio({x}, {y})"

    def forward(self, x: float, y: float) -> float:
        return m.hazardratio(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        # Two ways to say the same: each loses digits where the other keeps them.
        left = out * (m.hazardratio(x, y + 1.0) - out)
        return m.where(m.less(x, 0.0), left, y - out * m.hazardexcess(x, y))

    def dy(self, x: float, y: float, out: float) -> float:
        return nan


class PpfSlope(Unary):
    """The derivative of norm_ppf."""

    domain = (Interval(0.0, 1.0),)
    public = False
    symbol = "ppfslope({x})"

    def forward(self, x: float) -> float:
        return m.ppfslope(x)

    def dx(self, x: float, out: float) -> float:
        return m.norm_ppf(x) * out * out


class ErfinvSlope(Unary):
    """The derivative of erfinv."""

    domain = (Interval(-1.0, 1.0),)
    public = False
    symbol = "erfinvslope({x})"

    def forward(self, x: float) -> float:
        return m.erfinvslope(x)

    def dx(self, x: float, out: float) -> float:
        return 2.0 * m.erfinv(x) * out * out


class Share2(Binary):
    """The share 2 ** x / (2 ** x + 2 ** y) of x, without rounding x - y."""

    public = False
    symbol = "share2({x}, {y})"

    def forward(self, x: float, y: float) -> float:
        return m.share2(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return m.LN2 * (out * m.share2(y, x))

    def dy(self, x: float, y: float, out: float) -> float:
        return -m.LN2 * (out * m.share2(y, x))


class Greatest(Nary):
    """The largest of the values, by the derivatives maximum(maximum(x1, x2), x3) and so on, which tell equal values apart."""

    roundings = 0.0
    public = False
    special_points = (SpecialPoint((1.0, 1.0), (0.5, 0.5)), SpecialPoint((1.0, 1.0, 1.0), (0.25, 0.25, 0.5)))
    smooth = False
    counts = (1, 2, 3)

    def write(self, operands: Sequence[Text]) -> Text:
        whole, *others = operands
        for other in others:
            whole = maximum.write([whole, other])
        return whole

    def forward(self, values: list[float]) -> float:
        return m.greatest(values)

    def partials(self, values: list[float], out: float) -> list[float]:
        return m.winners(values)


class ExpDifference(Binary):
    """exp(x - y), without rounding x - y; 1 where the operands are equal, even infinite."""

    image = NONNEGATIVE
    public = False

    def simplify(self, operands: Sequence[Any]) -> Any:
        x, y = operands
        return exp(x) if y == 0.0 and isinstance(y, float) else None

    def write(self, operands: Sequence[Text]) -> Text:
        return exp.write([subtract.write(operands)])

    def forward(self, x: float, y: float) -> float:
        return m.expdifference(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return out

    def dy(self, x: float, y: float, out: float) -> float:
        return -out


class Share(Binary):
    """The share exp(x) / (exp(x) + exp(y)) of x: sigmoid(x - y), without rounding x - y."""

    image = NONNEGATIVE
    public = False

    def write(self, operands: Sequence[Text]) -> Text:
        return sigmoid.write([subtract.write(operands)])

    def forward(self, x: float, y: float) -> float:
        return m.share(x, y)

    def dx(self, x: float, y: float, out: float) -> float:
        return out * m.share(y, x)

    def dy(self, x: float, y: float, out: float) -> float:
        return -out * m.share(y, x)


def _raised(base: Text, exponent: Text) -> Text:
    """The text of a power; of 1, the base itself or its root, where that is shorter."""
    short = {"0": type(base)("1", ATOM), "0.5": sqrt.write([base]), "1": base}
    return short.get(exponent.text) or power.write([base, exponent])


def _product(x: Text, y: Text) -> Text:
    return y if x.text == "1" else x if y.text == "1" else multiply.write([x, y])


# ---- the primitives, as the functions that users call ------------------------------------------------------------------------

add: Final = Add()
subtract: Final = Subtract()
multiply: Final = Multiply()
divide: Final = Divide()
negate: Final = Negate()
identity: Final = Identity()
power: Final = Power()
exp: Final = Exp()
expm1: Final = Expm1()
exp2: Final = Exp2()
log: Final = Log()
log2: Final = Log2()
log10: Final = Log10()
log1p: Final = Log1p()
logaddexp: Final = LogAddExp()
logaddexp2: Final = LogAddExp2()
log1mexp: Final = Log1mExp()
logit: Final = Logit()
xlogy: Final = XLogY()
gaussian: Final = Gaussian()
sqrt: Final = Sqrt()
cbrt: Final = Cbrt()
hypot: Final = Hypot()
norm: Final = Norm()
sin: Final = Sin()
cos: Final = Cos()
tan: Final = Tan()
asin: Final = Asin()
acos: Final = Acos()
atan: Final = Atan()
atan2: Final = Atan2()
sinc: Final = Sinc()
sinh: Final = Sinh()
cosh: Final = Cosh()
sech: Final = Sech()
tanh: Final = Tanh()
asinh: Final = Asinh()
acosh: Final = Acosh()
atanh: Final = Atanh()
erf: Final = Erf()
erfc: Final = Erfc()
sigmoid: Final = Sigmoid()
softplus: Final = Softplus()
relu: Final = Relu()
softsign: Final = Softsign()
gammaln: Final = GammaLn()
digamma: Final = Digamma()
betaln: Final = BetaLn()
erfinv: Final = Erfinv()
norm_cdf: Final = Norm_CDF()
norm_ppf: Final = Norm_PPF()
log_ndtr: Final = Log_NDTR()
abs: Final = Abs()
sign: Final = Sign()
floor: Final = Floor()
ceil: Final = Ceil()
fmod: Final = Fmod()
trunc: Final = Trunc()
rint: Final = Rint()
mod: Final = Mod()
floor_divide: Final = Floor_Divide()
remainder: Final = Remainder()
copysign: Final = Copysign()
maximum: Final = Maximum()
minimum: Final = Minimum()
clamp: Final = Clamp()
total: Final = Total()
dot: Final = Dot()
logsumexp: Final = LogSumExp()
slope: Final = Slope()
logpole: Final = LogPole()
ratio: Final = Ratio()
powerpartial: Final = PowerPartial()
moment: Final = Moment()
rootpower: Final = RootPower()
softslope: Final = SoftSlope()
polar: Final = Polar()
quadric: Final = Quadric()
rounded: Final = Rounded()
sincslope: Final = SincSlope()
polygamma: Final = PolyGamma()
polygammastep: Final = PolyGammaStep()
bell: Final = Bell()
hazard: Final = Hazard()
hazardratio: Final = HazardRatio()
ppfslope: Final = PpfSlope()
erfinvslope: Final = ErfinvSlope()
share2: Final = Share2()
greatest: Final = Greatest()
expdifference: Final = ExpDifference()
share: Final = Share()

_PRIMITIVES: tuple[Primitive, ...] = (
    *(add, subtract, multiply, divide, negate, identity, power),
    *(exp, expm1, exp2, log, log2, log10, log1p, logaddexp, logaddexp2, log1mexp, logit, xlogy, gaussian),
    *(sqrt, cbrt, hypot, norm),
    *(sin, cos, tan, asin, acos, atan, atan2, sinc),
    *(sinh, cosh, sech, tanh, asinh, acosh, atanh),
    *(erf, erfc, sigmoid, softplus, relu, softsign),
    *(gammaln, digamma, betaln, erfinv, norm_cdf, norm_ppf, log_ndtr),
    *(abs, sign, floor, ceil, trunc, rint, fmod, mod, floor_divide, remainder, copysign, maximum, minimum),
    *(clamp, total, dot, logsumexp),
    *(slope, logpole, ratio, powerpartial, moment, rootpower, softslope, polar, quadric),
    *(sincslope, polygamma, polygammastep, bell, hazard, hazardratio, ppfslope, erfinvslope),
    *(share2, rounded, greatest, expdifference, share),
)
TABLE: Final[dict[str, Primitive]] = {primitive.name: primitive for primitive in _PRIMITIVES}

"""The functions of one number as methods: `v.sin()` is `sin(v)`.

This module is written by `python -m tests.value_methods`, from the table and `functions.py`: change these.
"""

from collections.abc import Callable
from typing import Any, Final, Self

from autograd_lite.engine import primitives as table
from autograd_lite.engine.primitive import Primitive, Recorder

__all__ = ["FUNCTIONS", "Functions"]

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {}  # by name; `functions.py`, which stands above, enters them


class Functions(Recorder):
    """What records operations has every function of one number as a method; `Value` writes some out again, for speed."""

    __slots__ = ()

    def _recorded(self, primitive: Primitive) -> Self:
        out: Self = self.record(primitive, (self,))
        return out

    def _composed(self, name: str) -> Self:
        out: Self = FUNCTIONS[name](self)
        return out

    def negate(self) -> Self:
        """Opposite -x."""
        return self._recorded(table.negate)

    def identity(self) -> Self:
        """The number itself, as a node of its own: a new name for x in a graph."""
        return self._recorded(table.identity)

    def exp(self) -> Self:
        """Exponential e ** x."""
        return self._recorded(table.exp)

    def expm1(self) -> Self:
        """exp(x) - 1, exact near 0."""
        return self._recorded(table.expm1)

    def exp2(self) -> Self:
        """Power of two 2 ** x."""
        return self._recorded(table.exp2)

    def log(self) -> Self:
        """Natural logarithm of x."""
        return self._recorded(table.log)

    def log2(self) -> Self:
        """Logarithm of x to base 2."""
        return self._recorded(table.log2)

    def log10(self) -> Self:
        """Logarithm of x to base 10."""
        return self._recorded(table.log10)

    def log1p(self) -> Self:
        """log(1 + x), exact near 0."""
        return self._recorded(table.log1p)

    def log1mexp(self) -> Self:
        """log(1 - exp(-x)) for x > 0, with all digits near 0 and far out."""
        return self._recorded(table.log1mexp)

    def logit(self) -> Self:
        """log(x / (1 - x)), the inverse of the sigmoid, with all digits also near 1/2."""
        return self._recorded(table.logit)

    def gaussian(self) -> Self:
        """The bell curve exp(-x * x), with all digits in the tails."""
        return self._recorded(table.gaussian)

    def sqrt(self) -> Self:
        """Square root of x."""
        return self._recorded(table.sqrt)

    def cbrt(self) -> Self:
        """Cube root of x, of any sign."""
        return self._recorded(table.cbrt)

    def sin(self) -> Self:
        """Sine of x radians."""
        return self._recorded(table.sin)

    def cos(self) -> Self:
        """Cosine of x radians."""
        return self._recorded(table.cos)

    def tan(self) -> Self:
        """Tangent of x radians."""
        return self._recorded(table.tan)

    def asin(self) -> Self:
        """Arc sine of x, in radians."""
        return self._recorded(table.asin)

    def acos(self) -> Self:
        """Arc cosine of x, in radians."""
        return self._recorded(table.acos)

    def atan(self) -> Self:
        """Arc tangent of x, in radians."""
        return self._recorded(table.atan)

    def sinc(self) -> Self:
        """sin(pi * x) / (pi * x), and 1 at 0: NumPy's, whose zeros are the whole numbers."""
        return self._recorded(table.sinc)

    def sinh(self) -> Self:
        """Hyperbolic sine of x."""
        return self._recorded(table.sinh)

    def cosh(self) -> Self:
        """Hyperbolic cosine of x."""
        return self._recorded(table.cosh)

    def sech(self) -> Self:
        """Hyperbolic secant 1 / cosh(x), without overflow."""
        return self._recorded(table.sech)

    def tanh(self) -> Self:
        """Hyperbolic tangent of x."""
        return self._recorded(table.tanh)

    def asinh(self) -> Self:
        """Inverse hyperbolic sine of x."""
        return self._recorded(table.asinh)

    def acosh(self) -> Self:
        """Inverse hyperbolic cosine of x."""
        return self._recorded(table.acosh)

    def atanh(self) -> Self:
        """Inverse hyperbolic tangent of x."""
        return self._recorded(table.atanh)

    def erf(self) -> Self:
        """Error function: 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x."""
        return self._recorded(table.erf)

    def erfc(self) -> Self:
        """Complementary error function 1 - erf(x), with all digits in the right tail."""
        return self._recorded(table.erfc)

    def sigmoid(self) -> Self:
        """Logistic function 1 / (1 + exp(-x))."""
        return self._recorded(table.sigmoid)

    def softplus(self) -> Self:
        """log(1 + exp(x)), the smooth relu."""
        return self._recorded(table.softplus)

    def relu(self) -> Self:
        """Rectified linear unit: x where x > 0, else 0."""
        return self._recorded(table.relu)

    def softsign(self) -> Self:
        """x / (1 + |x|): as tanh, with slower tails."""
        return self._recorded(table.softsign)

    def gammaln(self) -> Self:
        """The logarithm of the gamma function for x > 0, which is (x - 1)! where x is whole."""
        return self._recorded(table.gammaln)

    def digamma(self) -> Self:
        """The derivative of gammaln at x > 0."""
        return self._recorded(table.digamma)

    def erfinv(self) -> Self:
        """The number whose error function is x."""
        return self._recorded(table.erfinv)

    def norm_cdf(self) -> Self:
        """The probability that a standard normal variable is below x."""
        return self._recorded(table.norm_cdf)

    def norm_ppf(self) -> Self:
        """The number that a standard normal variable is below with probability x: the inverse of norm_cdf."""
        return self._recorded(table.norm_ppf)

    def log_ndtr(self) -> Self:
        """log(norm_cdf(x)), without underflow on the left or loss of digits on the right."""
        return self._recorded(table.log_ndtr)

    def abs(self) -> Self:
        """Absolute value of x."""
        return self._recorded(table.abs)

    def sign(self) -> Self:
        """-1, 0 or 1 as x is below, at or above zero."""
        return self._recorded(table.sign)

    def floor(self) -> Self:
        """The largest whole number not above x."""
        return self._recorded(table.floor)

    def ceil(self) -> Self:
        """The smallest whole number not below x."""
        return self._recorded(table.ceil)

    def trunc(self) -> Self:
        """x without its decimals: the whole number next to it on the side of 0."""
        return self._recorded(table.trunc)

    def rint(self) -> Self:
        """The whole number nearest to x, and of two the even one: what Python's `round(value)` records."""
        return self._recorded(table.rint)

    def degrees(self) -> Self:
        """An angle of x radians in degrees."""
        return self._composed("degrees")

    def elu(self) -> Self:
        """x where x > 0, else alpha * (exp(x) - 1); the derivative at 0 is `alpha`."""
        return self._composed("elu")

    def gelu(self) -> Self:
        """x times the probability that a standard normal variable is below x: x * erfc(-x / sqrt(2)) / 2."""
        return self._composed("gelu")

    def hard_tanh(self) -> Self:
        """x kept between -1 and 1; the derivative at these is 1."""
        return self._composed("hard_tanh")

    def leaky_relu(self) -> Self:
        """x where x > 0, else slope * x; the derivative at 0 is `slope`."""
        return self._composed("leaky_relu")

    def log_sigmoid(self) -> Self:
        """log(sigmoid(x)), without underflow."""
        return self._composed("log_sigmoid")

    def mish(self) -> Self:
        """x * tanh(softplus(x))."""
        return self._composed("mish")

    def radians(self) -> Self:
        """An angle of x degrees in radians."""
        return self._composed("radians")

    def silu(self) -> Self:
        """x * sigmoid(x), also called swish."""
        return self._composed("silu")

    def square(self) -> Self:
        """x * x."""
        return self._composed("square")

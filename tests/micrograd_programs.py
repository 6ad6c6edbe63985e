"""The expressions of micrograd's own test suite, for any class of values; each gives its result and its leaves."""

from typing import Any


def sanity(value: Any) -> tuple[Any, list[Any]]:
    """`test_sanity_check`."""
    x = value(-4.0)
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x, [x]


def more(value: Any) -> tuple[Any, list[Any]]:
    """`test_more_ops`."""
    a, b = value(-4.0), value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g, [a, b]

"""The corpus of claims (`corpus.py`) through the checkers of others; `check` beside them.

python -m benchmarks.checkers_of_others 300          the table of docs/judge.md: 300 right claims, and 300 wrong ones

Each is used as its pages show, with its own steps and tolerances, and again with narrow ones. Where it raises, it is inconclusive.
Those that only give numbers (numdifftools, SciPy) are compared by `numpy.allclose`, by their own error estimate, or by a threshold.
"""

import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy

from autograd_lite.engine.extras import is_here
from autograd_lite.engine.value import Value
from autograd_lite.testing.numeric.arguments import flat
from benchmarks.checkers import Checker, Tally, by_check, by_one_step, tallied
from benchmarks.claims import Pair
from benchmarks.corpus import corpus

TIGHT = {"atol": 1e-8, "rtol": 1e-6}
_THRESHOLD = 1e-6  # relative, of what SciPy's check_grad gives

Vector = numpy.ndarray[Any, Any]


def problem(pair: Pair) -> tuple[Callable[[Vector], Vector], Callable[[Vector], Vector], Vector]:
    """A claim as functions of one vector: the function, or its gradient for a claim about the Hessian; the Jacobian; the point."""
    is_array = isinstance(pair.point[0], numpy.ndarray)
    inner = pair.gradient if pair.order == 2 else pair.function
    assert inner is not None

    def on(function: Callable[..., Any], x: Vector) -> Vector:
        arguments = (numpy.array(x, dtype=float),) if is_array else tuple(map(float, x))
        try:
            found = function(*arguments)
        except AttributeError:  # a function of Values, which calls their methods
            found = function(*map(Value, arguments)).data
        return numpy.array([float(number) for number in flat(found)])

    start = numpy.array([float(number) for number in flat(pair.point)])
    rows = len(start) if pair.order == 2 else 1
    return partial(on, inner), lambda x: on(pair.claim, x).reshape(rows, len(start)), start


def by_gradcheck(pair: Pair, **options: Any) -> str:
    """torch.autograd.gradcheck, of an autograd.Function with that backward."""
    import torch

    f, jacobian, start = problem(pair)

    class Claimed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.from_numpy(f(x.detach().numpy()))

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g @ torch.from_numpy(jacobian(ctx.saved_tensors[0].detach().numpy()))

    x = torch.from_numpy(start).requires_grad_()
    return _outcome(torch.autograd.gradcheck(Claimed.apply, (x,), raise_exception=False, **options))


def by_check_grads(pair: Pair, **options: Any) -> str:
    """jax.test_util.check_grads, of a function with that custom_vjp."""
    import jax
    from jax.test_util import check_grads

    f, jacobian, start = problem(pair)

    @jax.custom_vjp
    def claimed(x: Any) -> Any:
        return jax.numpy.asarray(f(numpy.asarray(x)))

    claimed.defvjp(lambda x: (claimed(x), x), lambda x, g: (g @ jacobian(numpy.asarray(x)),))
    with jax.enable_x64(True):
        try:
            check_grads(claimed, (jax.numpy.asarray(start),), order=1, modes=("rev",), **options)
        except AssertionError:
            return "disagrees"
    return "agrees"


def by_numdifftools(pair: Pair, own_error: bool = False) -> str:
    """numdifftools' Jacobian, compared by numpy.allclose or by its own error estimate."""
    import numdifftools

    f, jacobian, start = problem(pair)
    numerical = numdifftools.Jacobian(f, full_output=True)(start)
    claimed = jacobian(start)
    found = numpy.asarray(numerical.estimate).reshape(claimed.shape)
    if not own_error:
        return _outcome(numpy.allclose(claimed, found))
    return _outcome(bool((abs(claimed - found) <= numpy.asarray(numerical.error_estimate).reshape(claimed.shape)).all()))


def by_scipy(pair: Pair) -> str:
    """scipy.optimize.check_grad, whose norm must be small beside that of the claim."""
    from scipy.optimize import check_grad

    f, jacobian, start = problem(pair)
    rows = range(len(jacobian(start)))
    off = [check_grad(lambda x, row=row: f(x)[row], lambda x, row=row: jacobian(x)[row], start) for row in rows]
    return _outcome(bool(numpy.linalg.norm(off) <= _THRESHOLD * max(1.0, float(numpy.linalg.norm(jacobian(start))))))


def _outcome(is_right: bool) -> str:
    return "agrees" if is_right else "disagrees"


CHECKERS: dict[str, tuple[str, Checker]] = {
    "`check`": ("numpy", by_check),
    "one central difference, rtol 1e-3": ("numpy", by_one_step),
    "PyTorch `gradcheck`": ("torch", by_gradcheck),
    "PyTorch `gradcheck(atol=1e-8, rtol=1e-6)`": ("torch", partial(by_gradcheck, **TIGHT)),
    "JAX `check_grads`": ("jax", by_check_grads),
    "JAX `check_grads(atol=1e-8, rtol=1e-6)`": ("jax", partial(by_check_grads, **TIGHT)),
    "numdifftools, `numpy.allclose`": ("numdifftools", by_numdifftools),
    "numdifftools, its error estimate": ("numdifftools", partial(by_numdifftools, own_error=True)),
    "SciPy `check_grad`, 1e-6 of the norm": ("scipy", by_scipy),
}


def careful(checker: Checker) -> Checker:
    """The checker, inconclusive where it raises."""

    def judged(pair: Pair) -> str:
        try:
            return checker(pair)
        except Exception:  # whatever it is: it has not told
            return "inconclusive"

    return judged


def rows(size: int) -> Iterator[str]:
    """The table, as Markdown."""
    pairs = list(corpus(size))
    yield "| checker | wrong | acquitted | right | accused | inconclusive | ms of the processor |"
    yield "|---|---|---|---|---|---|---|"
    for name, (package, checker) in CHECKERS.items():
        if is_here(package):
            yield _row(name, tallied(careful(checker), pairs)["all"])


def _row(name: str, tally: Tally) -> str:
    counts = [tally.count(False), tally.acquitted, tally.count(True), tally.accused]
    each = 1e3 * tally.seconds / tally.outcomes.total()
    return f"| {name} | {' | '.join(map(str, counts))} | {100 * tally.inconclusive:.1f} % | {each:.1f} |"


def main() -> None:
    """Prints the table, row by row."""
    warnings.simplefilter("ignore")
    for line in rows(int(sys.argv[1]) if len(sys.argv) > 1 else 300):
        print(line, flush=True)


if __name__ == "__main__":
    main()

"""`check` and `assert_gradients`: whether derivatives are right, said with an error bar.

The walk of a derivative to its outcome, one way down:

1. The derivative under test is computed, and again at points around, which shows how much of it is rounding (`under_test.py`); its
   dtype tells its precision.
2. The graph, where there is one, tells whether the point stands on a kink or a jump (`ties.py`, `kinks.py`).
3. What it should be: plain differences answer with a bar, and a sharp oracle that they do not contradict narrows it
   (`numeric/oracles.py`). What f drops on the way is a constant to a sharp oracle, so f must take numbers that cannot be dropped.
   At a kink, the slopes on both sides answer.
4. The derivative agrees if it lies within the two bars together, or in the closed interval between the slopes, and the bars are
   narrower than `resolution`. It disagrees if nothing excuses it (`judging.py`, `verdict.py`). All else is inconclusive, and an
   inconclusive verdict is false.
5. A graph of this engine is held to more at ties. Every tied node must hold the derivative that its primitive documents or, where
   it documents none, one between its own slopes (`local.py`). And the gradient must be what the chain rule makes of those: it is
   compared with the same graph in which straight lines replace the tied nodes. Such a gradient may lie outside the interval of f.
6. At a jump no number is right but such a documented one.
"""

from collections.abc import Callable
from typing import Any

from autograd_lite.engine.errors import expression
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value
from autograd_lite.testing.checker.failure import failure_report
from autograd_lite.testing.checker.judging import Judge
from autograd_lite.testing.checker.ties import Ties
from autograd_lite.testing.checker.under_test import gradient_under_test, hessian_under_test, under_test
from autograd_lite.testing.checker.verdict import Component, Verdict
from autograd_lite.testing.numeric.arguments import Target, arguments_of
from autograd_lite.testing.numeric.engines import OURS, PLAIN, Engine


def check(
    function: Callable[..., Any],
    point: Any,
    order: int = 1,
    *,
    gradient: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    engine: Engine | None = None,
    resolution: float | None = None,
    precision: Any = None,
) -> Verdict:
    """The verdict on the derivatives of a function at a point.

    Args:
        function: from numbers, arrays or (nested) lists of numbers, to one number or a (nested) list of them. It is called with
            floats, with the engine's numbers and, to learn more, with Opaque ones; it may refuse those.
        point: a tuple lists the arguments; a number, an array or a list is the one argument, or a list of the arguments if the
            function takes several.
        order: 1 for the gradient (or the Jacobian), 2 for that and the Hessian.
        gradient: a function of the same arguments that gives the derivatives under test, in any nesting; by default the engine's.
        hessian: the same for second derivatives.
        engine: the library under test; this one by default, or none if a gradient is given.
        resolution: the widest bar that still counts as an answer, relative to the derivative, or to a hundredth of the slope that
            the function's rise around the point suggests, whichever is larger; by default 1e-9, or 16 units of a coarser precision.
        precision: that of the derivatives under test: "double", "single", "half" or a dtype; by default that of their own dtype.
    Returns:
        A Verdict, true if everything agrees.
    Raises:
        ValueError: if `order` is neither 1 nor 2, or the point holds inf or nan.
        Exception: whatever `function`, `gradient` or `hessian` raises at the point, with a note of what it was called with.
    Example:
        >>> from autograd_lite import sin
        >>> print(check(lambda x, y: x**2 * sin(y), (1.0, 2.0)).outcome)
        agrees
        >>> verdict = check(lambda x: x**3, 2.0, gradient=lambda x: 3.001 * x**2)
        >>> verdict.outcome, verdict.claimed, verdict.expected, verdict.oracle
        ('disagrees', 12.004, 12.0, 'complex step')
    """
    return _checked(function, point, order, gradient, hessian, engine, resolution, precision)[0]


def assert_gradients(function: Callable[..., Any], point: Any, order: int = 1, **options: Any) -> None:
    """Passes if `check` agrees; else raises with a report: both numbers, the first wrong node, and three lines to run.

    Args:
        function: as for `check`.
        point: as for `check`.
        order: as for `check`.
        options: the other arguments of `check`.
    Raises:
        AssertionError: if a derivative is wrong, or the bar is too wide to tell.
    Example:
        >>> assert_gradients(lambda x: x * x, 3.0)
        >>> assert_gradients(lambda x: x * x, 3.0, gradient=lambda x: 2.002 * x)
        Traceback (most recent call last):
        ...
        AssertionError: disagrees: d/dx is claimed to be 6.006 ...
    """
    verdict, report = check_with_report(function, point, order, **options)
    if not verdict:
        raise AssertionError(report())


def check_with_report(
    function: Callable[..., Any], point: Any, order: int = 1, **options: Any
) -> tuple[Verdict, Callable[[], str]]:
    """The verdict of `check`, and what writes the report of `assert_gradients`."""
    defaults = dict.fromkeys(("gradient", "hessian", "engine", "resolution", "precision"))
    unknown = set(options) - set(defaults)
    if unknown:
        raise TypeError(f"assert_gradients does not know {', '.join(sorted(unknown))}; it takes {', '.join(defaults)}")
    verdict, target = _checked(function, point, order, **(defaults | options))
    return verdict, lambda: failure_report(verdict, target, {"order": order} | options if order != 1 else options)


def _checked(
    function: Callable[..., Any],
    point: Any,
    order: int,
    gradient: Any,
    hessian: Any,
    engine: Engine | None,
    resolution: float | None,
    precision: Any,
) -> tuple[Verdict, Target]:
    if order not in (1, 2):
        raise ValueError(f"check takes order 1 or 2, got {order!r}")
    target = Target(function, arguments_of(function, point), engine or (OURS if gradient is None else PLAIN))
    ties = Ties(target, are_own=gradient is None and target.engine is OURS)
    judge = Judge(target, ties, resolution)
    components = ties.conventions()
    by_order = [gradient_under_test(target, gradient)]
    if order == 2:
        by_order.append(hessian_under_test(target, hessian, gradient))
    for number, derivatives in enumerate(by_order, start=1):
        components += judge.components(under_test(derivatives, target.numbers, precision), number)
    return _verdict(target, ties, components), target


def _verdict(target: Target, ties: Ties, components: list[Component]) -> Verdict:
    point = dict(zip(target.names, target.numbers, strict=True))
    kinks = [kink for found in ties.kinks for kink in found]
    shown, jumps = (tuple(dict.fromkeys(map(str, found))) for found in (kinks, [kink for kink in kinks if kink.is_jump]))
    return Verdict(_expression(target.function, ties.outputs), point, tuple(components), shown, jumps)


def _expression(function: Callable[..., Any], outputs: list[Any]) -> str:
    if len(outputs) == 1 and isinstance(outputs[0], Value) and outputs[0].primitive is not None:
        return shorten(expression(outputs[0], 12).text)
    name: str = getattr(function, "__qualname__", repr(function))
    return name

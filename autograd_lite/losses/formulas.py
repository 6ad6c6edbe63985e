"""Losses: how far an output is from its target, as compositions of functions; none of them has a rule of its own.

y is an output, t its target, p a probability, x a logit (the number before a sigmoid or softmax). Every loss is of one sample
and answers in kind: floats for floats, Values for Values. The loss of many samples is the `mean` or `total` of theirs.

A loss of logits keeps all digits in both tails. A loss of probabilities cannot: a probability within rounding of 1 has lost
them already. Numbers are checked on the way in, and a nan among them is carried on, not refused.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any, Final

from autograd_lite.engine.errors import DomainError
from autograd_lite.engine.primitives import clamp, exp, log, log1p, logsumexp, maximum, relu, softplus, total, xlogy
from autograd_lite.engine.reals import plain
from autograd_lite.engine.recording import no_grad
from autograd_lite.functions import log_softmax, mean, square, where
from autograd_lite.losses.targets import check_share, checked, is_one, present, require, smoothed

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "cross_entropy_of_probabilities",
    "hinge",
    "squared_error",
]

_FORMS: Final = ("half", "sum", "mean")
_LARGEST: Final = sys.float_info.max


def squared_error(outputs: Any, targets: Any, form: str = "half") -> Any:
    """Half the sum of (y - t)^2 over the outputs of one sample; or the whole sum, or the mean.

    Args:
        outputs: y, a number or Value, or a list of N.
        targets: t, a number, or a list of N.
        form: "half" (the derivative in y is y - t), "sum" or "mean" (the sum divided by N).
    Raises:
        ValueError: if the lists differ in length or are empty, or `form` is none of the three.
        TypeError: if only one of the two is a list, or an output is itself a list.
    Example:
        >>> squared_error([3.0, 1.0], [1.0, 0.0]), squared_error([3.0, 1.0], [1.0, 0.0], form="sum")
        (2.5, 5.0)
        >>> squared_error(3.0, 1.0, form="mean")
        4.0
    """
    if form not in _FORMS:
        raise ValueError(f'squared_error has the forms "half", "sum" and "mean", got {form!r}')
    squares = [square(y - t) for y, t in _pairs("squared_error", outputs, targets)]
    divisor = {"half": 2.0, "sum": 1.0, "mean": float(len(squares))}[form]
    whole = _sum(squares)
    return whole if divisor == 1.0 else whole / divisor


def binary_cross_entropy(probability: Any, target: Any) -> Any:
    """-(t log p + (1 - t) log(1 - p)), in nats: the surprise of an event of probability p that happened (t = 1) or not (t = 0).

    Args:
        probability: p in [0, 1], such as the output of a sigmoid unit; or a list of N.
        target: t in [0, 1], strictly inside for a soft label; or a list of N.
    Returns:
        One number; the mean of the N losses where lists were given.
    Raises:
        ValueError: if p or t lies outside [0, 1], or the lists differ in length or are empty.
        DomainError: if p excludes what happened (p = 0 with t > 0, or p = 1 with t < 1): the loss is infinite.
    Source: Good, "Rational decisions", Journal of the Royal Statistical Society B 14 (1952): the logarithmic score.
    Example:
        >>> binary_cross_entropy(0.5, 1.0), binary_cross_entropy(1e-20, 0.0)
        (0.6931471805599453, 1e-20)
    """

    def loss(p: Any, t: Any) -> Any:
        check_share("target", t)
        check_share("probability", p, "For a logit use binary_cross_entropy_with_logits.")
        terms = [_times_log(t, p)] if present(t) else []
        if present(1.0 - t):
            # log1p keeps the digits of a small p; above 1/2 the difference 1 - p is exact, and p = 1 is allowed where t = 1.
            terms.append(where(p < 0.5, lambda: _times(1.0 - t, log1p(-p)), lambda: _times_log(1.0 - t, 1.0 - p)))
        return -_sum(terms)

    with _infinite("binary_cross_entropy_with_logits(logit, target), without the sigmoid"):
        return _mean_of(loss, "binary_cross_entropy", probability, target)


def binary_cross_entropy_with_logits(logit: Any, target: Any) -> Any:
    """t softplus(-x) + (1 - t) softplus(x): `binary_cross_entropy(sigmoid(x), t)` with all its digits, whatever x.

    Args:
        logit: x, any number; or a list of N.
        target: t in [0, 1], strictly inside for a soft label; or a list of N.
    Returns:
        One number; the mean of the N losses where lists were given.
    Raises:
        ValueError: if t lies outside [0, 1], or the lists differ in length or are empty.
    Source: -log(sigmoid(x)) = softplus(-x) and 1 - sigmoid(x) = sigmoid(-x), put into the formula above.
    Example:
        >>> binary_cross_entropy_with_logits(0.0, 1.0), binary_cross_entropy_with_logits(-1000.0, 1.0)
        (0.6931471805599453, 1000.0)
    """

    def loss(x: Any, t: Any) -> Any:
        check_share("target", t)
        terms = [_times(t, softplus(-x))] if present(t) else []
        if present(1.0 - t):
            terms.append(_times(1.0 - t, softplus(x)))
        return _sum(terms)

    return _mean_of(loss, "binary_cross_entropy_with_logits", logit, target)


def cross_entropy(logits: Sequence[Any], target: Any, label_smoothing: float = 0.0) -> Any:
    """-log softmax(x)_t, in nats, for the index t of the right class: log(1 + the sum of exp(x_i - x_t) over i != t).

    Args:
        logits: x, one number or Value per class, at least two.
        target: the index of the right class; or a list with the probability of each class (one-hot, or soft), for the sum of
            t_i times the loss of class i.
        label_smoothing: the share s of the target that is spread evenly over all classes: (1 - s) t_i + s / classes.
    Raises:
        ValueError: if the index is not one of 0 ... classes - 1, the probabilities are no distribution over the classes, or the
            smoothing lies outside [0, 1].
        TypeError: if there is a single logit, or the target is neither a whole number nor a list.
    Source: Bridle, "Probabilistic interpretation of feedforward classification network outputs", Neurocomputing (1990), 227-236.
    Example:
        >>> cross_entropy([0.0, 0.0], 1), cross_entropy([0.0, -50.0], 0)
        (0.6931471805599453, 1.9287498479639178e-22)
        >>> cross_entropy([0.0, 0.0], [0.9, 0.1]), cross_entropy([0.0, 1.0], 1, label_smoothing=0.2)
        (0.6931471805599453, 0.4132616875182229)
    """
    if not hasattr(logits, "__len__") or len(logits) < 2:
        raise TypeError(
            "cross_entropy takes a list of at least two logits, one per class. "
            "For a single output use binary_cross_entropy_with_logits(logit, target)."
        )
    logits = [plain(logit) for logit in logits]
    target, right = checked("cross_entropy", target, len(logits))
    if label_smoothing:
        target, right = smoothed(target, right, len(logits), label_smoothing), None
    if right is not None:
        return _surprise(logits, right)
    return -_sum([_times(t, y) for t, y in zip(target, log_softmax(logits), strict=True) if present(t)])


def _surprise(logits: Sequence[Any], right: int) -> Any:
    """-log softmax(x)_t, in the form that keeps the digits of its first and second derivatives: p_t - 1, p_t (1 - p_t).

    Where class t has the larger half, log(1 + the sum of exp(x_i - x_t)) as it stands: p_t - 1 is minus the sum of the others.
    Else the form with x_t standing alone, whose second derivatives are those of logsumexp: the sum over the others would cancel.
    """
    with no_grad():
        rest = logsumexp([x for i, x in enumerate(logits) if i != right])
        top = clamp(reduce(maximum, logits), -_LARGEST, _LARGEST)  # an infinite logit less itself would be nan
    return where(
        logits[right] > rest,
        lambda: log1p(total([exp(x - logits[right]) for i, x in enumerate(logits) if i != right])),
        lambda: logsumexp([x - top for x in logits]) - (logits[right] - top),
    )


def cross_entropy_of_probabilities(probabilities: Sequence[Any], target: Any) -> Any:
    """-log p_t, in nats, for the index t of the right class; or -(t_1 log p_1 + t_2 log p_2 + ...).

    Args:
        probabilities: p, one per class, such as softmax gives. They are not made to add up to 1.
        target: the index of the right class; or a list with the probability of each class.
    Raises:
        ValueError: as `cross_entropy`, or if a probability lies outside [0, 1].
        DomainError: if the probability of what happened is 0: the loss is infinite.
    Example:
        >>> cross_entropy_of_probabilities([0.25, 0.75], 1), cross_entropy_of_probabilities([0.5, 0.5], [1.0, 0.0])
        (0.2876820724517809, 0.6931471805599453)
    """
    probabilities = [plain(p) for p in probabilities]
    for p in probabilities:
        check_share("probability", p, "For logits use cross_entropy.")
    target, right = checked("cross_entropy_of_probabilities", target, len(probabilities))
    with _infinite("cross_entropy(logits, target), without the softmax"):
        if right is not None:
            return -log(probabilities[right])
        return -_sum([_times_log(t, p) for t, p in zip(target, probabilities, strict=True) if present(t)])


def hinge(score: Any, target: Any, margin: float = 1.0) -> Any:
    """relu(margin - t s): nothing once the score s lies on the target's side of 0 by at least the margin.

    At t s = margin the derivative is 0, as relu's at 0.

    Args:
        score: s, any number; or a list of N.
        target: t, -1 or 1; or a list of N.
        margin: how far on the right side is far enough.
    Returns:
        One number; the mean of the N losses where lists were given.
    Raises:
        ValueError: if t is neither -1 nor 1, or the lists differ in length or are empty.
    Source: Cortes & Vapnik, "Support-vector networks", Machine Learning 20 (1995).
    Example:
        >>> hinge(0.25, 1), hinge(0.25, -1), hinge(2.0, 1)
        (0.75, 1.25, 0.0)
    """

    def loss(s: Any, t: Any) -> Any:
        require([t], lambda number: abs(number) != 1.0, _of_a_hinge)
        return relu(margin - t * s)

    return _mean_of(loss, "hinge", score, target)


def _of_a_hinge(target: float) -> str:
    hint = " For targets 0 and 1 write 2 * target - 1." if target == 0.0 else ""
    return f"hinge takes the targets -1 and 1, got {target!r}.{hint}"


# ---- sums of terms -----------------------------------------------------------------------------------------------------------


def _times(weight: Any, term: Any) -> Any:
    return term if is_one(weight) else weight * term


def _times_log(weight: Any, p: Any) -> Any:
    """weight * log(p), where 0 * log(0) is 0."""
    return log(p) if is_one(weight) else xlogy(weight, p)


def _sum(terms: Sequence[Any]) -> Any:
    return terms[0] if len(terms) == 1 else total(terms)


def _pairs(name: str, outputs: Any, targets: Any) -> list[tuple[Any, Any]]:
    """(output, target) for one output or for each of a list; refuses lists that do not fit together."""
    outputs, targets = plain(outputs), plain(targets)
    many = hasattr(outputs, "__len__"), hasattr(targets, "__len__")
    if many == (False, False):
        return [(outputs, targets)]
    if many != (True, True):
        listed, single = ("outputs", "target") if many[0] else ("targets", "output")
        raise TypeError(f"{name} got a list of {listed} and a single {single}: give two lists of the same length, or two numbers")
    if len(outputs) != len(targets):
        raise ValueError(f"{name} got {len(outputs)} outputs and {len(targets)} targets: give one target for each output")
    if not len(outputs):
        raise ValueError(f"{name} requires at least one output")
    if any(hasattr(output, "__len__") for output in outputs):
        each = f"mean([{name}(y, t) for y, t in zip(outputs, targets)])"
        raise TypeError(f"{name} takes one sample, got a list of lists: write {each}")
    return [(plain(output), plain(target)) for output, target in zip(outputs, targets, strict=True)]


def _mean_of(loss: Callable[[Any, Any], Any], name: str, outputs: Any, targets: Any) -> Any:
    losses = [loss(output, target) for output, target in _pairs(name, outputs, targets)]
    return losses[0] if len(losses) == 1 else mean(losses)


@contextmanager
def _infinite(instead: str) -> Iterator[None]:
    """Says what a logarithm of 0 means here: a prediction that was certain, and wrong."""
    try:
        yield
    except DomainError as error:
        error.add_note(f"The prediction was certain and wrong, so the loss is infinite. Use {instead}: it stays finite.")
        raise

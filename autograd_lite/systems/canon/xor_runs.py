"""Published runs on XOR: long ones, so that NumPy takes the steps, and the engine the first of them, side by side.

Notation: W1 (inputs, hidden) and W2 (hidden, 1) are the weights, X the rows of inputs, T the targets; full batch, rate 1, no biases
but the input column of ones, sigmoid units, error sum (T - out)^2 / 2.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from autograd_lite.engine.primitives import dot, sigmoid, total
from autograd_lite.engine.value import Value
from autograd_lite.systems.canon.figures import Example, Figure, figures
from autograd_lite.systems.xor import INPUTS, TARGETS
from autograd_lite.systems.xor_linear import COPIED_ROWS, COPIED_TARGETS
from autograd_lite.systems.xor_many import counts, descent, starts

_SIDE_BY_SIDE = 20


def _engine_steps(w1: Sequence[Sequence[float]], w2: Sequence[float], rows: Any, targets: Any) -> Iterator[list[float]]:
    """All weights before every step, by the engine's gradients."""
    width = len(w2)
    weights = [Value(w1[i][j]) for j in range(width) for i in range(3)] + [Value(each) for each in w2]
    while True:
        yield [weight.data for weight in weights]
        units = [weights[3 * j : 3 * j + 3] for j in range(width)]
        outputs = [sigmoid(dot(weights[3 * width :], [sigmoid(dot(unit, row)) for unit in units])) for row in rows]
        total([(t - out) ** 2 / 2 for t, out in zip(targets, outputs, strict=True)]).backward()
        weights = [Value(weight.data - weight.grad) for weight in weights]


def engine_gap(w1: Any, w2: Any, rows: Any = INPUTS, targets: Any = TARGETS, steps: int = _SIDE_BY_SIDE) -> float:
    """The largest difference between a weight of the engine's run and of NumPy's, over the first steps."""
    gap = 0.0
    runs = zip(descent(w1, w2, rows, targets), _engine_steps(w1.tolist(), w2[:, 0].tolist(), rows, targets), strict=False)
    for _, ((first, second, _), ours) in zip(range(steps + 1), runs, strict=False):
        gap = max(gap, *(abs(his - mine) for his, mine in zip([*first.T.ravel(), *second.ravel()], ours, strict=True)))
    return float(gap)


def iamtrask() -> Example:
    """3-4-1, 60,000 iterations; the mean of |error| at every ten thousandth, and the outputs after the last."""
    import numpy

    random = numpy.random.RandomState(1)
    w1, w2 = 2.0 * random.random_sample((3, 4)) - 1.0, 2.0 * random.random_sample((4, 1)) - 1.0
    errors = []
    for step, (_, _, out) in zip(range(60_000), descent(w1, w2, INPUTS, TARGETS), strict=False):
        if step % 10_000 == 0:
            errors.append(float(numpy.abs(numpy.array(TARGETS)[:, None] - out).mean()))
    printed = "0.496410031903 0.00858452565325 0.00578945986251 0.00462917677677 0.00395876528027 0.00351012256786"
    found = figures(" ".join(f"mean_|error|_at_{step:,}" for step in range(0, 60_000, 10_000)), errors, published=printed)
    found += figures("out_00 out_01 out_10 out_11", out[:, 0].tolist(), published="0.00260572 0.99672209 0.99701711 0.00386759")
    gap = Figure(f"the engine's weights, first {_SIDE_BY_SIDE} steps: gap", "", engine_gap(w1, w2), 0.0, absolute=1e-12)
    return Example("iamtrask", "Andrew Trask, A neural network in 11 lines of Python (2015)", (*found, gap))


def plateau() -> Example:
    """3-5-1 from 200 starts: the widely copied script, and true XOR from uniform(-1, 1) and from normal(0, 0.1)."""
    [copied] = counts(starts("uniform"), [1000], COPIED_ROWS, COPIED_TARGETS)
    [wide] = counts(starts("uniform"), [1000])
    narrow = {count.iterations: count.right for count in counts(starts("normal"), [1000, 5000, 10_000])}
    w1, w2 = starts("uniform", 1)
    gap = engine_gap(w1[0], w2[0])
    found = (
        Figure("copied script: starts that succeed", "200", copied.right, 200),
        Figure("copied script: mean |error|", "0.017", copied.mean_error),
        Figure("XOR, uniform: starts that succeed", "200", wide.right, 200),
        Figure("XOR, uniform: mean |error|", "0.045", wide.mean_error),
        *(
            Figure(f"XOR, normal: successes after {step:,} steps", str(count), narrow[step], count)
            for step, count in ((1000, 1), (5000, 145), (10_000, 189))
        ),
        Figure(f"the engine's weights, first {_SIDE_BY_SIDE} steps: gap", "", gap, 0.0, absolute=1e-12),
    )
    erratum = "the copied script's targets are its first input column, not XOR; a single unit could learn them"
    return Example("3-5-1", "a widely copied script; true XOR recomputed over 200 starts", found, erratum)

"""Published examples of 2-2-1 and 2-2-2 sigmoid networks, two of them with a famous slip."""

from collections.abc import Sequence
from typing import Any

from autograd_lite.calculus import grad
from autograd_lite.engine.primitives import dot, sigmoid, total
from autograd_lite.systems.canon.figures import Example, Figure, figures, grads_of
from autograd_lite.systems.equations import EXERCISES, recorded

_THROUGH_UPDATED = "the error was sent back through output weights that had already been updated"


def classic_2_2_1() -> Example:
    """Inputs .35, .9; no biases; target .5; rate 1."""
    exercise = EXERCISES["2-2-1"]
    passed = recorded(exercise)
    hidden, [output] = passed.a
    first, [last] = passed.weights
    [target] = exercise.target
    [output_delta], deltas = ([-z.grad for z in layer] for layer in reversed(passed.z))
    updated = [weight.data - weight.grad for weight in last]

    # What the author did, with the author's rounding of hidden, output and delta; then the updated weights in place of the old.
    h, delta = (0.68, 0.6637), -0.0406
    author_weights = [0.3 + delta * h[0], 0.9 + delta * h[1]]
    author_deltas = [delta * weight * each * (1 - each) for weight, each in zip(author_weights, h, strict=True)]
    new = [weight.data - weight.grad for row in first for weight in row]
    found = (
        *figures("hidden1 hidden2", [each.data for each in hidden], published=".68 .6637"),
        Figure("output", ".69", output.data, 0.6902834929076443),
        Figure("output delta", "-.0406", output_delta, -0.040681125112339026, (target - 0.69) * 0.69 * 0.31, 5e-5),
        Figure("new output weight 1", ".272392", updated[0], 0.27232596506128215, author_weights[0], 5e-6),
        Figure("new output weight 2", ".87305", updated[1], 0.8729983630089926, author_weights[1], 5e-6),
        Figure("hidden delta 1", "-2.406e-3", deltas[0], -0.0026544890308847417, author_deltas[0], 1.2e-5),
        Figure("hidden delta 2", "-7.916e-3", deltas[1], -0.008171645064129868, author_deltas[1], 1.2e-5),
        *figures(
            "new_w11 new_w12 new_w21 new_w22",
            new,
            [0.09907092883919034, 0.7976109598722038, 0.39713992422755456, 0.592645519442283],
        ),
    )
    erratum = f"{_THROUGH_UPDATED}, and from rounded numbers"
    return Example("2-2-1", "Robert Gordon University, lecture on back-propagation", found, erratum)


# ---- Mazur -------------------------------------------------------------------------------------------------------------------

MAZUR_INPUTS, MAZUR_TARGETS = (0.05, 0.10), (0.01, 0.99)
MAZUR_WEIGHTS = (0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55)


def mazur_network(w: Sequence[Any]) -> tuple[Any, list[Any], list[Any]]:
    """The error, the hidden and the final outputs, on weights of any kind.

    >>> round(mazur_network(MAZUR_WEIGHTS)[0], 9)
    0.298371109
    """
    hidden = [sigmoid(dot(w[i : i + 2], MAZUR_INPUTS, 0.35)) for i in (0, 2)]
    outputs = [sigmoid(dot(w[i : i + 2], hidden, 0.60)) for i in (4, 6)]
    return total([(t - o) ** 2 / 2 for t, o in zip(MAZUR_TARGETS, outputs, strict=True)]), hidden, outputs


def mazur_by_engine(steps: int) -> float:
    """The error after training with the engine's gradients, rate 0.5."""
    w = list(MAZUR_WEIGHTS)
    for _ in range(steps):
        w = [weight - 0.5 * slope for weight, slope in zip(w, grad(lambda v: mazur_network(v)[0])(w), strict=True)]
    return float(mazur_network(w)[0])


def mazur_by_formulas(steps: int, through_updated: bool = False) -> tuple[float, list[float]]:
    """The error and the outputs after training by the formulas of backpropagation on floats, with or without the slip."""
    w = list(MAZUR_WEIGHTS)
    for _ in range(steps):
        _, h, o = mazur_network(w)
        delta = [(o[k] - MAZUR_TARGETS[k]) * o[k] * (1 - o[k]) for k in (0, 1)]
        updated = [w[4 + 2 * k + j] - 0.5 * delta[k] * h[j] for k in (0, 1) for j in (0, 1)]
        sent = updated if through_updated else w[4:]
        back = [(delta[0] * sent[j] + delta[1] * sent[2 + j]) * h[j] * (1 - h[j]) for j in (0, 1)]
        w[:4] = [w[2 * j + i] - 0.5 * back[j] * MAZUR_INPUTS[i] for j in (0, 1) for i in (0, 1)]
        w[4:] = updated
    error, _, outputs = mazur_network(w)
    return error, outputs


def mazur() -> Example:
    """The first forward and backward pass, and one step."""
    passed = recorded(EXERCISES["mazur"])
    w = [weight for matrix in passed.weights for row in matrix for weight in row]
    hidden, outputs = passed.a
    exact = [0.0004385677344743465, 0.000877135468948693, 0.0004977127352608599, 0.0009954254705217198]
    exact += [0.08216704056423077, 0.08266762784753325, -0.02260254047747507, -0.022740242215978222]
    printed = {1: "0.000438568", 5: "0.082167041"}
    slopes = enumerate(zip(grads_of(w), exact, strict=True), start=1)
    found = (
        *figures("out_h1 out_h2", [each.data for each in hidden], published="0.593269992 0.596884378"),
        *figures("out_o1 out_o2 E", [*(o.data for o in outputs), passed.cost.data], published="0.75136507 0.772928465 0.298371109"),
        *(Figure(f"dE/dw{number}", printed.get(number, ""), slope, right, relative=3e-14) for number, (slope, right) in slopes),
        *figures(
            " ".join(f"new_w{number}" for number in range(1, 9)),
            [weight.data - 0.5 * weight.grad for weight in w],
            published="0.149780716 0.19956143 0.24975114 0.29950229 0.35891648 0.408666186 0.511301270 0.561370121",
        ),
        Figure("E after 1 step", "0.291027924", mazur_by_engine(1), 0.29102777369359933, mazur_by_formulas(1, True)[0]),
    )
    return Example("mazur", "Matt Mazur, A step by step backpropagation example (2015)", found, _THROUGH_UPDATED)


def mazur_trained() -> Example:
    """After 10,000 steps. The engine's gradients are checked above; these steps are taken by the same formulas on floats."""
    (error, outputs), (slipped_error, slipped) = mazur_by_formulas(10_000), mazur_by_formulas(10_000, True)
    before_last = mazur_by_formulas(9_999)[0]
    found = (
        Figure("E after 20 steps, the engine's", "", mazur_by_engine(20), mazur_by_formulas(20)[0], relative=1e-13),
        Figure("E after 10,000 steps", "0.0000351085", error, 3.510187782978859e-05, before_last, relative=1e-9),
        Figure("E after 10,000 steps, with the slip", "", slipped_error, 0.0000350848, absolute=6e-11),
        Figure("out_o1 after 10,000 steps", "0.015912196", outputs[0], 0.01591362044355068, slipped[0], relative=1e-11),
        Figure("out_o2 after 10,000 steps", "0.984065734", outputs[1], 0.9840642735146238, slipped[1], relative=1e-11),
    )
    erratum = f"for the outputs, {_THROUGH_UPDATED}; the error is that of a correct run, read before its last update"
    return Example("mazur trained", "Matt Mazur, A step by step backpropagation example (2015)", found, erratum)


def schiendorfer() -> Example:
    """2-2-2, x = (3, 1), sum of squares, no biases, target (1, 0)."""
    passed = recorded(EXERCISES["schiendorfer"])
    found = (
        *figures("out1 out2", [each.data for each in passed.a[-1]], published="0.73 0.12"),
        Figure("E", "", passed.cost.data, 0.08699208259994781),
        *figures("dE/dw21 dE/dw22", grads_of(passed.weights[0][1]), [0.0014201436720081408, 0.0004733812240027136], relative=1e-13),
    )
    return Example("schiendorfer", "Alexander Schiendorfer, A worked example of backpropagation (2020)", found)

"""Panels of a history: the cost and the accuracy over the epochs, for `plotting.chart` or for lines of text."""

import math
from collections.abc import Sequence
from typing import Final

from autograd_lite.plotting import Curve, Panel
from autograd_lite.training.history import History

_MOST_POINTS: Final = 150
_FEW: Final = 20  # epochs that are marked one by one


def cost_panel(history: History, title: str = "Cost") -> Panel:
    """The mean cost per sample over the epochs: of the training data as it went along, and of the validation data.

    Args:
        history: of at least one batch.
        title: of what.
    Returns:
        A Panel, for `plotting.chart`; on a logarithmic scale where every cost is above 0.
    Raises:
        ValueError: if the history is empty.
    Example:
        >>> [curve.label for curve in cost_panel(History([0.5, 0.25])).curves]
        ['training']
    """
    validation = history.column("validation_cost")
    curves = [_batches(history, history.costs), *_epochs(validation)]
    return Panel(title, "epochs", "mean cost per sample", curves, "y" if min([*history.costs, *validation]) > 0.0 else "")


def accuracy_panel(history: History, title: str = "Right answers") -> Panel:
    """The share of right answers over the epochs, in per cent; as `cost_panel`.

    Args:
        history: of at least one batch, of a training with `right`.
        title: of what.
    Returns:
        A Panel, for `plotting.chart`.
    Raises:
        ValueError: if right answers were not counted.
    Example:
        >>> accuracy_panel(History([0.5, 0.25], [0.5, 1.0])).curves[0].y
        [50.0, 100.0]
    """
    validation = [100.0 * share for share in history.column("validation_accuracy")]
    curves = [_batches(history, [100.0 * share for share in history.accuracies]), *_epochs(validation)]
    return Panel(title, "epochs", "right answers, %", curves)


def _batches(history: History, numbers: Sequence[float]) -> Curve:
    """The batches' numbers, as means over as many of them as keep the curve readable, each at the middle of those."""
    if not numbers:
        raise ValueError("there is nothing to draw: train for at least one batch, and with `right` for a curve of right answers")
    size = math.ceil(len(numbers) / _MOST_POINTS)
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    middles = [(i * size + len(part) / 2.0) / history.batches_per_epoch for i, part in enumerate(parts)]
    words = "training" if size == 1 else f"training, means of {size} batches"
    return Curve(words, middles, [math.fsum(part) / len(part) for part in parts])


def _epochs(numbers: Sequence[float]) -> list[Curve]:
    kind = "marked" if len(numbers) <= _FEW else "line"
    return [Curve("validation", range(1, len(numbers) + 1), numbers, kind)] if numbers else []

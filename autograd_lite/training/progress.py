"""Progress of a training: a bar on a terminal and in a notebook, a line for each epoch elsewhere."""

import sys
import warnings
from collections.abc import Callable
from typing import Any

from autograd_lite.engine.extras import is_here
from autograd_lite.training.callbacks import Observer
from autograd_lite.training.run import Run


def has_bars() -> bool:
    """Whether somebody sees a bar move: standard error is a terminal, or this is a notebook, and tqdm is installed.

    >>> follow = [ProgressBar() if has_bars() else EpochLines()]  # what `fit` does with `progress=None`, but for the lines
    """
    ask_for_shell = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return is_here("tqdm") and (sys.stderr.isatty() or hasattr(ask_for_shell and ask_for_shell(), "kernel"))


class ProgressBar(Observer):
    """tqdm's bar over all batches, with the cost and the accuracy of the last ones; it is gone when the training ends.

    `fit` has one by itself where `has_bars()`; `progress=False` leaves it out. Nothing is printed where the bar is closed.

    >>> from autograd_lite.datasets import xor
    >>> from autograd_lite.losses import squared_error
    >>> from autograd_lite.nn import MLP
    >>> from autograd_lite.optim import SGD
    >>> from autograd_lite.training import fit
    >>> model = MLP(2, [1], seed=0)
    >>> len(fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), epochs=3, callbacks=[ProgressBar()]).costs)
    3
    """

    needs_every_batch = False

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, run: Run) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tqdm warns where a notebook lacks ipywidgets, and goes on with a bar of text
            from tqdm.auto import tqdm

            total = run.epochs * run.batches_per_epoch
            self._bar = tqdm(total=total, initial=len(run.history.costs), unit=" batches", leave=False)

    def after_batch(self, run: Run) -> None:
        self._bar.set_postfix_str(_lately(run), refresh=False)
        self._bar.update(len(run.history.costs) - self._bar.n)

    def end(self, run: Run) -> None:
        if self._bar is not None:
            self._bar.close()


class EpochLines(Observer):
    """A line for each epoch, or for about twenty of them where there are many.

    Args:
        say: takes the lines; `print` by default.
        most: about how many there are to be.
    Example:
        >>> from autograd_lite.datasets import xor
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import SGD
        >>> from autograd_lite.training import fit
        >>> model = MLP(2, [1], seed=0)
        >>> _ = fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), epochs=4, callbacks=[EpochLines(most=2)])
        epoch    2  cost 0.190538
        epoch    4  cost 0.171431
    """

    def __init__(self, say: Callable[[str], object] = print, most: int = 20) -> None:
        self.say, self.most = say, most

    def after_epoch(self, run: Run) -> None:
        number = len(run.history.epochs)
        if number % max(1, run.epochs // self.most) and number != run.epochs:
            return
        epoch = run.history.epochs[-1]
        line = f"epoch {number:>4}  cost {epoch.cost:.6f}" + _share(epoch.accuracy)
        if epoch.validation_cost is not None:
            line += f"   validation {epoch.validation_cost:.6f}" + _share(epoch.validation_accuracy)
        self.say(line)


def _share(accuracy: float | None) -> str:
    return "" if accuracy is None else f"  right {100.0 * accuracy:6.2f} %"


def _lately(run: Run) -> str:
    """The means over the last twenty batches, which jump less than the last one alone."""
    costs, accuracies = run.history.costs[-20:], run.history.accuracies[-20:]
    cost = f"cost {sum(costs) / len(costs):.4f}"
    return cost + (f", right {sum(accuracies) / len(accuracies):.1%}" if accuracies else "")

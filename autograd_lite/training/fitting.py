"""fit: trains a model on data, batch by batch."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_lite.datasets import Dataset, split
from autograd_lite.optim import Optimizer
from autograd_lite.training.accuracy import Right, largest_output
from autograd_lite.training.checkpoints import Checkpoints, read_checkpoint
from autograd_lite.training.engines import ENGINES
from autograd_lite.training.history import History
from autograd_lite.training.progress import ProgressBar, has_bars
from autograd_lite.training.run import Callback, Run

__all__ = ["fit"]


def fit(
    model: Callable[..., Any],
    data: Dataset,
    loss: Callable[[Any, Any], Any],
    optimizer: Optimizer,
    *,
    batch_size: int = 32,
    epochs: int = 1,
    engine: str = "eager",
    seed: int = 0,
    validation: Dataset | float | None = None,
    right: Right | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool | None = None,
    checkpoint: str | os.PathLike[str] | Checkpoints | None = None,
    resume: bool = False,
    history: History | None = None,
) -> History:
    """The history of training a model by mini-batches; the model itself is what changes.

    Each epoch shuffles the samples and takes `batch_size` of them at a time; a step goes against the gradient of their mean loss,
    by the optimizer's rule. The same seed gives the same bytes, also for a training that was stopped and resumed.

    Args:
        model: from a list of numbers to an output or a list of outputs.
        data: what to learn from.
        loss: of one sample, from its output and target: `cross_entropy`, `squared_error`, `hinge` or your own.
        optimizer: made for the model's parameters.
        batch_size: samples per step; the last batch of an epoch has those that are left.
        epochs: passes over the data, those of a resumed training included.
        engine: "eager" sends sample by sample through Values; "program" records the loss once and sends whole batches through
            arrays. Their numbers agree up to rounding.
        seed: of the order of the samples.
        validation: data to measure cost and accuracy on after each epoch; or a share of `data` to set aside for that.
        right: which outputs are right answers, see `accuracy`; `largest_output` by default where the data has names of classes.
        callbacks: are told after every batch and epoch, and may stop the training; such as `EarlyStopping`.
        progress: whether to show a bar; by default on a terminal and in a notebook.
        checkpoint: a file to keep the training in, written after every epoch and at the end; or `Checkpoints`, for more often.
        resume: go on from the checkpoint, if there is one.
        history: to be filled, so that it is at hand when the training is interrupted; a new one by default.
    Raises:
        ValueError: if an argument is out of range, or the checkpoint is of another training; nothing is changed then.
        DivergedError: if the cost becomes nan or infinite.
        KeyboardInterrupt: on Ctrl-C, between two steps: the model holds what was learned so far.
    Source: Bottou, "Large-scale machine learning with stochastic gradient descent", COMPSTAT 2010.
    Example:
        >>> from autograd_lite.datasets import moons
        >>> from autograd_lite.losses import hinge
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import Adam
        >>> from autograd_lite.training import same_side
        >>> model = MLP(2, [8, 1], seed=1)
        >>> history = fit(model, moons(40), hinge, Adam(model.parameters(), 0.05), batch_size=10, epochs=3, right=same_side)
        >>> len(history.costs), len(history.epochs)
        (12, 3)
    """
    _check(batch_size, epochs, engine, data)
    data, held_out = _set_aside(data, validation, seed)
    run = Run(
        model,
        data,
        optimizer,
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
        validation=held_out,
        right=largest_output if right is None and data.names else right,
        history=History() if history is None else history,
    )
    keeper = Checkpoints(checkpoint) if isinstance(checkpoint, str | os.PathLike) else checkpoint
    if resume:
        _take_up(run, keeper)
    bars = [ProgressBar()] if (has_bars() if progress is None else progress) else []
    watching = [*callbacks, *([keeper] if keeper else []), *bars]
    run.train(ENGINES[engine](model, loss, optimizer, data), watching)
    return run.history


def _check(batch_size: int, epochs: int, engine: str, data: Dataset) -> None:
    for name, count, least in (("batch_size", batch_size, 1), ("epochs", epochs, 0)):
        if not isinstance(count, int) or count < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {count!r}")
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}: choose one of {', '.join(map(repr, ENGINES))}")
    if not len(data):
        raise ValueError("there is nothing to learn from: the data has no samples")


def _set_aside(data: Dataset, validation: Dataset | float | None, seed: int) -> tuple[Dataset, Dataset | None]:
    if validation is None or isinstance(validation, Dataset):
        return data, validation
    if not 0.0 < validation < 1.0:
        raise ValueError(f"the share of validation data lies between 0 and 1, got {validation!r}")
    learned, held_out = split(data, (1.0 - validation, validation), seed)
    return learned, held_out


def _take_up(run: Run, keeper: Checkpoints | None) -> None:
    """Sets the run to where its checkpoint says, if there is one."""
    if keeper is None:
        raise ValueError("resume=True needs a checkpoint to go on from: give checkpoint=, the file it is kept in")
    if not Path(keeper.path).exists():
        return
    found = read_checkpoint(keeper.path)
    for name, now in (run.settings | keeper.settings).items():
        then = found.settings.get(name)
        if then != now:
            raise ValueError(f"{keeper.path} is of another training: its {name.replace('_', ' ')} is {then!r}, this one's {now!r}")
    found.restore(run.optimizer)
    run.history.take_over(found.history)

"""fit: trains a model on data, batch by batch."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autograd_lite.datasets import Dataset, split
from autograd_lite.engine.reals import whole_number
from autograd_lite.engine.recording import enable_grad
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.nn.module import Module
from autograd_lite.optim import Optimizer
from autograd_lite.optim.clipping import check_limit
from autograd_lite.optim.update_rules import check_count
from autograd_lite.program.program import checked_dtype
from autograd_lite.program.write.backends import Backend, backend_of
from autograd_lite.training.accuracy import Right, largest_output
from autograd_lite.training.augmenting import Augment
from autograd_lite.training.callbacks import Callback
from autograd_lite.training.checkpoint_writer import Checkpoints
from autograd_lite.training.checkpoints import read_checkpoint
from autograd_lite.training.history import History
from autograd_lite.training.program_engine import ENGINES, check_steps
from autograd_lite.training.progress import ProgressBar, has_bars
from autograd_lite.training.resumption import settings_of
from autograd_lite.training.run import Run


def fit(
    model: Callable[..., Any],
    data: Dataset,
    loss: Callable[[Any, Any], Any],
    optimizer: Optimizer,
    *,
    batch_size: int = 32,
    epochs: int = 1,
    clip: float | None = None,
    engine: str = "eager",
    backend: str | Backend | None = None,
    dtype: Any = None,
    seed: int = 0,
    validation: Dataset | float | None = None,
    right: Right | None = None,
    keep_best: bool = False,
    augment: Augment | None = None,
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
        clip: the largest Euclidean length of the gradient of a batch, over all parameters that learn; a longer one is shrunk to it
            before the step, after the callbacks' `before_step`.
        engine: "eager" sends sample by sample through Values; "program" records the loss once and sends whole batches through
            arrays. Their numbers agree up to rounding.
        backend: what runs a program, see `trace`. Batches whose answers and gradients nobody has to see (no `right`, and callbacks
            that follow epochs) are one call of it, as in `Program.descent`.
        dtype: what a program computes in: "float64", which is the default, or "float32".
        seed: of the order of the samples.
        validation: data to measure cost and accuracy on after each epoch; or a share of `data` to set aside for that.
        right: which outputs are right answers, see `accuracy`; `largest_output` by default where the data has names of classes.
        keep_best: whether the model is to end with the parameters of the epoch of the lowest cost, that of the validation data if
            there are any, and not with the last ones.
        augment: what is done to the inputs of every batch before it is learned from, anew in every epoch: from its (rows, features)
            inputs and a random generator of its own to as many others, such as `datasets.Shifts`. Validation data stay as they are.
        callbacks: are told of every gradient, batch and epoch, see the model and the optimizer as they are and may change them, and
            may stop the training; such as `EarlyStopping`.
        progress: whether to show a bar; by default on a terminal and in a notebook.
        checkpoint: a file to keep the training in, written after every epoch and at the end; or `Checkpoints`, for more often.
        resume: go on from the checkpoint, if there is one; arguments that decide the run must be the same.
        history: an empty one to be filled, so that it is at hand when the training is interrupted; a new one by default.
    Raises:
        ValueError: if an argument is out of range, the optimizer has none of the model's parameters or (for a program) a `step` of
            its own, or the checkpoint is of another training; nothing is changed then.
        TypeError: if the optimizer is no Optimizer, or a callback no Callback.
        DivergedError: if the cost, a gradient or a parameter becomes nan or infinite; the message names it, and the batch.
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
    numbers: dict[str, Any] = {"batch_size": batch_size, "epochs": epochs, "seed": seed, "clip": clip}
    _check(engine, data, **numbers)
    options = _of_programs(engine, backend, dtype)
    _check_parts(model, data, loss, optimizer, engine, callbacks)
    run = Run(
        model,
        loss=loss,
        optimizer=optimizer,
        right=largest_output if right is None and data.names else right,
        history=History() if history is None else history,
        keep_best=keep_best,
        augment=augment,
        callbacks=[*callbacks, *_observers(checkpoint, progress)],
        **numbers,
        **_set_aside(data, validation, seed),
    )
    return _taken_up(run, resume, options.get("dtype")).train(ENGINES[engine](model, loss, optimizer, run.data, **options))


def _check(engine: str, data: Dataset, *, batch_size: int, epochs: int, seed: int, clip: float | None) -> None:
    check_count("batch_size", batch_size, 1)
    check_count("epochs", epochs, 0)
    whole_number("seed", seed, 0)
    if clip is not None:
        check_limit("clip", clip)
    if engine not in ENGINES:
        raise ValueError(f"there is no engine {engine!r}: choose one of {', '.join(map(repr, ENGINES))}")
    if not len(data):
        raise ValueError("there is nothing to learn from: the data has no samples")


def _of_programs(engine: str, backend: str | Backend | None, dtype: Any) -> dict[str, Any]:
    """What only programs are asked for."""
    given: dict[str, Any] = {} if backend is None else {"backend": backend_of(backend)}
    if dtype is not None and (name := checked_dtype(dtype)) != "float64":
        given["dtype"] = name
    for name in given:
        if engine != "program":
            raise ValueError(f'{name}= is of programs: give engine="program" as well, got engine={engine!r}')
    return given


def _check_parts(
    model: Any, data: Dataset, loss: Callable[[Any, Any], Any], optimizer: Any, engine: str, callbacks: Sequence[Any]
) -> None:
    """Refuses what is no optimizer or callback, and an optimizer of which nothing takes part in the loss."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"fit takes an Optimizer, such as SGD(model.parameters(), 0.1), got {type(optimizer).__name__}")
    if engine == "program":
        check_steps(optimizer)
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise TypeError(
                f"a callback is a Callback, with after_epoch(run) and the like, got {callback!r:.60}: derive from Callback"
            )
    wanted = {id(parameter) for group in optimizer.groups for parameter in group.parameters}
    if isinstance(model, Module) and wanted & {id(leaf) for leaf in model.named_leaves().values()}:
        return
    if not any(parameter.requires_grad for group in optimizer.groups for parameter in group.parameters):
        return  # the run says so, unless a callback changes it at the beginning
    samples = zip(data.inputs.tolist(), data.targets.tolist(), strict=True)
    with enable_grad():
        trains = any(wanted & _leaves_under(loss(model(x), target)) for x, target in samples)
    if not trains:
        made = f"{type(optimizer).__name__}({'model.parameters()' if isinstance(model, Module) else '[...]'}, ...)"
        raise ValueError(
            f"none of the optimizer's {len(wanted):,} parameters takes part in the loss: it would train nothing. "
            f"Make the optimizer for this model: {made}."
        )


def _leaves_under(cost: Any) -> set[int]:
    return {id(node) for node in topological_order(cost)} if isinstance(cost, Value) else set()


def _observers(checkpoint: str | os.PathLike[str] | Checkpoints | None, progress: bool | None) -> list[Callback]:
    keeper = Checkpoints(checkpoint) if isinstance(checkpoint, str | os.PathLike) else checkpoint
    bar = ProgressBar() if (has_bars() if progress is None else progress) else None
    return [each for each in (keeper, bar) if each]


def _set_aside(data: Dataset, validation: Dataset | float | None, seed: int) -> dict[str, Any]:
    """What to learn from, what to try it on, and both as they were given."""
    learned, held_out = _parted(data, validation, seed)
    return {"data": learned, "validation": held_out, "given": data}


def _parted(data: Dataset, validation: Dataset | float | None, seed: int) -> tuple[Dataset, Dataset | None]:
    if validation is None:
        return data, None
    if isinstance(validation, Dataset):
        if not len(validation):
            raise ValueError("the validation data has no samples: leave it out")
        if validation.inputs.shape[1] != data.inputs.shape[1]:
            raise ValueError(
                f"the validation data has {validation.inputs.shape[1]:,} inputs in a sample, the data {data.inputs.shape[1]:,}"
            )
        return data, validation
    if not 0.0 < validation < 1.0:
        raise ValueError(f"the share of validation data lies between 0 and 1, got {validation!r}")
    learned, held_out = split(data, (1.0 - validation, validation), seed)
    return learned, held_out


def _taken_up(run: Run, resume: bool, dtype: str | None) -> Run:
    """The run; notes what decides the run, if it has a checkpoint; and sets it to where that says, if it is to be resumed."""
    keeper = next((callback for callback in run.callbacks if isinstance(callback, Checkpoints)), None)
    if keeper is None:
        if resume:
            raise ValueError("resume=True needs a checkpoint to go on from: give checkpoint=, the file it is kept in")
        return _begun_anew(run)
    run.settings = settings_of(run) | {"dtype": dtype}  # before a resumed training or a callback changes a rate
    if not resume or not Path(keeper.path).exists():
        return _begun_anew(run)
    found = read_checkpoint(keeper.path)
    for name, now in json.loads(json.dumps(keeper.settings | run.settings)).items():
        then = found.settings.get(name)
        if then != now:
            raise ValueError(f"{keeper.path} is of another training: its {name.replace('_', ' ')} is {then!r}, this one's {now!r}")
    try:
        found.restore(run)
    except ValueError as error:
        error.add_note(f"The checkpoint is {keeper.path}.")
        raise
    return run


def _begun_anew(run: Run) -> Run:
    """Refuses the history of another training: its length is the clock."""
    if run.history.costs or run.history.epochs:
        raise ValueError(
            f"the history already has {len(run.history.costs):,} batches and {len(run.history.epochs):,} epochs, and a training "
            "begins with an empty one: give a new History(). To go on with a training give checkpoint= and resume=True."
        )
    return run

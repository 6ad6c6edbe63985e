"""Checkpoints: a training on disk, to be continued as if it had never stopped.

A checkpoint is a NumPy archive (.npz): the parameters, the optimizer's state of each, and a JSON text with the rest.
It is written beside the last one and then renamed, so that the process may be killed at any moment.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any, Final

import numpy

from autograd_lite.datasets import Array
from autograd_lite.files import remove_left_over
from autograd_lite.nn.archives import read_archive, write_archive
from autograd_lite.optim.clipping import check_limit
from autograd_lite.optim.flat_optimizer import memory_of, set_memory
from autograd_lite.optim.groups import rate_at
from autograd_lite.training.history import History
from autograd_lite.training.resumption import (
    answers_now,
    check_answers,
    check_arrays,
    check_history,
    check_record,
    checksum_of_function,
    groups_now,
    restored_groups,
    whole_number,
)
from autograd_lite.training.run import Callback, Observer, Run

_FORMAT: Final = "autograd_lite checkpoint"
_VERSION: Final = 2


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training between two batches.

    Attributes:
        settings: what was given to `fit` and must be the same for the training to go on exactly.
        history: so far; its length says which batch comes next.
        parameters: (leaves,) the numbers of the model and of the optimizer, in the order of `Run.leaves`.
        learning: (leaves,) which of them require a gradient.
        memories: for each group, (state vectors, parameters) what its rule remembers.
        record: what else there is, as JSON: the steps, the groups' rates and rules, what the callbacks remember, some answers.
        best: (leaves,) the numbers of the best epoch; none without keep_best.
    """

    settings: dict[str, Any]
    history: History
    parameters: Array
    learning: Array
    memories: tuple[Array, ...]
    record: Mapping[str, Any]
    best: Array = field(default_factory=lambda: numpy.empty(0))

    @classmethod
    def of(cls, run: Run) -> "Checkpoint":
        """The state of a run as it is now."""
        record = {
            "steps": run.optimizer.steps,
            "groups": groups_now(run.optimizer),
            "clip": None if run.clip is None else float(run.clip),
            "right": checksum_of_function(run.right),
            "callbacks": {name: state for name, callback in _by_name(run).items() if (state := _remembered(name, callback))},
            "answers": answers_now(run),
            "best": None if run.best is None else [run.best.cost, run.best.epoch],
        }
        now, best = _State.of(run), numpy.array([] if run.best is None else run.best.numbers)
        return cls(run.settings, run.history, now.numbers, now.learning, now.memories, record, best)

    @property
    def steps(self) -> int:
        """How many the optimizer has taken."""
        return int(self.record["steps"])

    def check(self) -> None:
        """Refuses what cannot come from a training.

        Raises:
            ValueError: if a number is nan or infinite, or something is of the wrong kind or shape; the message says what.
        """
        check_arrays(self.parameters, self.learning, self.best, self.memories)
        check_record(self.settings, self.record)
        check_history(self.history)

    def restore(self, run: Run) -> None:
        """Sets a run to where it was, all of it or nothing.

        Raises:
            ValueError: if the run has other groups or parameters, computes something else, or a number is nan or infinite; the
                message says what.
        """
        self.check()
        self._check_shapes(run)
        try:
            groups = restored_groups(run.optimizer, self.record["groups"])
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"the checkpoint's rates and rules of the groups are damaged: {error!r}") from None
        for rate, _ in groups:
            rate_at(self.steps, rate)
        if self.record["right"] != checksum_of_function(run.right):
            raise ValueError("a callback had set `right`, which a checkpoint cannot hold: give `fit` the one that is meant")
        callbacks = _by_name(run)
        before = {name: deepcopy(callbacks[name].state_dict()) for name in self.record["callbacks"]}
        now = _State.of(run)
        then = _State(self.parameters, self.learning, self.memories, self.steps, groups)
        try:
            then.set(run)
            check_answers(run, self.record["answers"])
            for name, state in self.record["callbacks"].items():
                callbacks[name].load_state_dict(state)
        except BaseException:
            now.set(run)
            for name, state in before.items():
                with suppress(Exception):  # one that cannot take its own state back has said so already
                    callbacks[name].load_state_dict(state)
            raise
        run.clip = self.record["clip"]
        run.history.take_over(self.history)
        if run.best is not None:
            (run.best.cost, run.best.epoch), run.best.numbers = self.record["best"], self.best.tolist()

    def _check_shapes(self, run: Run) -> None:
        expected = [(len(group.rule.state_names), len(group.parameters)) for group in run.optimizer.groups]
        found = [memory.shape for memory in self.memories]
        if len(self.parameters) != len(run.leaves) or found != expected:
            raise ValueError(
                f"the checkpoint does not fit {run.optimizer!r}: {len(self.parameters):,} parameters where there are "
                f"{len(run.leaves):,}, a memory of the shapes {found} where {expected} is expected: (state vectors, parameters). "
                "Make the same model and optimizer."
            )
        missing = [name for name in self.record["callbacks"] if name not in _by_name(run)]
        if missing:
            raise ValueError(f"the checkpoint holds what the callback {missing[0]} remembers, and there is none now: give it again")
        if run.best is not None and self.record["best"] is None:
            raise ValueError("the checkpoint has no best epoch, as it was made without keep_best=True")


@dataclass(frozen=True, eq=False)
class _State:
    """The numbers, rates and rules of a run."""

    numbers: Array
    learning: Array
    memories: tuple[Array, ...]
    steps: int
    groups: list[tuple[Any, Any]]

    @classmethod
    def of(cls, run: Run) -> "_State":
        leaves, groups = list(run.leaves.values()), run.optimizer.groups
        return cls(
            numpy.array([leaf.data for leaf in leaves]),
            numpy.array([leaf.requires_grad for leaf in leaves]),
            tuple(memory_of(group) for group in groups),
            run.optimizer.steps,
            [(group.learning_rate, group.rule) for group in groups],
        )

    def set(self, run: Run) -> None:
        for leaf, number, learns in zip(run.leaves.values(), self.numbers.tolist(), self.learning.tolist(), strict=True):
            leaf.data, leaf.requires_grad = number, bool(learns)
        for group, memory, (rate, rule) in zip(run.optimizer.groups, self.memories, self.groups, strict=True):
            group.learning_rate, group.rule = rate, rule
            set_memory(group, memory)
        run.optimizer.steps = self.steps


def _by_name(run: Run) -> dict[str, Callback]:
    """The callbacks by their class and a number."""
    names = [type(callback).__qualname__ for callback in run.callbacks]
    return {f"{name} {names[: i + 1].count(name)}": run.callbacks[i] for i, name in enumerate(names)}


def _remembered(name: str, callback: Callback) -> dict[str, Any]:
    state = callback.state_dict()
    try:
        json.dumps(state)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"what the callback {name} remembers is nothing that JSON can hold: {error}. Give numbers and texts."
        ) from None
    return state


def write_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> Path:
    """Writes a checkpoint in place of an older one; a reader of the path finds one or the other, whole.

    Returns:
        The path written.
    Raises:
        TypeError: if what a callback remembers is nothing that JSON can hold.
    """
    record = {
        "format": _FORMAT,
        "version": _VERSION,
        "settings": dict(checkpoint.settings),
        "memories": len(checkpoint.memories),
        "history": checkpoint.history.document(),
        "state": dict(checkpoint.record),
    }
    arrays = {"numbers": checkpoint.parameters, "learning": checkpoint.learning, "best": checkpoint.best}
    arrays["record"] = numpy.frombuffer(json.dumps(record).encode(), numpy.uint8)
    arrays |= {f"memory{i}": memory for i, memory in enumerate(checkpoint.memories)}
    return write_archive(path, arrays)


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """The checkpoint in a file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint; the message names the file and what is wrong.
    """
    try:
        return _checked(read_archive(path))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else error
        raise ValueError(f"{os.fspath(path)} is no checkpoint of {_FORMAT.split()[0]}, version {_VERSION}: {reason}") from None


def _checked(arrays: dict[str, Array]) -> Checkpoint:
    """The checkpoint in a file's arrays, checked as far as that is possible without its run."""
    record = json.loads(arrays["record"].tobytes())
    if (record.get("format"), record.get("version")) != (_FORMAT, _VERSION):
        raise ValueError(f"it says {record.get('format')!r}, version {record.get('version')!r}")
    memories = tuple(arrays[f"memory{i}"] for i in range(whole_number("memories", record["memories"])))
    history, state = History.from_document(record["history"]), record["state"]
    checkpoint = Checkpoint(record["settings"], history, arrays["numbers"], arrays["learning"], memories, state, arrays["best"])
    checkpoint.check()
    return checkpoint


class Checkpoints(Observer):
    """Writes a checkpoint after every epoch, at the end, and after every so many batches where that is asked for.

    If a training ends while callbacks are being told, the last checkpoint before that is kept: there is none of half a batch.

    Args:
        path: the file; its folder is made if need be.
        every: how many batches between two checkpoints; None for whole epochs.
        settings: by name, what else must be the same when the training is resumed, besides what `fit` knows of.
        pause: seconds that pass, at least, before a checkpoint of a whole epoch; at the end there is one in any case. A large
            network takes seconds to be written.
    Raises:
        ValueError: if `every` is below 1, or `pause` below 0.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        every: int | None = None,
        settings: Mapping[str, Any] | None = None,
        pause: float = 0.0,
    ) -> None:
        if every is not None and every < 1:
            raise ValueError(f"checkpoints are written every so many batches, at least 1, got {every!r}")
        check_limit("pause", pause)
        self.path, self.every, self.settings, self.pause = Path(path), every, dict(settings or {}), pause
        self.needs_every_batch = every is not None
        self._written: tuple[int, int] | None = None

    def begin(self, run: Run) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        remove_left_over(self.path)
        self._written = _position(run) if self.path.exists() else None
        self._since = monotonic()

    def after_batch(self, run: Run) -> None:
        if self.every is not None and len(run.history.costs) % self.every == 0:
            self._write(run)

    def after_epoch(self, run: Run) -> None:
        if monotonic() - self._since >= self.pause:
            self._write(run)

    def end(self, run: Run) -> None:
        if run.whole:
            self._write(run)

    def _write(self, run: Run) -> None:
        if self._written != _position(run):
            run.engine.write_back()
            checkpoint = Checkpoint.of(run)
            write_checkpoint(self.path, replace(checkpoint, settings=checkpoint.settings | self.settings))
            self._written, self._since = _position(run), monotonic()


def _position(run: Run) -> tuple[int, int]:
    return len(run.history.costs), len(run.history.epochs)

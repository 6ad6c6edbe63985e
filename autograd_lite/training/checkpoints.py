"""Checkpoints: a training on disk, from which it goes on as if nothing had happened.

A checkpoint is a NumPy archive (.npz) with the parameters, what the optimizer remembers of each, and a JSON text with the rest.
It is written beside the last one and then renamed, so that the process may be killed at any moment.
"""

import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy

from autograd_lite.datasets import Array
from autograd_lite.files import write_whole
from autograd_lite.optim import Optimizer
from autograd_lite.training.flat_optimizer import memory_of, set_memory
from autograd_lite.training.history import History
from autograd_lite.training.run import Callback, Run

__all__ = ["Checkpoint", "Checkpoints", "read_checkpoint", "write_checkpoint"]

_FORMAT: Final = "autograd_lite checkpoint"
_VERSION: Final = 1


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A training between two batches.

    Attributes:
        settings: what must be the same for the training to go on exactly: seed, batch size, data.
        history: so far; its length says which batch comes next.
        parameters: (P,) the optimizer's parameters, group by group.
        memories: for each group, (things, parameters) what its rule remembers.
        steps: how many the optimizer has taken.
    """

    settings: Mapping[str, Any]
    history: History
    parameters: Array
    memories: tuple[Array, ...]
    steps: int

    @classmethod
    def of(cls, optimizer: Optimizer, history: History, settings: Mapping[str, Any]) -> "Checkpoint":
        """The state of an optimizer and its parameters as they are now."""
        parameters = numpy.array([parameter.data for group in optimizer.groups for parameter in group.parameters])
        return cls(settings, history, parameters, tuple(memory_of(group) for group in optimizer.groups), optimizer.steps)

    def restore(self, optimizer: Optimizer) -> None:
        """Sets the parameters and the memory of an optimizer, all or nothing.

        Raises:
            ValueError: if the optimizer has other groups; the message says what was expected and found.
        """
        expected = [(len(group.rule.state_names), len(group.parameters)) for group in optimizer.groups]
        found = [memory.shape for memory in self.memories]
        if len(self.parameters) != sum(count for _, count in expected) or found != expected:
            raise ValueError(
                f"the checkpoint does not fit {optimizer!r}: {len(self.parameters):,} parameters, a memory of the shapes {found} "
                f"where {expected} is expected: things to remember by parameters. Make the same model and optimizer."
            )
        numbers = iter(self.parameters.tolist())
        for group, memory in zip(optimizer.groups, self.memories, strict=True):
            set_memory(group, memory)
            for parameter in group.parameters:
                parameter.data = next(numbers)
        optimizer.steps = self.steps


def write_checkpoint(path: str | os.PathLike[str], checkpoint: Checkpoint) -> Path:
    """Writes a checkpoint in the place of an older one; whoever reads the path finds the one or the other, whole.

    Returns:
        The path written.
    """
    record = {
        "format": _FORMAT,
        "version": _VERSION,
        "settings": dict(checkpoint.settings),
        "steps": checkpoint.steps,
        "groups": len(checkpoint.memories),
        "history": checkpoint.history.document(),
    }
    arrays = {"parameters": checkpoint.parameters, "record": numpy.frombuffer(json.dumps(record).encode(), numpy.uint8)}
    arrays |= {f"group{i}": memory for i, memory in enumerate(checkpoint.memories)}
    archive = io.BytesIO()
    numpy.savez(archive, allow_pickle=False, **arrays)
    return write_whole(path, archive.getvalue())


def read_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """The checkpoint in a file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no checkpoint; the message names the file and what is wrong.
    """
    content = Path(path).read_bytes()
    try:
        with numpy.load(io.BytesIO(content), allow_pickle=False) as archive:
            record = json.loads(archive["record"].tobytes())
            if (record.get("format"), record.get("version")) != (_FORMAT, _VERSION):
                raise ValueError(f"it says {record.get('format')!r}, version {record.get('version')!r}")
            memories = tuple(archive[f"group{i}"] for i in range(record["groups"]))
            history = History.from_document(record["history"])
            return Checkpoint(record["settings"], history, archive["parameters"], memories, int(record["steps"]))
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{os.fspath(path)} is no checkpoint of {_FORMAT.split()[0]}, version {_VERSION}: {error}") from None


class Checkpoints(Callback):
    """Writes a checkpoint after every epoch, at the end, and after every so many batches where that is asked for.

    Args:
        path: the file; its folder is made if need be.
        every: how many batches between two checkpoints; None for whole epochs.
        settings: by name, what else must be the same when the training is resumed, besides seed, batch size and data.
    Raises:
        ValueError: if `every` is below 1.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None = None, settings: Mapping[str, Any] | None = None) -> None:
        if every is not None and every < 1:
            raise ValueError(f"checkpoints are written every so many batches, at least 1, got {every!r}")
        self.path = Path(path)
        self.every = every
        self.settings = dict(settings or {})
        self._written: tuple[int, int] | None = None

    def begin(self, run: Run) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for left_over in self.path.parent.glob(f"{self.path.name}.*.part"):  # of a process that was killed while it wrote
            left_over.unlink(missing_ok=True)
        self._written = _position(run) if self.path.exists() else None

    def after_batch(self, run: Run) -> None:
        if self.every is not None and len(run.history.costs) % self.every == 0:
            self._write(run)

    def after_epoch(self, run: Run) -> None:
        self._write(run)

    def end(self, run: Run) -> None:
        self._write(run)

    def _write(self, run: Run) -> None:
        if self._written != _position(run):
            run.engine.write_back()
            write_checkpoint(self.path, Checkpoint.of(run.optimizer, run.history, run.settings | self.settings))
            self._written = _position(run)


def _position(run: Run) -> tuple[int, int]:
    return len(run.history.costs), len(run.history.epochs)

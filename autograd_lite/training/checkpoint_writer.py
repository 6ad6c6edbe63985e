"""The callback that keeps a training on disk while it runs."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from autograd_lite.files import remove_left_over
from autograd_lite.optim.clipping import check_limit
from autograd_lite.training.callbacks import Observer
from autograd_lite.training.checkpoints import Checkpoint, write_checkpoint
from autograd_lite.training.run import Run


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
    Example:
        >>> from autograd_lite.datasets import xor
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import MLP
        >>> from autograd_lite.optim import SGD
        >>> from autograd_lite.training import fit
        >>> def trained(epochs, **kept):
        ...     model = MLP(2, [1], seed=0)
        ...     rule = SGD(model.parameters(), 0.5)
        ...     fit(model, xor(), squared_error, rule, batch_size=1, epochs=epochs, **kept)
        ...     return model.state_dict()
        >>> _ = trained(2, checkpoint=Checkpoints("run.npz", every=2))
        >>> trained(4, checkpoint="run.npz", resume=True) == trained(4)  # as if it had never stopped
        True
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

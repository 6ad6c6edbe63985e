"""Training: mini-batches, epochs, history, early stopping, progress, and checkpoints from which a run goes on with the same bytes.

fitting             `fit`; run: a training in progress; callbacks: what is told of it
engines             what training needs of an engine, and the eager one
program_engine      the other one: programs, with loss_programs, and target_programs for what a loss sees
history, charts     what happened, and the best epoch; the same as curves
accuracy            which answers count as right
augmenting          what is done to inputs before they are learned from
early_stopping, progress, checkpoint_writer    three callbacks
checkpoints, resumption     the file from which a training goes on; what must be the same then
divergence, interruption    what ends a training: a cost that is not finite; an error, Ctrl-C

>>> from autograd_lite.datasets import xor
>>> from autograd_lite.losses import squared_error
>>> from autograd_lite.nn import MLP
>>> from autograd_lite.optim import SGD
>>> model = MLP(2, [5, 1], "tanh", seed=3)
>>> history = fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), batch_size=4, epochs=100, right=near_target)
>>> history.epochs[-1].accuracy
1.0
"""

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install
from autograd_lite.nn.archives import load_matrices, matrices, save_matrices
from autograd_lite.optim.divergence import DivergedError
from autograd_lite.training.accuracy import largest_output, near_target, same_side
from autograd_lite.training.callbacks import Callback, Observer
from autograd_lite.training.charts import accuracy_panel, cost_panel
from autograd_lite.training.checkpoint_writer import Checkpoints
from autograd_lite.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from autograd_lite.training.early_stopping import EarlyStopping
from autograd_lite.training.engines import TrainingEngine, predict
from autograd_lite.training.fitting import fit
from autograd_lite.training.history import Epoch, History
from autograd_lite.training.program_engine import ENGINES
from autograd_lite.training.progress import EpochLines, ProgressBar, has_bars
from autograd_lite.training.run import Run

__all__ = [
    "ENGINES",
    "Callback",
    "Checkpoint",
    "Checkpoints",
    "DivergedError",
    "EarlyStopping",
    "Epoch",
    "EpochLines",
    "History",
    "Observer",
    "ProgressBar",
    "Run",
    "TrainingEngine",
    "accuracy_panel",
    "cost_panel",
    "fit",
    "has_bars",
    "largest_output",
    "load_matrices",
    "matrices",
    "near_target",
    "predict",
    "read_checkpoint",
    "same_side",
    "save_matrices",
    "write_checkpoint",
]

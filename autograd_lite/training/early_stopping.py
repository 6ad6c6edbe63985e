"""Early stopping: a callback that ends a training when the cost no longer falls."""

from autograd_lite.training.callbacks import Callback
from autograd_lite.training.run import Run


class EarlyStopping(Callback):
    """Stops when the cost has not fallen below its best for some epochs: the validation cost, or without one the training cost.

    It looks at the history only, so that a resumed training stops where an uninterrupted one would.

    Args:
        patience: how many epochs without a better cost end the training.
        least_gain: by how much a cost must be lower than the best to be better.
    Raises:
        ValueError: if the patience is below 1 or the gain negative.
    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), algorithm 7.1, where `patience` is p.
    Example:
        >>> EarlyStopping(patience=2).has_waited([0.5, 0.4, 0.45, 0.41])
        True
    """

    looks_at_model = False

    def __init__(self, patience: int = 5, least_gain: float = 0.0) -> None:
        if patience < 1 or not least_gain >= 0.0:
            raise ValueError(
                f"EarlyStopping takes a patience of at least 1 and a least_gain of at least 0, got {patience!r} and {least_gain!r}"
            )
        self.patience, self.least_gain = patience, least_gain

    def has_waited(self, costs: list[float]) -> bool:
        """Whether the last `patience` of the `costs` are no better than the best before them."""
        best, best_at = float("inf"), -1
        for epoch, cost in enumerate(costs):
            if cost < best - self.least_gain:
                best, best_at = cost, epoch
        return len(costs) - 1 - best_at >= self.patience

    def begin(self, run: Run) -> None:
        self.after_epoch(run)

    def after_epoch(self, run: Run) -> None:
        costs = run.history.column("validation_cost")
        kind = "validation" if costs else "training"
        if self.has_waited(costs or run.history.column("cost")):
            run.stop(f"no better {kind} cost for {self.patience} epoch{'' if self.patience == 1 else 's'}")

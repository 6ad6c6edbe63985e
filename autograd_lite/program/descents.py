"""`Program.descent`: its arguments, checked, and what they ask for."""

import math
from collections.abc import Sequence
from inspect import Parameter, signature
from typing import Any, Final

from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.reals import whole_number
from autograd_lite.engine.value import Value
from autograd_lite.optim import SGD, Adam, AdamW, Optimizer, Schedule
from autograd_lite.optim.clipping import check_limit
from autograd_lite.optim.flat_optimizer import FlatOptimizer, check_own_step
from autograd_lite.optim.update_rules import check_constant, check_count
from autograd_lite.program.batches import Batches
from autograd_lite.program.descending import Descending, Descent
from autograd_lite.program.replay import Replay

_BY_NAME: Final[dict[str, type[Optimizer]]] = {kind.__name__.lower(): kind for kind in (SGD, Adam, AdamW)}


class Descends:
    """What a program with parameters does besides replays: it trains."""

    _replay: Replay

    def descent(
        self,
        *arrays: Any,
        optimizer: Optimizer | type[Optimizer] | str,
        iterations: int,
        learning_rate: float | Schedule | None = None,
        batch_size: int | None = None,
        seed: int = 0,
        clip: float | None = None,
        tolerance: float | None = None,
        every: int = 1,
        losses: list[float] | None = None,
    ) -> Descent:
        """A whole training loop in one call: so many steps of an optimizer against the gradient of the mean over the rows.

        The numbers are those of the loop by hand, `loss_and_gradient` and the optimizer's rule. It begins at `parameters`; at the
        end those, the Values they belong to and the optimizer hold what was learned, by all steps that were taken: also where an
        error or Ctrl-C ends it, which happens between two steps.

        Args:
            arrays: as for `loss_and_gradient`.
            optimizer: an Optimizer for some or all of the parameters; or a class, or "sgd", "adam" or "adamw", to make one for all
                that are not frozen.
            iterations: how many steps to take.
            learning_rate: for an optimizer that is made here.
            batch_size: rows per step, shuffled anew for each epoch, as `fit` does it; by default all rows, in their order. Which
                batch comes next follows from the steps that the optimizer has taken, so another descent goes on where one ended.
            seed: of the order of the rows.
            clip: the largest Euclidean length of the gradient by all parameters that learn; a longer one is shrunk to it.
            tolerance: ends the descent before a step whose gradient has no number larger than that; never by default.
            every: keep the loss of every step whose number, from 0, is a multiple of this.
            losses: a list to append the losses to, at hand also where an error ends the descent; a new one by default.
        Returns:
            The losses, each before its step, how many steps were taken, why it ended early if it did, and the optimizer.
        Raises:
            GraphError: if the program has no parameters, or gives a list.
            TypeError, ValueError: if an argument is wrong; nothing is changed then.
            BranchChanged, OperationError: as `loss_and_gradient`, with a note that says at which step.
            DivergedError: if a loss, a parameter or what the optimizer remembers would become nan or infinite.
        Source: Bottou, "Large-scale machine learning with stochastic gradient descent", COMPSTAT 2010.
        Example:
            >>> from autograd_lite import Value
            >>> from autograd_lite.program import trace
            >>> w = Value(0.0)
            >>> program = trace(lambda x, y: (w * x - y) ** 2, 1.0, 2.0, parameters=[w])
            >>> found = program.descent([1.0, 2.0], [3.0, 6.0], optimizer="sgd", learning_rate=0.1, iterations=100, every=50)
            >>> found.losses[0], round(w.data, 6)
            (22.5, 3.0)
        """
        self._check_is_loss()
        check_count("iterations", iterations, 0)
        check_count("every", every, 1)
        if clip is not None:
            check_limit("clip", clip)
        if tolerance is not None:
            check_constant("tolerance", tolerance)
        if losses is not None and not isinstance(losses, list):
            raise TypeError(f"losses is a list to append to, got {type(losses).__name__}")
        arguments, _ = self._replay.samples.arguments(arrays)
        batches = Batches(arguments, batch_size, whole_number("seed", seed, 0))
        chosen = _optimizer(optimizer, learning_rate, self._replay.owners)
        if not any(parameter.requires_grad for group in chosen.groups for parameter in group.parameters):
            raise ValueError("all parameters of the optimizer are frozen (requires_grad is False): nothing would be learned")
        limit = None if clip is None or clip == math.inf else float(clip)
        bar = None if tolerance is None else float(tolerance)
        flat = FlatOptimizer(chosen, self._replay.owners, self._replay.dtype)
        return Descending(self._replay, batches, flat, clip=limit, tolerance=bar, every=int(every), losses=losses).run(
            int(iterations)
        )

    def descending(
        self, *arrays: Any, flat: FlatOptimizer, gradient: Any, batch_size: int, seed: int, **options: Any
    ) -> Descending:
        """A descent that waits for its steps. Called by `fit`, which counts batches itself.

        Args:
            arrays: as for `descent`.
            flat: its optimizer, on `parameters`.
            gradient: where each gradient is written.
            batch_size, seed: as for `descent`.
            options: of `Descending`.
        """
        arguments, _ = self._replay.samples.arguments(arrays)
        return Descending(self._replay, Batches(arguments, batch_size, seed), flat, gradient=gradient, **options)

    def _check_is_loss(self) -> None:
        self._check_one_result("a loss", "Let the function return the loss.")
        if not len(self._replay.parameters):
            raise GraphError("the program has no parameters: give `trace` a model among the arguments, or `parameters=`")

    def _check_one_result(self, what: str, instead: str) -> None:
        if self._replay.run.shape:
            results = len(self._replay.lowered.outputs)
            raise GraphError(f"{what} is of one number; the program `{self._replay.run.name}` gives {results}. {instead}")


def _optimizer(given: Any, rate: float | Schedule | None, owners: Sequence[Value]) -> Optimizer:
    """The optimizer that is given, or one that is made for all parameters that learn."""
    kind = _BY_NAME.get(given.lower()) if isinstance(given, str) else given
    if isinstance(kind, Optimizer):
        if rate is not None:
            raise ValueError(f"the optimizer has its learning rate: set it there, {type(kind).__name__}(..., {rate!r})")
        check_own_step(kind, "a descent", "or write the loop by hand, with `loss_and_gradient`")
        return kind
    if not (isinstance(kind, type) and issubclass(kind, Optimizer)):
        raise (ValueError if isinstance(given, str) else TypeError)(
            f"a descent takes an optimizer, such as SGD(model.parameters(), 0.1, momentum=0.9), or one of its kinds: "
            f"{', '.join(map(repr, _BY_NAME))}, with learning_rate=; got {given!r:.60}"
        )
    if rate is None and getattr(signature(kind).parameters.get("learning_rate"), "default", None) is Parameter.empty:
        raise ValueError(f"{kind.__name__} needs a learning rate: give learning_rate=, such as 0.1")
    learning = [value for value in owners if value.requires_grad]
    if not learning:
        raise ValueError("all parameters of the program are frozen (requires_grad is False): nothing would be learned")
    options: dict[str, Any] = {} if rate is None else {"learning_rate": rate}
    made: Any = kind
    return _optimizer(made(learning, **options), None, owners)

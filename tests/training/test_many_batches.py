"""Many batches in one call of a program: the same history, the same bytes, and the same messages as batch by batch."""

import os
import signal
import threading
from functools import partial
from typing import Any

import numpy
import pytest

from autograd_lite import constant, log, minimum, squared_error
from autograd_lite.datasets import Dataset, moons, xor
from autograd_lite.nn import MLP
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam, AdamW, Cosine
from autograd_lite.training import Callback, DivergedError, EarlyStopping, History, Observer, fit, same_side
from autograd_lite.training.run import Run
from tests.modules import numbers_of
from tests.program.test_descent import BACKENDS


class Watching(Observer):
    """Has to see every batch, so that there is a call for each."""

    def after_batch(self, run: Run) -> None:
        pass


@pytest.fixture
def singly(monkeypatch):
    """How many batches were taken one by one."""
    counts, batch = [0], Run._batch

    def counted(run: Run, data: Dataset) -> None:
        counts[0] += 1
        batch(run, data)

    monkeypatch.setattr(Run, "_batch", counted)
    return counts


def trained(callbacks: Any = (), **options: Any) -> tuple[Any, Any, History]:
    model = MLP(2, [4, 1], "tanh", seed=1)
    optimizer = options.pop("optimizer", partial(Adam, learning_rate=0.05))(model.parameters())
    data = moons(23, seed=3)
    arguments = {"batch_size": 5, "epochs": 4, "seed": 7, "engine": "program"} | options
    history = fit(model, Dataset(data.inputs, data.targets), squared_error, optimizer, callbacks=callbacks, **arguments)
    return model, optimizer, history


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": partial(SGD, learning_rate=0.1, momentum=0.9)},
        {"optimizer": partial(AdamW, learning_rate=Cosine(0.1, 20))},
        {"batch_size": 1},
        {"batch_size": 100, "epochs": 9},
        {"clip": 0.1},
        {"validation": 0.25, "keep_best": True},
    ],
)
def test_histories_and_parameters_have_the_same_bits(options, singly):
    model, optimizer, history = trained(**options)
    assert singly == [0]
    other, mirror, watched = trained([Watching()], **options)
    assert singly != [0]
    assert history == watched
    assert numbers_of(model) == numbers_of(other)
    assert optimizer.state_dict() == mirror.state_dict()
    assert [value.grad for value in model.parameters()] == [value.grad for value in other.parameters()]


@pytest.mark.parametrize("backend", BACKENDS)
def test_backends_train_alike(backend, singly):
    model, _, history = trained(backend=backend, epochs=20)
    assert singly == [0]
    other, _, watched = trained([Watching()], epochs=20)
    assert history.costs == pytest.approx(watched.costs, rel=1e-12)
    assert numbers_of(model) == pytest.approx(numbers_of(other), rel=1e-12)


def test_what_callbacks_change_after_an_epoch_counts(singly):
    class Changing(Callback):
        def after_epoch(self, run: Run) -> None:
            epoch = len(run.history.epochs)
            run.optimizer.learning_rate = 0.02 * epoch
            leaf = list(run.leaves.values())[epoch]
            leaf.requires_grad = False
            leaf.data += 1.0

    model, _, history = trained([Changing()])
    assert singly == [0]
    other, _, watched = trained([Changing(), Watching()])
    assert history == watched
    assert numbers_of(model) == numbers_of(other)


@pytest.mark.parametrize("progress", [True, False])
def test_a_bar_and_early_stopping_need_no_call_for_each_batch(progress, singly, capsys):
    _, _, history = trained([EarlyStopping(patience=1, least_gain=1.0)], progress=progress, epochs=50)
    assert singly == [0]
    _, _, watched = trained([EarlyStopping(patience=1, least_gain=1.0), Watching()], progress=progress, epochs=50)
    assert history == watched
    assert len(history.epochs) < 50
    assert ("batches" in capsys.readouterr().err) == progress


def test_a_resumed_training_goes_on_to_the_same_bytes(singly, tmp_path):
    model, optimizer, history = trained(epochs=6)

    class Stopping(Observer):
        def after_epoch(self, run: Run) -> None:
            if len(run.history.epochs) == 2:
                run.stop("enough")

    checkpoint = tmp_path / "training"
    trained([Stopping()], epochs=6, checkpoint=checkpoint)
    other, mirror, again = trained(epochs=6, checkpoint=checkpoint, resume=True)
    assert singly == [0]
    assert again == history
    assert numbers_of(other) == numbers_of(model)
    assert mirror.state_dict() == optimizer.state_dict()


def test_answers_that_somebody_has_to_see_are_computed_batch_by_batch(singly):
    _, _, history = trained(right=same_side)
    assert singly == [len(history.accuracies)] == [20]


class Halved(Module):
    """Two outputs; the second one has no value for a negative first input."""

    def __init__(self) -> None:
        self.net = MLP(2, [1], seed=0)

    def __call__(self, x: Any) -> Any:
        return [self.net(x), log(constant(x[0]))]


def test_an_output_that_the_loss_passes_by_is_refused_where_eager_refuses_it():
    data = Dataset(numpy.array([[1.0, 2.0], [2.0, 1.0], [-1.0, 1.0]]), numpy.ones(3))
    messages = []
    for engine in ("eager", "program"):
        model = Halved()
        with pytest.raises(ArithmeticError, match=r"log\(-1") as caught:
            fit(
                model,
                data,
                lambda outputs, y: squared_error(outputs[0], y),
                SGD(model.parameters(), 0.1),
                engine=engine,
                batch_size=1,
            )
        messages.append(type(caught.value))
    assert messages[0] is messages[1]


def _diverging(callbacks: Any) -> tuple[str, list[float], list[float]]:
    model, history = MLP(1, [1], seed=0), History()
    data = Dataset(numpy.array([[1.0], [2.0], [1e170], [3.0]]), numpy.zeros(4))
    optimizer = SGD(model.parameters(), 0.1)
    with pytest.raises(DivergedError) as caught:
        fit(model, data, squared_error, optimizer, batch_size=1, engine="program", callbacks=callbacks, history=history, seed=2)
    return str(caught.value), history.costs, numbers_of(model)


def test_a_training_that_diverges_says_the_same():
    assert _diverging([]) == _diverging([Watching()])


def test_a_branch_that_changes_is_told_as_before():
    def kinked(output: Any, target: Any) -> Any:
        return output * target if output > -5.0 else output * 0.5

    texts = []
    for callbacks in ([], [Watching()]):
        model, history = MLP(1, [1], seed=0), History()
        data, rule = Dataset(numpy.array([[1.0]]), numpy.ones(1)), SGD(model.parameters(), 0.5)
        with pytest.raises(ValueError, match="takes another branch") as caught:
            fit(model, data, kinked, rule, batch_size=1, epochs=50, engine="program", callbacks=callbacks, history=history)
        texts.append((str(caught.value), history.costs, numbers_of(model), rule.steps))
    assert texts[0] == texts[1]
    assert texts[0][3] > 2


def test_numbers_that_overflow_and_do_no_harm_train_on():
    def steep(output: Any, target: Any) -> Any:
        return squared_error(output, target) + minimum(output * output * 1e200 * 1e200, 1.0)

    histories = []
    for callbacks in ([], [Watching()]):
        model = MLP(1, [1], seed=0)
        data = Dataset(numpy.array([[1.0], [-2.0]]), numpy.ones(2))
        histories.append(
            fit(model, data, steep, SGD(model.parameters(), 0.1), epochs=5, engine="program", callbacks=callbacks).costs
        )
    assert histories[0] == histories[1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_leaves_history_model_and_optimizer_together(backend):
    model, history = MLP(2, [3, 1], "tanh", seed=0), History()
    optimizer = Adam(model.parameters(), 0.001)
    timers: list[threading.Timer] = []

    class Interrupting(Observer):
        def after_epoch(self, run: Run) -> None:
            if not timers:
                timers.append(threading.Timer(0.1, partial(os.kill, os.getpid(), signal.SIGINT)))
                timers[0].start()

    options: dict[str, Any] = {"batch_size": 1, "engine": "program", "backend": backend}
    with pytest.raises(KeyboardInterrupt):
        fit(model, xor(), squared_error, optimizer, epochs=10**9, history=history, callbacks=[Interrupting()], **options)
    timers[0].join()
    steps = len(history.costs)
    assert steps == optimizer.steps > 0
    other = MLP(2, [3, 1], "tanh", seed=0)
    mirror = Adam(other.parameters(), 0.001)
    again = fit(other, xor(), squared_error, mirror, epochs=steps // 4 + 1, **options)
    assert again.costs[:steps] == history.costs


def test_a_backend_belongs_to_programs():
    model = MLP(2, [1], seed=0)
    for options, text in (
        ({"backend": "numpy"}, "backend= is of programs: give engine=\"program\" as well, got engine='eager'"),
        ({"backend": "fortran", "engine": "program"}, "a program runs in 'numpy'.*got 'fortran'"),
    ):
        with pytest.raises(ValueError, match=text):
            fit(model, xor(), squared_error, SGD(model.parameters(), 0.1), **options)

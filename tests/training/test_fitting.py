"""Training: what a step is, what the history says, and that a seed fixes every byte."""

import json
import signal
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, cross_entropy, hinge, mean, no_grad, squared_error
from autograd_lite.datasets import Dataset, moons, synthetic_mnist, xor
from autograd_lite.nn import MLP
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam, AdamW
from autograd_lite.optim.flat_optimizer import FlatOptimizer
from autograd_lite.optim.interruption import uninterrupted
from autograd_lite.training import (
    Callback,
    DivergedError,
    EarlyStopping,
    Epoch,
    EpochLines,
    History,
    fit,
    largest_output,
    load_matrices,
    near_target,
    predict,
    same_side,
    save_matrices,
)
from autograd_lite.training.charts import accuracy_panel, cost_panel
from tests.modules import numbers_of

THREE = Dataset(
    numpy.random.default_rng(0).normal(size=(23, 2)), numpy.arange(23) % 3, ("a", "b", "c")
)  # 23 samples do not divide by a batch of 5


def classifier(seed: int = 0) -> MLP:
    return MLP(2, [4, 3], "tanh", seed=seed)


def trained(epochs: int = 2, **options: Any) -> tuple[MLP, History]:
    model = classifier()
    history = fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), batch_size=5, epochs=epochs, **options)
    return model, history


# ---- a step is a step --------------------------------------------------------------------------------------------------------


def test_a_step_goes_against_the_gradient_of_the_batchs_mean_loss():
    model, by_hand = classifier(), classifier()
    fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.5), batch_size=23, epochs=1)
    mean([cross_entropy(by_hand(x), int(t)) for x, t in zip(THREE.inputs.tolist(), THREE.targets, strict=True)]).backward()
    expected = [parameter.data - 0.5 * parameter.grad for parameter in by_hand.parameters()]
    assert numpy.allclose(numbers_of(model), expected, rtol=1e-13, atol=1e-15)


def test_an_epoch_uses_every_sample_once_in_batches_of_the_size_and_one_of_the_rest():
    seen: list[list[float]] = []

    class Spy(Callback):
        def after_batch(self, run):
            batches.append(len(seen) - sum(batches))

    def loss(output: Any, target: int) -> Any:
        seen.append(target)
        return squared_error(output, float(target))

    batches: list[int] = []
    data = Dataset(numpy.ones((23, 1)), numpy.arange(23.0))
    model = MLP(1, [1], seed=0)
    fit(model, data, loss, SGD(model.parameters(), 0.001), batch_size=5, epochs=2, callbacks=[Spy()])
    assert batches == [5, 5, 5, 5, 3] * 2
    assert sorted(seen[:23]) == sorted(seen[23:]) == list(range(23))
    assert seen[:23] != seen[23:] != sorted(seen[:23])


def test_the_history_holds_costs_before_each_update_and_their_means():
    model = classifier()
    before = [cross_entropy(model(x), int(t)).data for x, t in zip(THREE.inputs.tolist(), THREE.targets, strict=True)]
    history = fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.0), batch_size=5, epochs=1)
    assert numpy.isclose(history.epochs[0].cost, numpy.mean(before), rtol=1e-14)
    assert numpy.isclose(history.epochs[0].accuracy, largest_output(predict(model, THREE.inputs), THREE.targets).mean())
    assert (len(history.costs), len(history.accuracies), history.batches_per_epoch) == (5, 5, 5)


def test_class_numbers_and_one_hot_rows_train_alike():
    numbers, rows = classifier(), classifier()
    fit(numbers, THREE, cross_entropy, SGD(numbers.parameters(), 0.1), batch_size=5)
    history = fit(rows, THREE.one_hot(), cross_entropy, SGD(rows.parameters(), 0.1), batch_size=5)
    assert numbers_of(numbers) == numbers_of(rows)
    assert history.epochs[0].accuracy is not None


def test_a_model_of_ones_own_trains_too():
    class Line(Module):
        def __init__(self) -> None:
            self.slope, self.offset = Value(0.0), Value(0.0)

        def __call__(self, x: Any) -> Any:
            return self.slope * x[0] + self.offset

    x = numpy.linspace(-1.0, 1.0, 20)
    line = Line()
    history = fit(line, Dataset(x[:, None], 3.0 * x - 1.0), squared_error, Adam(line.parameters(), 0.1), batch_size=4, epochs=60)
    assert numpy.allclose(numbers_of(line), [3.0, -1.0], atol=0.01)
    assert history.accuracies == []


def test_an_unfinished_network_learns_xor():
    model = MLP(2, [5, 1], "tanh", seed=3)
    history = fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), batch_size=4, epochs=200, right=near_target)
    assert history.epochs[-1].accuracy == 1.0
    assert history.costs[-1] < 0.01 < history.costs[0]


# ---- reproducible ------------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    files = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        model, history = trained(seed=seed, validation=0.3)
        model.save(tmp_path / f"{name}.model")
        history.save(tmp_path / f"{name}.history", {"settings": {"lr": 0.1}})
        files.append(((tmp_path / f"{name}.model").read_bytes(), (tmp_path / f"{name}.history").read_bytes()))
    assert files[0] == files[1] != files[2]
    assert json.loads(files[0][1])["settings"] == {"lr": 0.1}


def test_training_leaves_the_global_random_numbers_alone():
    import random

    random.seed(5)
    numpy.random.seed(5)
    before = random.getstate(), numpy.random.get_state()[1].tolist()
    trained()
    assert (random.getstate(), numpy.random.get_state()[1].tolist()) == before


# ---- validation and early stopping -------------------------------------------------------------------------------------------


def test_validation_is_measured_with_the_parameters_at_the_end_of_the_epoch():
    held_out = THREE.take(slice(0, 7))
    model, history = trained(epochs=3, validation=held_out)
    rows = zip(held_out.inputs.tolist(), held_out.targets, strict=True)
    assert numpy.isclose(history.epochs[-1].validation_cost, numpy.mean([cross_entropy(model(x), int(t)).data for x, t in rows]))
    right = largest_output(predict(model, held_out.inputs), held_out.targets).mean()
    assert numpy.isclose(history.epochs[-1].validation_accuracy, right)


def test_validation_in_parts_is_validation_in_one_piece(monkeypatch):
    import autograd_lite.training.run as module

    whole = trained(validation=0.5)[1]
    monkeypatch.setattr(module, "_MOST_AT_ONCE", 4)
    parts = trained(validation=0.5)[1]
    for name in ("validation_cost", "validation_accuracy"):
        assert numpy.allclose(whole.column(name), parts.column(name), rtol=1e-14)


def test_a_share_is_set_aside_and_not_learned_from():
    _, history = trained(validation=0.35)
    assert history.batches_per_epoch == 3  # of 15 samples
    assert len(history.column("validation_cost")) == 2


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=30), st.integers(1, 5), st.floats(0.0, 0.2))
def test_early_stopping_waits_for_patience_and_no_longer(costs, patience, gain):
    stopping = EarlyStopping(patience, gain)
    best, best_at = float("inf"), -1
    for epoch, cost in enumerate(costs):
        if cost < best - gain:
            best, best_at = cost, epoch
        assert stopping.has_waited(costs[: epoch + 1]) == (epoch - best_at >= patience)


def test_early_stopping_ends_a_training_that_no_longer_improves():
    model = classifier()
    history = fit(
        model, THREE, cross_entropy, SGD(model.parameters(), 0.0), epochs=50, validation=0.3, callbacks=[EarlyStopping(3)]
    )
    assert len(history.epochs) == 4


def test_early_stopping_without_validation_looks_at_the_training_cost():
    reasons = []

    class Reason(Callback):
        def end(self, run):
            reasons.append(run.stopped)

    model = classifier()
    # A whole batch, as the mean over another order differs in its last digit.
    optimizer = SGD(model.parameters(), 0.0)
    fit(model, THREE.take(slice(1)), cross_entropy, optimizer, epochs=50, callbacks=[EarlyStopping(1), Reason()])
    assert reasons == ["no better training cost for 1 epoch"]


@pytest.mark.parametrize("arguments", [(0,), (3, -0.1), (3, float("nan"))])
def test_early_stopping_refuses_what_would_never_stop_or_always(arguments):
    with pytest.raises(ValueError, match="patience of at least 1 and a least_gain of at least 0"):
        EarlyStopping(*arguments)


# ---- callbacks ---------------------------------------------------------------------------------------------------------------


class Diary(Callback):
    def __init__(self) -> None:
        self.entries: list[str] = []

    def begin(self, run: Any) -> None:
        self.entries.append("begin")

    def after_batch(self, run: Any) -> None:
        self.entries.append(f"batch {len(run.history.costs)}")

    def after_epoch(self, run: Any) -> None:
        self.entries.append(f"epoch {len(run.history.epochs)}")

    def end(self, run: Any) -> None:
        self.entries.append("end")


def test_callbacks_are_told_in_order():
    diary = Diary()
    trained(epochs=1, callbacks=[diary])
    assert diary.entries == ["begin", "batch 1", "batch 2", "batch 3", "batch 4", "batch 5", "epoch 1", "end"]


def test_a_callback_may_stop_the_training_after_any_batch():
    class Stop(Callback):
        def after_batch(self, run):
            if len(run.history.costs) == 7:
                run.stop("enough")

    diary = Diary()
    _, history = trained(epochs=5, callbacks=[Stop(), diary])
    assert (len(history.costs), len(history.epochs), diary.entries[-1]) == (7, 1, "end")


def test_callbacks_are_told_of_the_end_also_after_an_error():
    class Fails(Callback):
        def after_batch(self, run):
            raise RuntimeError("mine")

    diary = Diary()
    with pytest.raises(RuntimeError, match="mine"):
        trained(callbacks=[diary, Fails()])
    assert diary.entries == ["begin", "batch 1", "end"]


def test_lines_are_printed_for_about_as_many_epochs_as_asked_for(capsys):
    trained(epochs=12, callbacks=[EpochLines(most=3)], validation=0.3, progress=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines] == ["4", "8", "12"]
    assert "right" in lines[0]
    assert "validation" in lines[0]


def test_a_bar_is_shown_when_asked_for_and_else_nothing_is_printed(capsys):
    trained(progress=True)
    assert "/10" in capsys.readouterr().err
    trained()
    assert capsys.readouterr() == ("", "")


# ---- Ctrl-C ------------------------------------------------------------------------------------------------------------------


def interrupting(function: Callable[..., Any], at: int) -> Callable[..., Any]:
    """The function, with Ctrl-C during its call of that number."""
    calls = 0

    def interrupted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            signal.raise_signal(signal.SIGINT)
        return function(*arguments)

    return interrupted


def test_ctrl_c_in_a_batch_keeps_the_steps_before_it():
    model, expected = classifier(), classifier()
    history = History()
    loss = interrupting(cross_entropy, 13)  # in the third batch of five
    with pytest.raises(KeyboardInterrupt):
        fit(model, THREE, loss, Adam(model.parameters(), 0.1), batch_size=5, history=history)

    class StopAfterTwo(Callback):
        def after_batch(self, run):
            if len(run.history.costs) == 2:
                run.stop("two")

    optimizer = Adam(expected.parameters(), 0.1)
    whole = fit(expected, THREE, cross_entropy, optimizer, batch_size=5, callbacks=[StopAfterTwo()])
    assert numbers_of(model) == numbers_of(expected)
    assert history.costs == whole.costs


def test_ctrl_c_while_parameters_change_waits_until_all_have():
    model = classifier()
    optimizer = SGD(model.parameters(), 0.1)
    optimizer.groups[0].rule = InterruptingRule()
    history = History()
    with pytest.raises(KeyboardInterrupt):
        fit(model, THREE, cross_entropy, optimizer, batch_size=5, history=history)
    assert numbers_of(model) == [1.0] * len(model.parameters())
    assert len(history.costs) == 1


class InterruptingRule:
    """Sets every number to 1, and is interrupted at each."""

    state_names = ()

    def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
        signal.raise_signal(signal.SIGINT)
        return 1.0 + 0.0 * x, state


def test_what_is_uninterrupted_is_interrupted_afterwards():
    done = []

    def work() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append(1)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_uninterrupted_blocks_work_in_other_threads_and_where_nobody_handles_ctrl_c():
    done = []

    def work() -> None:
        with uninterrupted():
            done.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == [1, 1]


# ---- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number of at least 1, got 2.5"),
        ({"epochs": -1}, "epochs must be a whole number of at least 0, got -1"),
        ({"engine": "steam"}, "there is no engine 'steam': choose one of 'eager'"),
        ({"validation": 1.5}, "share of validation data lies between 0 and 1, got 1.5"),
        ({"resume": True}, "resume=True needs a checkpoint to go on from"),
    ],
)
def test_arguments_out_of_range_are_refused_and_nothing_is_changed(options, message):
    model = classifier()
    before = numbers_of(model)
    with pytest.raises(ValueError, match=message):
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), **options)
    assert numbers_of(model) == before


def test_data_without_samples_is_refused():
    model = classifier()
    with pytest.raises(ValueError, match="nothing to learn from"):
        fit(model, THREE.take([]), cross_entropy, SGD(model.parameters(), 0.1))


def test_no_epochs_are_no_training():
    model = classifier()
    before = numbers_of(model)
    assert fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), epochs=0).costs == []
    assert numbers_of(model) == before


def test_a_training_that_diverges_stops_before_it_spoils_the_model():
    model = classifier()
    history = History()
    factors = iter([1.0] * 5 + [float("inf")])  # a sample of the second batch

    def loss(outputs: Any, label: int) -> Any:
        return cross_entropy(outputs, label) * next(factors, 1.0)

    with pytest.raises(DivergedError, match=r"cost of batch 2 is inf: .* smaller learning rate than 0.5; the model is as it was"):
        fit(model, THREE, loss, SGD(model.parameters(), 0.5), batch_size=5, history=history)
    assert all(numpy.isfinite(numbers_of(model)))
    assert len(history.costs) == 1


# ---- right answers -----------------------------------------------------------------------------------------------------------


def test_right_answers_by_largest_output_by_side_and_by_nearness():
    outputs = numpy.array([[1.0, 2.0], [3.0, 0.0]])
    assert largest_output(outputs, numpy.array([1, 1])).tolist() == [True, False]
    assert largest_output(outputs, numpy.eye(2)[[1, 1]]).tolist() == [True, False]
    one = numpy.array([[0.2], [-0.2], [0.8]])
    assert same_side(one, numpy.array([1.0, 1.0, -1.0])).tolist() == [True, False, False]
    assert near_target(one, numpy.array([0.0, 1.0, 1.0])).tolist() == [True, False, True]
    assert near_target(outputs, numpy.array([[1.2, 1.8], [3.0, 0.6]])).tolist() == [True, False]


# ---- history -----------------------------------------------------------------------------------------------------------------


def test_a_history_comes_back_from_its_file_bit_for_bit(tmp_path):
    _, history = trained(validation=0.3)
    history.save(tmp_path / "history.json")
    assert History.load(tmp_path / "history.json") == history


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"batches": {"cost": [1, "x"], "accuracy": []}, "epochs": [], "batches_per_epoch": 1}',
     '{"batches": {"cost": [1], "accuracy": [1, 1]}, "epochs": [], "batches_per_epoch": 1}',
     '{"batches": {"cost": [1], "accuracy": []}, "epochs": [{"price": 1}], "batches_per_epoch": 1}'],
)  # fmt: skip
def test_a_file_that_is_no_history_is_refused_by_name(tmp_path, content):
    (tmp_path / "history.json").write_text(content)
    with pytest.raises(ValueError, match=r"cannot load '.*history.json'"):
        History.load(tmp_path / "history.json")


def test_panels_average_so_many_batches_as_keep_the_curve_readable():
    history = History([float(i) for i in range(1, 1001)], [0.5] * 1000, [Epoch(1.0, 0.5, 2.0, 0.25)] * 10, 100)
    training, validation = cost_panel(history).curves
    assert training.label == "training, means of 7 batches"
    assert (training.x[0], training.y[0]) == (0.035, 4.0)
    assert list(validation.x) == list(range(1, 11))
    assert set(accuracy_panel(history).curves[1].y) == {25.0}
    with pytest.raises(ValueError, match="nothing to draw: train for at least one batch"):
        cost_panel(History())


# ---- an optimizer on one array -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD(p, 0.1),
        lambda p: SGD(p, lambda step: 0.1 / (1 + step), momentum=0.9, nesterov=True, weight_decay=0.01),
        lambda p: Adam(p, 0.1),
        lambda p: AdamW([{"parameters": p[3:]}, {"parameters": p[:3], "learning_rate": 0.5, "weight_decay": 0.3}], 0.01),
        lambda p: SGD([{"parameters": p[::2], "momentum": 0.5}, {"parameters": p[1::2]}], 0.1),
    ],
)
def test_an_optimizer_on_one_array_takes_the_same_steps(make):
    rng = numpy.random.default_rng(0)
    start = rng.normal(size=8)
    values, mirror = ([Value(number) for number in start] for _ in range(2))
    optimizer, mirrored = make(values), make(mirror)
    numbers = start.copy()
    for round_ in range(2):  # the memory goes back to the optimizer in between
        flat = FlatOptimizer(mirrored, mirror)
        for _ in range(3):
            gradient = rng.normal(size=8)
            for value, slope in zip(values, gradient, strict=True):
                value.grad = slope
            optimizer.step()
            flat.step(numbers, gradient)
        flat.write_back()
        assert numpy.allclose(numbers, [value.data for value in values], rtol=1e-14, atol=0.0), round_
        state, other = optimizer.state_dict(), mirrored.state_dict()
        assert state["steps"] == other["steps"] == 3 * (round_ + 1)
        for one, two in zip(state["groups"], other["groups"], strict=True):
            assert one.keys() == two.keys()
            assert all(numpy.allclose(one[name], two[name], rtol=1e-14, atol=0.0) for name in one)


def test_a_parameter_that_takes_no_part_is_refused_by_name():
    w, unused = Value(1.0, "w"), Value(2.0, "unused")
    with pytest.raises(ValueError, match="`unused` takes no part in the loss"):
        FlatOptimizer(SGD([w, unused], 0.1), [w])


# ---- matrices ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bias", [True, False])
def test_matrices_come_back_bit_for_bit_and_equal_networks_give_equal_bytes(tmp_path, bias):
    model, other = (MLP(3, [4, 2], bias=bias, seed=seed) for seed in (1, 2))
    path = save_matrices(model, tmp_path / "model.npz")
    assert save_matrices(model, tmp_path / "again.npz").read_bytes() == path.read_bytes()
    load_matrices(other, path)
    assert numbers_of(other) == numbers_of(model)


def test_matrices_of_another_network_change_nothing(tmp_path):
    path = save_matrices(MLP(3, [4, 2], seed=1), tmp_path / "model.npz")
    other = MLP(3, [5, 2], seed=2)
    before = numbers_of(other)
    with pytest.raises(ValueError, match=r"does not fit MLP\(3 -> 5 tanh.*The model is unchanged"):
        load_matrices(other, path)
    (tmp_path / "junk.npz").write_bytes(b"PK junk")
    with pytest.raises(ValueError, match=r"junk.npz is no archive of matrices"):
        load_matrices(other, tmp_path / "junk.npz")
    assert numbers_of(other) == before


# ---- the other losses --------------------------------------------------------------------------------------------------------


def test_hinge_and_squared_error_and_many_outputs_train():
    points = moons(20, seed=1)
    model = MLP(2, [4, 1], "relu", seed=1)
    history = fit(model, points, hinge, SGD(model.parameters(), 0.1), batch_size=7, epochs=3, right=same_side, validation=0.2)
    assert history.costs[-1] < history.costs[0]
    pictures = synthetic_mnist(12)
    rows = Dataset(pictures.inputs[:, ::40], pictures.one_hot().targets)
    outputs = MLP(rows.inputs.shape[1], [10], "sigmoid", output_activation="sigmoid", seed=0)
    history = fit(outputs, rows, squared_error, SGD(outputs.parameters(), 0.5), batch_size=6, epochs=2, right=near_target)
    assert history.epochs[1].cost < history.epochs[0].cost


# ---- what is refused before anything changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_fit_learns_inside_no_grad(engine):
    numbers = []
    for block in (nullcontext(), no_grad()):
        model = MLP(2, [3, 3], seed=0)
        with block:
            fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), engine=engine, callbacks=[Records()])
        numbers.append(numbers_of(model))
    assert numbers[0] == numbers[1] != numbers_of(MLP(2, [3, 3], seed=0))


class Records(Callback):
    """Takes a derivative of its own."""

    def after_batch(self, run: Any) -> None:
        assert (2.0 * run.model.parameters()[0]).requires_grad


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_a_history_is_of_one_training(engine):
    model = MLP(2, [3, 3], seed=0)
    history = fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), engine=engine, epochs=2, history=History())
    before, document = numbers_of(model), history.document()
    for epochs, batch_size in ((2, 32), (3, 32), (5, 3)):
        with pytest.raises(ValueError, match=r"the history already has 2 batches and 2 epochs, .*new History\(\)"):
            fit(
                model, THREE, cross_entropy, SGD(model.parameters(), 0.1),
                engine=engine, epochs=epochs, batch_size=batch_size, history=history,
            )  # fmt: skip
        assert (numbers_of(model), history.document()) == (before, document)


def test_the_history_of_an_interrupted_training_is_taken_up_with_its_checkpoint(tmp_path):
    history = History()
    for epochs in (1, 3):
        model = MLP(2, [3, 3], seed=0)
        rule = SGD(model.parameters(), 0.1)
        fit(model, THREE, cross_entropy, rule, epochs=epochs, history=history, checkpoint=tmp_path / "kept.npz", resume=True)
    assert len(history.epochs) == 3


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"validation": THREE.take([])}, "the validation data has no samples: leave it out"),
        ({"validation": Dataset(numpy.zeros((2, 3)), numpy.array([0, 1]))}, "has 3 inputs in a sample, the data 2"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"seed": 1.5}, "seed must be a whole number, got 1.5"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_what_fit_cannot_use_is_refused_at_the_start(options, text):
    model = MLP(2, [3, 3], seed=0)
    before = numbers_of(model)
    with pytest.raises((ValueError, TypeError), match=text):
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), **options)
    assert numbers_of(model) == before


def test_a_seed_may_be_a_number_of_numpy(tmp_path):
    numbers = []
    for seed in (3, numpy.int64(3), numpy.uint8(3)):
        model = MLP(2, [3, 3], seed=seed)
        path = tmp_path / f"{len(numbers)}.npz"
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), seed=seed, checkpoint=path)
        numbers.append((numbers_of(model), path.read_bytes()))
    assert numbers[0] == numbers[1] == numbers[2]


def test_a_seed_that_is_none_is_refused_by_name():
    with pytest.raises(TypeError, match=r"a seed is a whole number, a random\.Random .* got Generator"):
        MLP(2, [1], seed=numpy.random.default_rng(0))

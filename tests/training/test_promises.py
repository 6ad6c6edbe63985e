"""What `fit` promises, held for both engines: what callbacks see and change, what comes between gradient and step, what is refused."""

import math
import signal
from collections.abc import Callable
from typing import Any

import numpy
import pytest

from autograd_lite import Value, cross_entropy, hinge, squared_error, where
from autograd_lite.datasets import Dataset, moons, xor
from autograd_lite.nn import MLP
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam, AdamW, Optimizer, SGDRule, StepError, clip_gradient_norm, clip_gradient_value
from autograd_lite.training import ENGINES, Callback, DivergedError, EarlyStopping, History, Observer, fit, predict, same_side
from tests.modules import numbers_of

THREE = Dataset(numpy.random.default_rng(0).normal(size=(23, 2)), numpy.arange(23) % 3, ("a", "b", "c"))
both = pytest.mark.parametrize("engine", ENGINES)


def classifier() -> MLP:
    return MLP(2, [4, 3], "tanh", seed=0)


def adam(parameters: list[Value]) -> Optimizer:
    return Adam(parameters, 0.05)


class Hook(Callback):
    """A callback of one function, told at one moment."""

    def __init__(self, moment: str, function: Callable[[Any], object]) -> None:
        self.function = function
        setattr(self, moment, function)


def trained(
    engine: str, *callbacks: Callback, make: Callable[..., Optimizer] = adam, **options: Any
) -> tuple[MLP, Optimizer, History]:
    model = options.pop("model", None) or classifier()
    optimizer = make(model.parameters())
    arguments = {"batch_size": 5, "epochs": 3} | options
    loss = arguments.pop("loss", cross_entropy)
    return model, optimizer, fit(model, THREE, loss, optimizer, engine=engine, callbacks=callbacks, **arguments)


def assert_alike(run: Callable[[str], Any], tolerance: float = 1e-12) -> Any:
    """Both engines give the same numbers; those of the eager one."""
    eager, program = (numpy.array(run(engine), float) for engine in ENGINES)
    assert numpy.allclose(eager, program, rtol=tolerance, atol=tolerance)
    return eager


# ---- what callbacks see ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["before_step", "after_batch", "after_epoch", "end"])
def test_callbacks_see_the_model_the_optimizer_and_the_gradient_as_they_are(moment):
    def run(engine: str) -> Any:
        seen = []

        def look(run: Any) -> None:
            memory = [number for group in run.optimizer.state_dict()["groups"] for row in group.values() for number in row]
            gradient = [parameter.grad for parameter in run.model.parameters()]
            seen.append([*run.model.state_dict().values(), *memory, *gradient, run.optimizer.steps])
            seen[-1].extend(predict(run.model, THREE.inputs).ravel())

        model, _, _ = trained(engine, Hook(moment, look))
        if moment == "end":
            assert list(model.state_dict().values()) == seen[-1][:27]
        return seen

    seen = assert_alike(run)
    assert len({tuple(row) for row in seen}) == len(seen) == {"after_epoch": 3, "end": 1}.get(moment, 15)


@both
def test_callbacks_see_through_names_of_their_own_too(engine):
    model, states = classifier(), []
    keep = Hook("after_epoch", lambda run: states.append(model.state_dict()))
    fit(model, THREE, cross_entropy, adam(model.parameters()), engine=engine, epochs=2, callbacks=[keep])
    assert states[1] == model.state_dict() != states[0] != classifier().state_dict()


def test_a_program_keeps_its_numbers_in_its_arrays_while_nobody_looks(monkeypatch):
    from autograd_lite.training.program_engine import ProgramEngine

    counts = []
    write_back = ProgramEngine.write_back
    monkeypatch.setattr(ProgramEngine, "write_back", lambda self: (counts.append(1), write_back(self))[1])
    trained("program", EarlyStopping(9))
    assert len(counts) == 1  # at the end
    trained("program", Hook("after_epoch", lambda run: None))
    assert len(counts) == 1 + 1 + 3 + 1  # at the beginning, after each epoch, at the end


@both
@pytest.mark.parametrize("name", ["model", "optimizer", "loss", "data", "validation", "batch_size", "seed"])
def test_what_a_run_stands_on_cannot_be_exchanged(engine, name):
    with pytest.raises(AttributeError, match=f"the {name} of a run cannot be exchanged under way"):
        trained(engine, Hook("after_epoch", lambda run: setattr(run, name, None)))


# ---- what callbacks change ---------------------------------------------------------------------------------------------------


def freeze(run: Any) -> None:
    for parameter in run.model.layers[0].parameters():
        parameter.requires_grad = False


def thaw(run: Any) -> None:
    for leaf in run.model.named_leaves().values():
        leaf.requires_grad = True


def halve(run: Any) -> None:
    for parameter in run.model.parameters():
        parameter.data *= 0.5


def set_rate(run: Any) -> None:
    run.optimizer.learning_rate = 0.3 / (1 + run.optimizer.steps)


def set_rule(run: Any) -> None:
    run.optimizer.groups[0].rule = AdamW([Value(0.0)], weight_decay=0.3).groups[0].rule


def forget(run: Any) -> None:
    run.optimizer.load_state_dict({"steps": 1, "groups": [{"mean": [0.5] * 27, "square": [0.25] * 27}]})


def step_once_more(run: Any) -> None:
    run.optimizer.step()


def part_groups(run: Any) -> None:
    [group] = run.optimizer.groups
    others = Adam(group.parameters[20:], 0.2).groups
    del group.parameters[20:], group.states[20:]
    run.optimizer.groups.extend(others)


CHANGES = [freeze, halve, set_rate, set_rule, forget, step_once_more]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("moment", ["begin", "before_step", "after_batch", "after_epoch"])
def test_what_a_callback_changes_counts_from_the_next_batch_on(moment, change):
    plain = trained("eager")[2].costs

    def run(engine: str) -> Any:
        model, optimizer, history = trained(engine, Hook(moment, change), validation=THREE)
        memory = optimizer.state_dict()["groups"][0]
        return [
            *model.state_dict().values(),
            *memory["mean"],
            *memory["square"],
            *history.costs,
            *history.column("validation_cost"),
        ]

    found = assert_alike(run)
    assert found[-18:-3].tolist() != plain


@pytest.mark.parametrize("moment", ["after_batch", "after_epoch"])
def test_layers_that_are_frozen_on_the_way_may_learn_again(moment):
    def run(engine: str) -> Any:
        times = iter([freeze, thaw] * 99)
        model, optimizer, _ = trained(engine, Hook(moment, lambda run: next(times)(run)), epochs=4)
        return [*model.state_dict().values(), *optimizer.state_dict()["groups"][0]["mean"]]

    assert_alike(run)


def test_groups_may_be_parted_on_the_way():
    def run(engine: str) -> Any:
        return list(
            trained(engine, Hook("after_epoch", lambda run: len(run.history.epochs) == 1 and part_groups(run)))[0]
            .state_dict()
            .values()
        )

    assert_alike(run)


def test_everything_may_be_frozen_for_a_while():
    def run(engine: str) -> Any:
        def change(run: Any) -> None:
            for leaf in run.model.named_leaves().values():
                leaf.requires_grad = len(run.history.epochs) != 1

        model, _, history = trained(engine, Hook("after_epoch", change))
        return [*model.state_dict().values(), *history.costs]

    assert_alike(run)


class Scaled(Module):
    """A network times a number that is no Value, and one that is a constant."""

    def __init__(self) -> None:
        self.inner = classifier()
        self.scale = 1.0
        self.shift = Value(0.0)
        self.shift.requires_grad = False

    def __call__(self, x: Any) -> Any:
        first, *others = self.inner(x)
        return [self.scale * first + self.shift * x[0], *others]


@pytest.mark.parametrize("moment", ["before_step", "after_batch", "after_epoch"])
@pytest.mark.parametrize("name", ["scale", "shift"])
def test_other_numbers_of_the_model_and_the_loss_are_noticed(moment, name):
    weight = [1.0]

    def change(run: Any) -> None:
        if name == "scale":
            run.model.scale = weight[0] = 1.0 + 0.01 * len(run.history.costs)
        else:
            run.model.shift.data += 0.25

    def run(engine: str) -> Any:
        weight[0] = 1.0
        loss = lambda outputs, target: weight[0] * cross_entropy(outputs, target)  # noqa: E731
        model, _, history = trained(engine, Hook(moment, change), model=Scaled(), loss=loss)
        return [*model.state_dict().values(), *history.costs]

    assert_alike(run)


def test_programs_are_not_recorded_anew_for_a_rounding(monkeypatch):
    from autograd_lite.training import program_engine

    count = []
    original = program_engine._Programs
    monkeypatch.setattr(program_engine, "_Programs", lambda *arguments: (count.append(1), original(*arguments))[1])
    model = MLP(2, [5, 1], "tanh", seed=3)
    look = Hook("after_batch", lambda run: None)
    fit(model, xor(), squared_error, SGD(model.parameters(), 0.5), engine="program", batch_size=4, epochs=1500, callbacks=[look])
    assert len(count) < 15  # though the cost falls to 1e-20, of which only a few digits are left


@pytest.mark.parametrize("numbers", [(1.0, 1.0), (math.inf, math.inf), (math.nan, math.nan), (0.0, 0.0)])
def test_equal_numbers_are_not_apart(numbers):
    from autograd_lite.training.program_engine import _distance

    assert _distance(*numbers) == 0.0
    assert _distance(numbers[0], 2.0) > 0.4
    assert _distance(numpy.array([[numbers[0]]]), numpy.array([numbers[1]])) == math.inf


def test_the_order_of_callbacks_is_kept_and_observers_are_told_last():
    told = []

    class Last(Observer):
        def after_epoch(self, run: Any) -> None:
            told.append(("last", run.optimizer.learning_rate))

    for engine in ENGINES:
        first = Hook("after_epoch", lambda run: told.append(("first", run.optimizer.learning_rate)))
        trained(engine, Last(), first, Hook("after_epoch", lambda run: setattr(run.optimizer, "learning_rate", 0.5)), epochs=1)
    assert told == [("first", 0.05), ("last", 0.5)] * 2


@both
def test_what_a_callback_changed_before_it_failed_is_not_overwritten(engine):
    def change(run: Any) -> None:
        halve(run)
        raise RuntimeError("mine")

    model, ends = classifier(), []
    endings = [Hook("end", lambda run: ends.append(1) or 1 / 0), Hook("end", lambda run: ends.append(2))]
    before = [0.5 * number for number in numbers_of(trained(engine, epochs=1)[0])]
    with pytest.raises(RuntimeError, match="mine") as caught:
        trained(engine, Hook("after_epoch", change), *endings, model=model)
    assert caught.value.__notes__ == ["At the end of the training, besides: ZeroDivisionError: division by zero"]
    assert ends == [1, 2]  # each is told of the end, though one of them fails
    assert numbers_of(model) == before


# ---- between gradient and step -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.05, 0.2, math.inf])
def test_clip_bounds_the_gradient_of_a_batch_in_both_engines(limit):
    def run(engine: str) -> Any:
        lengths = []
        measure = Hook("after_batch", lambda run: lengths.append(clip_gradient_norm(run.model.parameters(), math.inf)))
        model, _, _ = trained(engine, measure, make=lambda p: SGD(p, 0.5, momentum=0.9), clip=limit)
        assert max(lengths) <= limit * (1.0 + 1e-14)
        return [*lengths, *numbers_of(model)]

    by_hand = classifier()
    optimizer = SGD(by_hand.parameters(), 0.5, momentum=0.9)
    hook = Hook("before_step", lambda run: clip_gradient_norm(run.model.parameters(), limit))
    fit(by_hand, THREE, cross_entropy, optimizer, batch_size=5, epochs=3, callbacks=[hook])
    assert assert_alike(run)[15:].tolist() == numbers_of(by_hand)


def test_a_callback_may_change_the_gradient_before_the_step():
    plain = numbers_of(trained("eager")[0])

    def run(engine: str) -> Any:
        return numbers_of(trained(engine, Hook("before_step", lambda run: clip_gradient_value(run.model.parameters(), 0.01)))[0])

    assert assert_alike(run).tolist() != plain


@both
def test_the_callbacks_see_the_gradient_before_it_is_clipped(engine):
    lengths = []
    trained(
        engine, Hook("before_step", lambda run: lengths.append(clip_gradient_norm(run.model.parameters(), math.inf))), clip=1e-3
    )
    assert min(lengths) > 1e-3


@both
@pytest.mark.parametrize("clip", [-1.0, math.nan])
def test_a_clip_that_is_none_is_refused(engine, clip):
    with pytest.raises(ValueError, match="clip must be a finite number of at least 0"):
        trained(engine, clip=clip)


class Clipped(SGD):
    def step(self) -> None:
        clip_gradient_norm(self.groups[0].parameters, 0.01)
        super().step()


def test_a_step_of_ones_own_is_honoured_by_eager_and_refused_by_a_program():
    model, _, _ = trained("eager", make=lambda p: Clipped(p, 0.5))
    assert numbers_of(model) == numbers_of(trained("eager", make=lambda p: SGD(p, 0.5), clip=0.01)[0])
    before = numbers_of(classifier())
    model = classifier()
    with pytest.raises(
        ValueError, match=r"Clipped has a `step` of its own, which engine=\"program\" would pass by: .*`clip=`.*`before_step`"
    ):
        trained("program", make=lambda p: Clipped(p, 0.5), model=model)
    assert numbers_of(model) == before


def test_a_step_put_on_the_optimizer_itself_is_noticed_too():
    def make(parameters: list[Value]) -> Optimizer:
        optimizer = SGD(parameters, 0.5)
        optimizer.step = lambda: None  # type: ignore[method-assign]
        return optimizer

    trained("eager", make=make)
    with pytest.raises(ValueError, match="has a `step` of its own"):
        trained("program", make=make)


# ---- frozen, shared and unused parameters ------------------------------------------------------------------------------------


def test_layers_frozen_after_the_optimizer_was_made_stay_and_the_others_learn():
    def run(engine: str) -> Any:
        model = classifier()
        optimizer = AdamW(model.parameters(), 0.05, weight_decay=0.1)
        for parameter in model.layers[0].parameters():
            parameter.requires_grad = False
        fit(model, THREE, cross_entropy, optimizer, engine=engine, batch_size=5, epochs=2)
        assert model.layers[0].state_dict() == classifier().layers[0].state_dict()
        assert optimizer.state_dict()["groups"][0]["mean"][:12] == [0.0] * 12
        return [*model.state_dict().values(), *optimizer.state_dict()["groups"][0]["square"]]

    found = assert_alike(run)
    assert found[12:27].tolist() != list(classifier().state_dict().values())[12:]


@both
def test_a_training_of_frozen_parameters_only_is_refused(engine):
    model = classifier()
    optimizer = SGD(model.parameters(), 0.1)
    for parameter in model.parameters():
        parameter.requires_grad = False
    with pytest.raises(ValueError, match=r"all 27 parameters of the optimizer are frozen .*nothing would be learned"):
        fit(model, THREE, cross_entropy, optimizer, engine=engine)
    fit(model, THREE, cross_entropy, optimizer, engine=engine, callbacks=[Hook("begin", thaw)])
    assert numbers_of(model) != numbers_of(classifier())


class Tied(Module):
    """The same weights there and back."""

    def __init__(self) -> None:
        self.w = [Value(0.3), Value(-0.2)]
        self.again = self.w
        self.unused = Value(1.0)

    def __call__(self, x: Any) -> Any:
        hidden = (self.w[0] * x[0] + self.w[1] * x[1]).tanh()
        return [self.again[0] * hidden, self.again[1] * hidden]


def test_shared_and_unused_parameters_learn_alike():
    def run(engine: str) -> Any:
        model = Tied()
        optimizer = SGD(
            [{"parameters": [model.w[1], model.unused]}, {"parameters": [model.w[0]], "learning_rate": 0.2}],
            0.1,
            0.9,
            weight_decay=0.1,
        )
        history = fit(
            model, Dataset(THREE.inputs, THREE.inputs), squared_error, optimizer, engine=engine, batch_size=4, epochs=3, clip=1.0
        )
        return [*model.state_dict().values(), *history.costs]

    assert assert_alike(run)[2] < 1.0  # decayed, though it takes no part


@both
def test_the_optimizer_of_another_model_is_refused(engine):
    model, other = classifier(), MLP(2, [4, 3], "tanh", seed=1)
    with pytest.raises(
        ValueError, match=r"none of the optimizer's 27 parameters takes part in the loss.*SGD\(model.parameters\(\), \.\.\.\)"
    ):
        fit(model, THREE, cross_entropy, SGD(other.parameters(), 0.1), engine=engine)
    w, v = Value(1.0), Value(1.0)
    line = Dataset(numpy.ones((3, 1)), numpy.ones(3))
    with pytest.raises(ValueError, match="none of the optimizer's 1 parameters takes part in the loss"):
        fit(lambda x: w * x[0], line, squared_error, SGD([v], 0.1), engine=engine)
    fit(lambda x: w * x[0], line, lambda y, t: squared_error(v * y, t), SGD([v], 0.1), engine=engine)
    sometimes = Dataset(numpy.array([[-1.0], [1.0]]), numpy.ones(2))
    fit(lambda x: where(x[0] > 0.0, lambda: v * x[0], lambda: w * x[0]), sometimes, squared_error, SGD([v], 0.1), engine=engine)
    assert numbers_of(model) == numbers_of(classifier())


@both
def test_a_sample_whose_loss_is_a_constant_has_no_gradient(engine):
    w = Value(1.0)
    data = Dataset(numpy.array([[-1.0], [1.0]]), numpy.ones(2))
    fit(lambda x: where(x[0] > 0.0, lambda: w * x[0], 0.0), data, lambda y, t: where(y > 0.0, y, 0.0), SGD([w], 0.5), engine=engine)
    assert w.data == 0.75


@both
def test_what_is_no_optimizer_or_no_callback_is_refused(engine):
    model = classifier()
    with pytest.raises(TypeError, match=r"fit takes an Optimizer, such as SGD\(model.parameters\(\), 0.1\), got list"):
        fit(model, THREE, cross_entropy, model.parameters(), engine=engine)
    with pytest.raises(TypeError, match=r"a callback is a Callback, .*derive from Callback"):
        trained(engine, lambda run: None)


# ---- numbers that are none ---------------------------------------------------------------------------------------------------


def wild(at: int, number: float) -> Callback:
    """A gradient of its own for one parameter in the batch of that number."""

    def change(run: Any) -> None:
        if len(run.history.costs) + 1 == at:
            run.model.layers[1].neurons[0].w[2].grad = number

    return Hook("before_step", change)


@both
@pytest.mark.parametrize("number", [1e200, math.inf, -math.inf, math.nan])
def test_a_gradient_that_would_freeze_adam_for_good_is_refused_by_step_and_name(engine, number):
    history, model = History(), classifier()
    optimizer = adam(model.parameters())
    expected = trained(engine, Hook("after_batch", lambda run: len(run.history.costs) == 3 and run.stop("here")))
    with pytest.raises(
        DivergedError,
        match=rf"batch 4, step 4: .*`layer1.neuron0.w\[2\]` would become .* by AdamRule.* is {number!r}".replace("+", r"\+"),
    ):
        fit(model, THREE, cross_entropy, optimizer, engine=engine, batch_size=5, callbacks=[wild(4, number)], history=history)
    assert numbers_of(model) == numbers_of(expected[0])
    assert optimizer.state_dict() == expected[1].state_dict()
    assert len(history.costs) == 3


@both
def test_plain_descent_survives_what_it_can_and_clip_saves_the_rest(engine):
    trained(engine, wild(4, 1e200), clip=1.0)
    with pytest.raises(DivergedError, match=r"batch 4: the gradient of `layer1.neuron0.w\[2\]` is nan: no factor brings it to"):
        trained(engine, wild(4, math.nan), clip=1.0)


def test_a_step_of_the_optimizers_is_all_or_nothing():
    x, y = Value(1.0, "x"), Value(2.0, "y")
    optimizer = Adam([{"parameters": [x]}, {"parameters": [y]}])
    x.grad, y.grad = 1.0, 1e200
    with pytest.raises(
        StepError, match=r"step 1: the square of `y` would become inf by AdamRule.*gradient of `y` is 1e\+200"
    ) as caught:
        optimizer.step()
    assert (x.data, y.data, optimizer.steps, caught.value.step, caught.value.parameter) == (1.0, 2.0, 0, 1, y)
    assert optimizer.state_dict()["groups"] == [{"mean": [0.0], "square": [0.0]}] * 2
    descent = SGD([x, y], 10.0)
    y.grad = 1e308
    with pytest.raises(StepError, match="`y` would become -inf by SGDRule"):
        descent.step()
    y.grad = math.nan
    with pytest.raises(StepError, match=r"`y` would become nan .* is nan\. Nothing was changed\. The loss has no finite slope"):
        descent.step()
    assert (x.data, y.data) == (1.0, 2.0)


class Headlong:
    """A rule that changes what it is given, and cannot stand a gradient of 0."""

    state_names = ("sum",)

    def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
        total = state[0]
        total += gradient
        x -= rate * total
        return x, (total,)

    def __repr__(self) -> str:
        return "Headlong()"


def test_rules_of_ones_own_take_the_same_steps_and_leave_nothing_half_done():
    def run(engine: str) -> Any:
        return numbers_of(trained(engine, make=lambda p: Optimizer(p, 0.01, Headlong()))[0])

    assert_alike(run)
    for engine in ENGINES:
        model = classifier()
        optimizer = Optimizer(model.parameters(), 0.01, Headlong())
        with pytest.raises(DivergedError, match=r"by Headlong\(\)"):
            fit(model, THREE, cross_entropy, optimizer, engine=engine, callbacks=[wild(1, math.inf)])
        assert numbers_of(model) == numbers_of(classifier())
        assert set(optimizer.state_dict()["groups"][0]["sum"]) == {0.0}


def test_a_rule_that_takes_no_arrays_is_explained():
    class Scalar(SGDRule):
        def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
            return x - rate * math.copysign(1.0, gradient), state

    trained("eager", make=lambda p: Optimizer(p, 0.01, Scalar()))
    with pytest.raises(TypeError) as caught:
        trained("program", make=lambda p: Optimizer(p, 0.01, Scalar()))
    assert "was given arrays: for a program, write its update with operators only, or train by eager" in caught.value.__notes__[0]


@both
@pytest.mark.parametrize("share", [None, 0.3])
def test_a_nan_in_the_data_is_no_divergence(engine, share):
    inputs = moons(40).inputs.copy()
    inputs[17, 1] = math.nan
    model = MLP(2, [3, 1], seed=0)
    with pytest.raises(
        DivergedError, match=r"inputs\[17, 1\] of the data is nan\. Mend the data or leave such samples out"
    ) as caught:
        fit(
            model,
            Dataset(inputs, moons(40).targets),
            hinge,
            SGD(model.parameters(), 0.1),
            engine=engine,
            batch_size=7,
            epochs=9,
            validation=share,
        )
    assert "learning rate" not in str(caught.value)
    targets = numpy.ones(40)
    targets[3] = math.inf
    with pytest.raises(DivergedError, match=r"targets\[3\] of the data is inf"):
        fit(model, Dataset(moons(40).inputs, targets), squared_error, SGD(model.parameters(), 0.1), engine=engine)


@both
def test_a_parameter_that_is_nan_is_named(engine):
    model = classifier()
    model.parameters()[3].data = math.nan
    with pytest.raises(DivergedError, match=r"cost of batch 1 is nan: the parameter `layer0.neuron1.w\[0\]` is nan"):
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), engine=engine)


# ---- the best, and the end ---------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("validation", [0.4, None])
def test_the_best_parameters_are_kept_if_asked_for(engine, validation):
    states, ends = [], []
    callbacks = [
        Hook("after_epoch", lambda run: states.append(run.model.state_dict())),
        Hook("end", lambda run: ends.append(run.model.state_dict())),
    ]
    make = lambda p: SGD(p, 2.0)  # noqa: E731 - so large that the cost goes up and down
    model, _, history = trained(engine, *callbacks, make=make, epochs=12, validation=validation, keep_best=True)
    costs = history.column("validation_cost") or history.column("cost")
    best = costs.index(min(costs))
    assert best < 11
    assert model.state_dict() == states[best] == ends[0]
    last, _, _ = trained(engine, make=make, epochs=12, validation=validation)
    assert last.state_dict() == states[-1]


@both
def test_ctrl_c_within_a_callback_keeps_the_steps_so_far(engine):
    model, seen = classifier(), []

    def interrupt(run: Any) -> None:
        if len(run.history.costs) == 7:
            seen.extend(numbers_of(run.model))
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trained(engine, Hook("after_batch", interrupt), model=model)
    assert numbers_of(model) == seen != numbers_of(classifier())


@both
def test_a_branch_that_flips_under_way_is_named_or_followed(engine):
    def run() -> float:
        w = Value(0.5)
        data = Dataset(numpy.array([[1.0], [2.0], [-3.0]]), numpy.array([1.0, 2.0, 3.0]))
        fit(
            lambda x: w * x[0] if x[0] > 0.0 else -w * x[0],
            data,
            squared_error,
            SGD([w], 0.1),
            engine=engine,
            epochs=30,
            batch_size=1,
        )
        return w.data

    if engine == "eager":
        assert math.isclose(run(), 1.0, rel_tol=1e-6)
    else:
        with pytest.raises(ValueError, match="where"):
            run()


@both
def test_predictions_for_no_rows_have_the_models_columns(engine):
    assert predict(classifier(), numpy.empty((0, 2)), engine).shape == (0, 3)
    assert predict(MLP(2, [1]), numpy.empty((0, 2)), engine).shape == (0, 1)
    assert predict(
        lambda x: [x[0].log() if isinstance(x[0], Value) else math.log(x[0])] * 2, numpy.empty((0, 1)), engine
    ).shape == (0, 2)
    with pytest.raises(ValueError, match=r"predict takes a matrix, one row per sample; got an array of shape \(2,\)"):
        predict(classifier(), numpy.zeros(2), engine)
    assert same_side(predict(MLP(2, [1]), numpy.empty((0, 2)), engine), numpy.empty(0)).shape == (0,)

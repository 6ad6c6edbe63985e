"""Resuming: everything that decides a training is kept or its difference refused, and the resumed one has the same bytes."""

import random
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest

from autograd_lite import Value, cross_entropy, squared_error
from autograd_lite.datasets import Dataset
from autograd_lite.nn import MLP
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam, AdamW, Cosine, Exponential, Optimizer, StepDecay
from autograd_lite.training import ENGINES, Callback, Checkpoints, EarlyStopping, fit, read_checkpoint, write_checkpoint

DATA = Dataset(numpy.random.default_rng(0).normal(size=(23, 2)), numpy.arange(23) % 3, ("a", "b", "c"))
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
both = pytest.mark.parametrize("engine", ENGINES)


class StopAfter(Callback):
    def __init__(self, batches: int) -> None:
        self.batches = batches

    def after_batch(self, run: Any) -> None:
        if len(run.history.costs) == self.batches:
            run.stop("for a test")


def network() -> MLP:
    return MLP(2, [4, 3], "tanh", seed=0)


def session(
    folder: Path,
    *callbacks: Callback,
    model: Any = None,
    make: Callable[[Any], Optimizer] = lambda p: Adam(p, 0.05),
    loss: Callable[..., Any] = cross_entropy,
    every: int | None = None,
    epochs: int = 4,
    data: Dataset = DATA,
    **options: Any,
) -> Any:
    """A process of training, taken up from the checkpoint if there is one; its numbers, memory, history and checkpoint."""
    model = network() if model is None else model
    optimizer = make(model.parameters())
    keeper = Checkpoints(folder / "kept.npz", every)
    arguments = {"batch_size": 5} | options
    history = fit(model, data, loss, optimizer, epochs=epochs, callbacks=callbacks, checkpoint=keeper, resume=True, **arguments)
    flags = [leaf.requires_grad for leaf in model.named_leaves().values()]
    return (
        model.state_dict(),
        flags,
        optimizer.state_dict(),
        _ADDRESS.sub("", repr(optimizer)),
        history,
        (folder / "kept.npz").read_bytes(),
    )


class Sets(Callback):
    """Sets something after the first epoch, and another after the second."""

    def __init__(self, *changes: Callable[[Any], object]) -> None:
        self.changes = changes

    def after_epoch(self, run: Any) -> None:
        if len(run.history.epochs) <= len(self.changes):
            self.changes[len(run.history.epochs) - 1](run)


def rate(number: Any) -> Callable[[Any], object]:
    return lambda run: setattr(run.optimizer, "learning_rate", number)


def rule(**constants: Any) -> Callable[[Any], object]:
    def change(run: Any) -> None:
        run.optimizer.groups[-1].rule = replace(run.optimizer.groups[-1].rule, **constants)

    return change


def clip(number: Any) -> Callable[[Any], object]:
    return lambda run: setattr(run, "clip", number)


def frozen(layer: int, learns: bool = False) -> Callable[[Any], object]:
    def change(run: Any) -> None:
        for leaf in run.model.layers[layer].named_leaves().values():
            leaf.requires_grad = learns

    return change


def groups(parameters: Any) -> Optimizer:
    return AdamW([{"parameters": parameters[5:20]}, {"parameters": parameters[20:], "learning_rate": Cosine(0.3, 20)}], 0.02)


CALLBACKS: dict[str, tuple[Callable[[], Callback], Callable[[Any], Optimizer]]] = {
    "a rate": (lambda: Sets(rate(0.5)), lambda p: SGD(p, 0.1)),
    "a rate in place of a schedule": (lambda: Sets(rate(0.5)), lambda p: SGD(p, Cosine(0.1, 20), momentum=0.9)),
    "schedules": (lambda: Sets(rate(StepDecay(0.5, 0.5, 3)), rate(Exponential(0.5, 0.9))), lambda p: SGD(p, 0.1)),
    "a function stays": (lambda: Sets(), lambda p: SGD(p, lambda step: 0.5 / (1 + step))),
    "a function and back": (lambda: Sets(rate(0.5), rate(0.25)), lambda p: SGD(p, lambda step: 0.5 / (1 + step))),
    "constants of the rule": (lambda: Sets(rule(beta1=0.5), rule(weight_decay=0.1)), lambda p: Adam(p, 0.1)),
    "a clip": (lambda: Sets(clip(0.05), clip(None)), lambda p: SGD(p, 0.5)),
    "frozen layers": (lambda: Sets(frozen(0), frozen(0, True)), lambda p: Adam(p, 0.1)),
    "two groups": (lambda: Sets(lambda run: setattr(run.optimizer.groups[0], "learning_rate", 0.5), rule(beta2=0.5)), groups),
}  # fmt: skip


@pytest.mark.thinned
@both
@pytest.mark.parametrize("batches", [3, 5, 8, 10, 13])
@pytest.mark.parametrize("name", CALLBACKS)
def test_what_callbacks_set_is_kept(tmp_path, engine, name, batches):
    callback, make = CALLBACKS[name]
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", callback(), make=make, engine=engine)
    session(tmp_path, callback(), StopAfter(batches), make=make, engine=engine)
    assert session(tmp_path, callback(), make=make, engine=engine) == whole


@both
def test_parameters_outside_the_optimizer_are_kept(tmp_path, engine):
    def make(parameters: Any) -> Optimizer:
        return SGD(parameters[12:], 0.3)  # the first layer takes no part

    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", make=make, engine=engine)
    session(tmp_path, StopAfter(7), make=make, engine=engine)
    other = MLP(2, [4, 3], "tanh", seed=5)
    assert session(tmp_path, make=make, engine=engine, model=other) == whole


class Doubled(Module):
    def __init__(self, factor: float = 2.0, shift: float = 0.5) -> None:
        self.inner, self.factor = network(), factor
        self.shift = Value(shift)
        self.shift.requires_grad = False

    def __call__(self, x: Any) -> Any:
        first, *others = self.inner(x)
        return [self.factor * first + self.shift, *others]


@both
def test_constants_of_the_model_are_kept(tmp_path, engine):
    change = partial(Sets, lambda run: setattr(run.model.shift, "data", -0.25))
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", change(), model=Doubled(), engine=engine)
    session(tmp_path, change(), StopAfter(7), model=Doubled(), engine=engine)
    assert session(tmp_path, change(), model=Doubled(shift=9.0), engine=engine) == whole


DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "rate": ({"make": lambda p: Adam(p, 0.06)}, r"its learning rate of group 0 is 0\.05, this one's 0\.06"),
    "schedule": ({"make": lambda p: Adam(p, Cosine(0.05, 9))}, r"its learning rate of group 0 is 0\.05, this one's 'Cosine\("),
    "rule": ({"make": lambda p: Adam(p, 0.05, epsilon=1e-6)}, r"its rule of group 0 is .*1e-08.* this one's .*1e-06"),
    "members": ({"make": lambda p: Adam(p[::-1], 0.05)}, "its parameters of group 0 is "),
    "fewer": ({"make": lambda p: Adam(p[1:], 0.05)}, "its parameters of group 0 is "),
    "groups": ({"make": lambda p: Adam([{"parameters": p[:9]}, {"parameters": p[9:]}], 0.05)}, "its parameters of group 0 is "),
    "clip": ({"clip": 1.0}, r"its clip is None, this one's 1\.0"),
    "best": ({"keep_best": True}, "its keep best is False, this one's True"),
    "names": ({"model": MLP(4, [4, 1, 2], "tanh", seed=0)}, "its parameters is 27, this one's 29"),
    "activation": ({"model": MLP(2, [4, 3], "relu", seed=0)}, "the model or the loss is another one than in the checkpoint"),
    "factor": ({"model": Doubled()}, "its parameters is 27, this one's 28"),
    "loss": ({"loss": partial(cross_entropy, label_smoothing=0.1)}, "the cost of the first samples was .* and is "),
    "right": ({"right": lambda outputs, targets: outputs[:, 0] > 0.0}, "its right is 'largest_output', this one's '"),
    "validation": ({"validation": DATA.take([1, 2])}, "its checksum of validation data is None, this one's "),
    "type": ({"data": replace(DATA, inputs=DATA.inputs.astype(numpy.float32))}, "its checksum of data is"),
    "shape": ({"data": Dataset(DATA.inputs, DATA.one_hot().targets, DATA.names)}, "its checksum of data is"),
}  # fmt: skip


@both
@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_differs_is_refused_and_nothing_is_changed(tmp_path, engine, name):
    options, message = DIFFERENCES[name]
    *_, kept = session(tmp_path, epochs=1, engine=engine)
    model = options.get("model") or network()
    before = model.state_dict()
    with pytest.raises(ValueError, match=message) as caught:
        session(tmp_path, engine=engine, **{"model": model} | options)
    assert "kept.npz" in str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert model.state_dict() == before
    assert (tmp_path / "kept.npz").read_bytes() == kept


@both
def test_functions_as_rates_are_told_apart_by_their_rates(tmp_path, engine):
    session(tmp_path, epochs=1, engine=engine, make=lambda p: SGD(p, lambda step: 0.1 / (1 + step)))
    session(tmp_path, epochs=2, engine=engine, make=lambda p: SGD(p, lambda step: 0.1 / (1 + step)))
    with pytest.raises(ValueError, match=r"its learning rate of group 0 is .*lambda"):
        session(tmp_path, engine=engine, make=lambda p: SGD(p, lambda step: 0.1 / (2 + step)))
    with pytest.raises(ValueError, match=r"its learning rate of group 0 is .*lambda.* this one's .*IndexError"):
        session(tmp_path, engine=engine, make=lambda p: SGD(p, lambda step: [0.1, 0.05][step]))


@both
def test_a_rate_that_no_file_can_hold_is_refused_when_it_is_missed(tmp_path, engine):
    def steep(step: int) -> float:
        return 0.1

    session(tmp_path, Sets(rate(steep)), epochs=2, engine=engine)
    with pytest.raises(ValueError, match=r"a callback had set the learning rate to .*steep, which a checkpoint cannot hold"):
        session(tmp_path, Sets(rate(steep)), engine=engine)
    other = tmp_path / "other"
    other.mkdir()
    session(other, Sets(lambda run: setattr(run.optimizer.groups[0], "rule", SGD([Value(1.0)], 1.0).groups[0].rule)),
            make=lambda p: Optimizer(p, 0.1, Plain()), epochs=2, engine=engine)  # fmt: skip
    with pytest.raises(ValueError, match=r"a callback had set the rule SGDRule.* which a checkpoint cannot hold"):
        session(other, make=lambda p: Optimizer(p, 0.1, Plain()), engine=engine)


class Plain:
    state_names = ()

    def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
        return x - rate * gradient, state


class Plateau(Callback):
    """Halves the rate when the cost has risen twice; it remembers how often, and by what it compares."""

    def __init__(self) -> None:
        self.rises, self.last = 0, 0.0

    def after_batch(self, run: Any) -> None:
        cost = run.history.costs[-1]
        self.rises += cost > self.last
        self.last = cost
        if self.rises == 2:
            self.rises = 0
            run.optimizer.learning_rate = 0.8 * run.optimizer.groups[0].rate(0)

    def state_dict(self) -> dict[str, Any]:
        return {"rises": self.rises, "last": self.last}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.rises, self.last = state["rises"], state["last"]


@both
@pytest.mark.parametrize("batches", range(1, 20, 3))
def test_what_a_callback_remembers_is_kept(tmp_path, engine, batches):
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", Plateau(), engine=engine)
    session(tmp_path, Plateau(), StopAfter(batches), engine=engine)
    assert session(tmp_path, Plateau(), engine=engine) == whole
    with pytest.raises(ValueError, match="the checkpoint holds what the callback Plateau 1 remembers, and there is none now"):
        session(tmp_path, engine=engine, epochs=5)


@both
def test_what_a_callback_remembers_must_fit_into_a_file(tmp_path, engine):
    plateau = Plateau()
    plateau.last = object()  # type: ignore[assignment]
    plateau.after_batch = lambda run: None  # type: ignore[method-assign]
    with pytest.raises(
        TypeError, match="what the callback Plateau 1 remembers is nothing that JSON can hold: Object of type object"
    ):
        session(tmp_path, plateau, engine=engine)
    assert not (tmp_path / "kept.npz").exists()


@both
@pytest.mark.parametrize("batches", [2, 6, 11, 14, 18])
def test_the_best_parameters_are_kept_over_an_interruption(tmp_path, engine, batches):
    options: dict[str, Any] = {"make": lambda p: SGD(p, 3.0), "validation": 0.3, "keep_best": True, "engine": engine}
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", **options, epochs=5)
    session(tmp_path, StopAfter(batches), **options, epochs=5)
    assert session(tmp_path, **options, epochs=5) == whole
    assert session(tmp_path, **options, epochs=5) == whole  # one that was finished gives them again
    costs = whole[4].column("validation_cost")
    assert costs.index(min(costs)) < 4


@both
@pytest.mark.parametrize("moment", ["before_step", "after_batch", "after_epoch", "begin", "end"])
def test_a_callback_that_fails_leaves_a_checkpoint_from_which_the_others_are_told_again(tmp_path, engine, moment):
    class Fails(Callback):
        def fail(self, run: Any) -> None:
            if len(run.history.costs) >= 8 or moment == "begin":
                raise RuntimeError("power cut")

    callbacks = [Plateau(), Sets(rate(0.5), rate(0.25)), EarlyStopping(3)]
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", *callbacks, engine=engine)
    setattr(Fails, moment, Fails.fail)
    for every in (None, 1):
        callbacks = [Plateau(), Fails(), Sets(rate(0.5), rate(0.25)), EarlyStopping(3)]
        with pytest.raises(RuntimeError, match="power cut"):
            session(tmp_path, *callbacks, engine=engine, every=every)
    del callbacks[1]
    assert session(tmp_path, Plateau(), Sets(rate(0.5), rate(0.25)), EarlyStopping(3), engine=engine) == whole


@both
def test_ctrl_c_at_any_moment_leaves_a_checkpoint_from_which_it_goes_on_to_the_same_bytes(tmp_path, engine, monkeypatch):
    from autograd_lite.training.run import Run

    callbacks = [lambda: Plateau(), lambda: Sets(rate(0.5), frozen(0), frozen(0, True))]
    (tmp_path / "whole").mkdir()
    whole = session(tmp_path / "whole", *(make() for make in callbacks), engine=engine)
    names = ["_tell", "_to_tell", "_summary", "_accuracy", "_epoch", "_batch"]
    rng = random.Random(3)
    for name in names:  # Ctrl-C on the way into or out of each
        for after in (False, True):
            calls, at, original = 0, rng.randrange(2, 5), getattr(Run, name)

            def interrupted(*arguments: Any, at: int = at, original: Any = original, after: bool = after) -> Any:
                nonlocal calls
                calls += 1
                if calls == at and not after:
                    raise KeyboardInterrupt
                found = original(*arguments)
                if calls == at and after:
                    raise KeyboardInterrupt
                return found

            monkeypatch.setattr(Run, name, interrupted)
            with suppress(KeyboardInterrupt):
                session(tmp_path, *(make() for make in callbacks), engine=engine, every=rng.choice([None, 1, 3]))
            monkeypatch.setattr(Run, name, original)
    assert session(tmp_path, *(make() for make in callbacks), engine=engine) == whole


@both
def test_checkpoints_among_the_callbacks_are_checkpoints_too(tmp_path, engine):
    def train(*callbacks: Callback, resume: bool = True) -> Any:
        model = network()
        keeper = Checkpoints(tmp_path / "kept.npz")
        fit(model, DATA, cross_entropy, SGD(model.parameters(), 0.1), engine=engine, batch_size=5, epochs=3,
            callbacks=[keeper, *callbacks], resume=resume)  # fmt: skip
        return model.state_dict()

    whole = train(Sets(rate(0.5)), resume=False)
    train(Sets(rate(0.5)), StopAfter(7), resume=False)
    assert train(Sets(rate(0.5))) == whole


@both
def test_a_model_that_is_no_module_is_kept_by_its_optimizer(tmp_path, engine):
    def train(*callbacks: Callback, outside: float = 0.5) -> Any:
        w, b, c = Value(0.1), Value(0.2), Value(outside)
        line = Dataset(DATA.inputs[:, :1], DATA.inputs[:, 1])
        fit(lambda x: w * x[0] + b + c, line, squared_error, SGD([w, b], 0.1, 0.9), engine=engine, batch_size=4, epochs=3,
            callbacks=callbacks, checkpoint=tmp_path / "kept.npz", resume=True)  # fmt: skip
        return w.data, b.data

    train(StopAfter(4))
    with pytest.raises(ValueError, match="the model or the loss is another one"):
        train(outside=0.75)
    resumed = train()
    (tmp_path / "kept.npz").unlink()
    assert train() == resumed


# ---- what else callbacks set, and functions of one name ----------------------------------------------------------------------


@pytest.mark.parametrize("clip", [-1.0, 10**400])
def test_a_damaged_clip_is_refused(tmp_path, clip):
    session(tmp_path)
    found = read_checkpoint(tmp_path / "kept.npz")
    write_checkpoint(tmp_path / "kept.npz", replace(found, record={**found.record, "clip": clip}))
    with pytest.raises(ValueError, match=r"is no checkpoint .*clip"):
        read_checkpoint(tmp_path / "kept.npz")


def test_a_record_without_its_right_is_refused(tmp_path):
    session(tmp_path)
    found = read_checkpoint(tmp_path / "kept.npz")
    write_checkpoint(
        tmp_path / "kept.npz", replace(found, record={name: found.record[name] for name in found.record if name != "right"})
    )
    with pytest.raises(ValueError, match="it has no 'right'"):
        read_checkpoint(tmp_path / "kept.npz")


def test_a_right_that_a_callback_set_is_refused_when_it_is_missed(tmp_path):
    session(tmp_path, Sets(lambda run: setattr(run, "right", beyond_half)), StopAfter(7))
    with pytest.raises(ValueError, match="a callback had set `right`"):
        session(tmp_path)


def above(bound: float) -> Any:
    return lambda outputs, targets: outputs[:, 0] > bound


class Above:
    def __init__(self, bound: float) -> None:
        self.bound = bound

    def __call__(self, outputs: Any, targets: Any) -> Any:
        return outputs[:, 0] > self.bound


def beyond_half(outputs: Any, targets: Any) -> Any:
    return outputs[:, 0] > 0.5


def beyond(bound: Any, outputs: Any, targets: Any) -> Any:
    return outputs[:, 0] > bound


RIGHTS: dict[str, tuple[Callable[[float], Any], Any, Any]] = {
    "partial": (lambda bound: partial(beyond, bound), 0.0, 0.5),
    "a named part": (lambda bound: partial(lambda outputs, targets, bound: outputs[:, 0] > bound, bound=bound), 0.0, 0.5),
    "partial of an array": (lambda bound: partial(beyond, bound), numpy.zeros(1), numpy.ones(1)),
    "closure": (above, 0.0, 0.5),
    "object": (Above, 0.0, 0.5),
    "code": (lambda sign: (lambda o, t: o[:, 0] > 0.0) if sign > 0 else (lambda o, t: o[:, 0] < 0.0), 1, -1),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_two_functions_of_one_name_are_told_apart(tmp_path, name):
    make, then, now = RIGHTS[name]
    session(tmp_path, StopAfter(3), right=make(then))
    with pytest.raises(ValueError, match="its checksum of right is"):
        session(tmp_path, right=make(now))
    session(tmp_path, right=make(then))

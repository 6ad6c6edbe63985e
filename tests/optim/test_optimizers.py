"""Optimizers: sequences computed by hand, the published algorithms transcribed in NumPy, states, refusals."""

import copy
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.engine.value import Value, constant
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP
from autograd_lite.optim import (
    SGD,
    Adam,
    AdamRule,
    AdamW,
    Constant,
    Cosine,
    Exponential,
    Optimizer,
    SGDRule,
    StepDecay,
    clip_gradient_norm,
    clip_gradient_value,
)

Array = Any
GRADIENTS = [1.0, -0.5, 0.25, 2.0, 0.0, -3.0]


def path_of(make: Callable[[list[Value]], Optimizer], start: float = 1.0) -> list[float]:
    """Where the optimizer takes one parameter under GRADIENTS."""
    x = Value(start)
    optimizer = make([x])
    path = []
    for gradient in GRADIENTS:
        x.grad = gradient
        optimizer.step()
        path.append(x.data)
    return path


# ---- the rules ---------------------------------------------------------------------------------------------------------------


@given(x=st.floats(-1e9, 1e9), g=st.floats(-1e9, 1e9), rate=st.floats(0.0, 10.0))
def test_plain_descent_is_the_loop_everybody_writes(x: float, g: float, rate: float) -> None:
    p = Value(x)
    p.grad = g
    SGD([p], rate).step()
    q = Value(x)
    q.data -= rate * g
    assert p.data.hex() == q.data.hex()


def test_momentum_by_hand() -> None:
    # v: 1, 0, 0.25, 2.125, 1.0625, -2.46875
    assert path_of(lambda ps: SGD(ps, 0.5, momentum=0.5)) == [0.5, 0.5, 0.375, -0.6875, -1.21875, 0.015625]


def test_nesterov_by_hand() -> None:
    # g + v / 2: 1.5, -0.5, 0.375, 3.0625, 0.53125, -4.234375
    assert path_of(lambda ps: SGD(ps, 0.5, momentum=0.5, nesterov=True)) == [0.25, 0.5, 0.3125, -1.21875, -1.484375, 0.6328125]


def test_weight_decay_by_hand() -> None:
    # x - (g + x / 2) / 2
    assert path_of(lambda ps: SGD(ps, 0.5, weight_decay=0.5))[:3] == [0.25, 0.4375, 0.203125]


def adam_by_the_paper(
    rate: float, beta1: float, beta2: float, epsilon: float, l2: float = 0.0, decoupled: float = 0.0
) -> list[float]:
    """Kingma & Ba, algorithm 1, and Loshchilov & Hutter, algorithm 2, transcribed in NumPy's long double."""
    wide = numpy.longdouble
    x, m, v = wide(1.0), wide(0.0), wide(0.0)
    path = []
    for t, gradient in enumerate(GRADIENTS, start=1):
        g = wide(gradient) + wide(l2) * x
        m = wide(beta1) * m + (1 - wide(beta1)) * g
        v = wide(beta2) * v + (1 - wide(beta2)) * g**2
        m_hat, v_hat = m / (1 - wide(beta1) ** t), v / (1 - wide(beta2) ** t)
        x = x - wide(rate) * (m_hat / (numpy.sqrt(v_hat) + wide(epsilon)) + wide(decoupled) * x)
        path.append(float(x))
    return path


@pytest.mark.parametrize("constants", [(0.001, 0.9, 0.999, 1e-8), (0.5, 0.0, 0.5, 1e-3), (0.1, 0.5, 0.0, 1.0)])
@pytest.mark.parametrize("decay", [0.0, 0.25])
def test_adam_and_adamw_follow_the_papers(constants: tuple[float, float, float, float], decay: float) -> None:
    assert path_of(lambda ps: Adam(ps, *constants, decay)) == pytest.approx(adam_by_the_paper(*constants, l2=decay), rel=1e-12)
    assert path_of(lambda ps: AdamW(ps, *constants, decay)) == pytest.approx(
        adam_by_the_paper(*constants, decoupled=decay), rel=1e-12
    )


def test_defaults() -> None:
    x = [Value(1.0)]
    assert Adam(x).groups[0].rule == AdamRule(0.9, 0.999, 1e-8, 0.0, False)
    assert AdamW(x).groups[0].rule == AdamRule(0.9, 0.999, 1e-8, 0.01, True)
    assert Adam(x).learning_rate == AdamW(x).learning_rate == 0.001
    assert repr(SGD(x, 0.5)) == "SGD(1 parameters, 0.5, SGDRule(momentum=0.0, nesterov=False, weight_decay=0.0))"


@pytest.mark.parametrize(
    "rule", [SGDRule(), SGDRule(0.9), SGDRule(0.9, True, 0.1), AdamRule(), AdamRule(weight_decay=0.1, decoupled=True)]
)
def test_rules_serve_arrays_as_they_stand(rule: Any) -> None:
    rng = numpy.random.default_rng(0)
    xs = rng.normal(size=5)
    values = [Value(x) for x in xs]
    optimizer = Optimizer(values, 0.1, rule)
    state: tuple[Array, ...] = tuple(numpy.zeros(5) for _ in rule.state_names)
    for step in range(1, 6):
        gradients = rng.normal(size=5)
        for value, gradient in zip(values, gradients, strict=True):
            value.grad = gradient
        optimizer.step()
        xs, state = rule.update(xs, gradients, state, 0.1, step)
    assert [value.data for value in values] == pytest.approx(list(xs), rel=1e-14)


def test_a_rule_of_your_own() -> None:
    @dataclass(frozen=True)
    class SignDescent:
        factor: float = 1.0

        @property
        def state_names(self) -> tuple[str, ...]:
            return ()

        def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
            return x - rate * self.factor * math.copysign(1.0, gradient), state

    x, y = Value(1.0), Value(1.0)
    x.grad = y.grad = 5.0
    Optimizer([{"parameters": [x]}, {"parameters": [y], "factor": 2.0}], 0.25, SignDescent()).step()
    assert (x.data, y.data) == (0.75, 0.5)


# ---- training ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "rounds"),
    [
        (lambda ps: SGD(ps, 2.0), 500),
        (lambda ps: SGD(ps, 0.5, momentum=0.9, nesterov=True), 300),
        (lambda ps: Adam(ps, Cosine(0.1, steps=300, warmup=20)), 300),
        (lambda ps: AdamW(ps, 0.05, weight_decay=1e-4), 300),
    ],
)
def test_every_optimizer_learns_xor(make: Callable[[list[Value]], Optimizer], rounds: int) -> None:
    model = MLP(2, [4, 1], "tanh", output_activation="sigmoid", seed=1)
    optimizer = make(model.parameters())
    rows = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
    for _ in range(rounds):
        optimizer.zero_grad()
        for x, t in rows:
            squared_error(model(x), t).backward()
        optimizer.step()
    assert all(abs(model(x).data - t) < 0.25 for x, t in rows)


def test_groups_have_their_own_rates_and_constants() -> None:
    w, b, c = Value(1.0), Value(1.0), Value(1.0)
    optimizer = SGD(
        [
            {"parameters": [w], "weight_decay": 0.5},
            {"parameters": (p for p in [b]), "learning_rate": 0.25},
            {"parameters": [c], "learning_rate": lambda step: float(step)},
        ],
        learning_rate=0.5,
    )
    w.grad = b.grad = c.grad = 1.0
    optimizer.step()
    assert (w.data, b.data, c.data) == (0.25, 0.75, 1.0)
    optimizer.step()
    assert c.data == 0.0
    optimizer.zero_grad()
    assert (w.grad, b.grad, c.grad) == (0.0, 0.0, 0.0)


def test_learning_rate_may_be_set_on_the_way() -> None:
    x = Value(1.0)
    optimizer = SGD([x], 0.5)
    optimizer.learning_rate = 0.25
    x.grad = 1.0
    optimizer.step()
    assert x.data == 0.75
    assert optimizer.learning_rate == 0.25
    with pytest.raises(ValueError, match=r"the learning rate must be a finite number of at least 0, got -1\.0"):
        optimizer.learning_rate = -1.0
    assert optimizer.learning_rate == 0.25


def test_parameters_may_come_from_a_generator() -> None:
    values = [Value(1.0), Value(1.0)]
    optimizer = SGD((value for value in values), 0.5, weight_decay=1.0)
    optimizer.step()
    optimizer.step()
    assert [value.data for value in values] == [0.25, 0.25]


def test_frozen_parameters_stay() -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = SGD([x, y], 0.5, weight_decay=0.5)
    y.requires_grad = False
    optimizer.step()
    assert (x.data, y.data) == (0.75, 1.0)


def test_state_is_not_on_the_parameter() -> None:
    x = Value(1.0)
    x.grad = 1.0
    first, second = SGD([x], 0.5, momentum=0.5), SGD([x], 0.5, momentum=0.5)
    first.step()
    assert second.state_dict() == {"steps": 0, "groups": [{"velocity": [0.0]}]}
    assert not hasattr(x, "__dict__")


def test_a_bad_schedule_changes_nothing() -> None:
    x, y = Value(1.0), Value(1.0)
    x.grad = y.grad = 1.0
    optimizer = SGD([{"parameters": [x]}, {"parameters": [y], "learning_rate": lambda step: 1.0 - step}], learning_rate=0.5)
    optimizer.step()
    optimizer.step()
    with pytest.raises(ValueError, match=r"at least 0, got -1\.0 at step 2"):
        optimizer.step()
    assert (x.data, y.data, optimizer.steps) == (0.0, 0.0, 2)


# ---- states ------------------------------------------------------------------------------------------------------------------

MAKERS: list[Callable[[list[Value]], Optimizer]] = [
    lambda ps: SGD(ps, 0.1),
    lambda ps: SGD(ps, Exponential(0.1, 0.9), momentum=0.9, nesterov=True),
    lambda ps: Adam(ps, Cosine(0.1, 10)),
    lambda ps: AdamW([{"parameters": ps[:2]}, {"parameters": ps[2:], "beta1": 0.5}], 0.1),
]


@pytest.mark.parametrize("make", MAKERS)
def test_training_goes_on_with_the_same_bits(make: Callable[[list[Value]], Optimizer]) -> None:
    def train(model: MLP, optimizer: Optimizer, rounds: int) -> None:
        for _ in range(rounds):
            optimizer.zero_grad()
            squared_error(model([0.3, -0.7]), 0.2).backward()
            optimizer.step()

    whole = MLP(2, [3, 1], seed=0)
    optimizer = make(whole.parameters())
    train(whole, optimizer, 3)
    saved = json.dumps([whole.state_dict(), optimizer.state_dict()])
    train(whole, optimizer, 4)

    resumed = MLP(2, [3, 1], seed=9)
    other = make(resumed.parameters())
    numbers, state = json.loads(saved)
    resumed.load_state_dict(numbers)
    other.load_state_dict(state)
    train(resumed, other, 4)
    assert resumed.state_dict() == whole.state_dict()
    assert other.state_dict() == optimizer.state_dict()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([], "an optimizer's state has the keys 'steps' and 'groups', found list"),
        ({}, "an optimizer's state has the keys 'steps' and 'groups', found none"),
        ({"steps": 1}, "an optimizer's state has the keys 'steps' and 'groups', found 'steps'"),
        ({"steps": -1, "groups": []}, "`steps` must be a whole number of at least 0, found -1"),
        ({"steps": 1.5, "groups": []}, "`steps` must be a whole number of at least 0, found 1.5"),
        ({"steps": True, "groups": []}, "`steps` must be a whole number of at least 0, found True"),
        ({"steps": 1, "groups": []}, "`groups` must be a list of 1, one for each group of the optimizer, found 0"),
        ({"steps": 1, "groups": None}, "`groups` must be a list of 1, one for each group of the optimizer, found None"),
        ({"steps": 1, "groups": [{}]}, "`groups[0]` must hold 'mean', 'square' for AdamRule(beta1=0.9, beta2=0.999, "),
        ({"steps": 1, "groups": [{"velocity": [0.0]}]}, "found 'velocity'"),
        ({"steps": 1, "groups": [7]}, "found 7"),
        (
            {"steps": 1, "groups": [{"mean": [1.0], "square": [1.0, 2.0]}]},
            "`groups[0].square` must be a list of 1 numbers, one for each",
        ),
        ({"steps": 1, "groups": [{"mean": [1.0], "square": 3}]}, "one for each parameter, found 3"),
        ({"steps": 1, "groups": [{"mean": ["1"], "square": [1.0]}]}, "`groups[0].mean[0]` must be a number, found '1'"),
        ({"steps": 1, "groups": [{"mean": [True], "square": [1.0]}]}, "`groups[0].mean[0]` must be a number, found True"),
    ],
)
def test_states_that_do_not_fit(state: Any, message: str) -> None:
    x = Value(1.0)
    x.grad = 1.0
    optimizer = Adam([x])
    optimizer.step()
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=re.escape(message)):
        optimizer.load_state_dict(state)
    assert optimizer.state_dict() == before


# ---- what is refused ---------------------------------------------------------------------------------------------------------


def used_up() -> Any:
    generator = (Value(1.0) for _ in range(2))
    list(generator)
    return generator


X = Value(1.0, label="x")


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: SGD([], 0.1), ValueError, "at least one parameter, got none; was a generator of them used up before?"),
        (lambda: SGD(used_up(), 0.1), ValueError, "at least one parameter, got none"),
        (lambda: SGD([X, X], 0.1), ValueError, "`x` is there twice and would be updated twice in each step: leave one out"),
        (lambda: SGD([{"parameters": [X]}, {"parameters": [X]}], 0.1), ValueError, "`x` is there twice"),
        (lambda: SGD([1.0], 0.1), TypeError, "an optimizer takes Values, got float 1.0"),
        (lambda: SGD([X * 2.0], 0.1), ValueError, "Value(data=2.0, grad=0.0) was computed from other values: train those instead"),
        (
            lambda: SGD([constant(2.0)], 0.1),
            ValueError,
            "constant(2.0) is a constant: leave it out, or set its requires_grad to True",
        ),
        (lambda: SGD(X, 0.1), TypeError, "takes a list of parameters, got Value. Write [value], or [{...}, {...}] for groups."),  # type: ignore[arg-type]
        (lambda: SGD(MLP(1, [1]), 0.1), TypeError, "takes a list of parameters, got MLP. Write model.parameters()."),  # type: ignore[arg-type]
        (lambda: SGD({"parameters": [X]}, 0.1), TypeError, "takes a list of parameters, got dict."),
        (
            lambda: SGD([X, {"parameters": [X]}], 0.1),
            TypeError,
            "parameters and groups are mixed: put the single ones into a group too",
        ),
        (
            lambda: SGD([{"params": [X]}], 0.1),
            ValueError,
            'a group needs the key "parameters", got \'params\'. What others call "params" is "parameters" here.',
        ),
        (lambda: SGD([{"parameters": [X], "lr": 1}], 0.1), ValueError, "a group has no key 'lr': here it is `learning_rate`"),
        (lambda: Adam([{"parameters": [X], "eps": 1}], 0.1), ValueError, "a group has no key 'eps': here it is `epsilon`"),
        (lambda: SGD([X], lr=0.1), TypeError, "SGD has no `lr`: here it is `learning_rate`"),  # type: ignore[call-arg]
        (lambda: SGD(params=[X], lr=0.1), TypeError, "SGD has no `params`: here it is `parameters`; SGD has no `lr`"),  # type: ignore[call-arg]
        (lambda: Adam([X], lr=0.1), TypeError, "Adam has no `lr`: here it is `learning_rate`"),  # type: ignore[call-arg]
        (
            lambda: AdamW([X], betas=(0.9, 0.99), eps=1e-6),  # type: ignore[call-arg]
            TypeError,
            "AdamW has no `betas`: here it is `beta1` and `beta2`, as in beta1=0.9, beta2=0.999; AdamW has no `eps`: here it is `epsilon`",
        ),
        (
            lambda: SGD([{"parameters": [X], "weight_deacy": 1}], 0.1),
            ValueError,
            "no key 'weight_deacy'. Did you mean 'weight_decay'?",
        ),
        (
            lambda: SGD([{"parameters": [X], "zzz": 1}], 0.1),
            ValueError,
            "The constants of the rule are momentum, nesterov, weight_decay.",
        ),
        (lambda: SGD([X], -0.1), ValueError, "the learning rate must be a finite number of at least 0, got -0.1"),
        (lambda: SGD([X], math.nan), ValueError, "the learning rate must be a finite number of at least 0, got nan"),
        (lambda: SGD([X], lambda step: -1.0), ValueError, "at least 0, got -1.0 at step 0"),
        (lambda: SGD([X], "0.1"), TypeError, "got the str '0.1'"),  # type: ignore[arg-type]
        (lambda: SGD([X], 0.1, momentum=1.0), ValueError, "momentum must be a finite number of at least 0 and below 1, got 1.0"),
        (lambda: SGD([X], 0.1, momentum=-0.1), ValueError, "momentum must be a finite number of at least 0 and below 1, got -0.1"),
        (
            lambda: SGD([X], 0.1, nesterov=True),
            ValueError,
            "nesterov=True needs a momentum above 0, got momentum=0.0; 0.9 is usual",
        ),
        (lambda: SGD([X], 0.1, weight_decay=-1.0), ValueError, "weight_decay must be a finite number of at least 0, got -1.0"),
        (
            lambda: SGD([{"parameters": [X], "momentum": 2.0}], 0.1),
            ValueError,
            "momentum must be a finite number of at least 0 and below",
        ),
        (lambda: Adam([X], beta1=1.0), ValueError, "beta1 must be a finite number of at least 0 and below 1, got 1.0"),
        (lambda: Adam([X], beta2=-0.5), ValueError, "beta2 must be a finite number of at least 0 and below 1, got -0.5"),
        (lambda: Adam([X], epsilon=0.0), ValueError, "epsilon must be above 0, got 0.0"),
        (lambda: AdamW([X], weight_decay=math.inf), ValueError, "weight_decay must be a finite number of at least 0, got inf"),
        (lambda: Constant(-1.0), ValueError, "Constant rate must be a finite number of at least 0, got -1.0"),
        (lambda: StepDecay(0.1, 0.5, 0), ValueError, "StepDecay every must be a whole number of at least 1, got 0"),
        (lambda: Exponential(0.1, -0.5), ValueError, "Exponential factor must be a finite number of at least 0, got -0.5"),
        (lambda: Cosine(0.1, 10, warmup=10), ValueError, "Cosine warmup must be shorter than all steps, got warmup=10, steps=10"),
        (lambda: clip_gradient_norm([X], -1.0), ValueError, "max_norm must be a finite number of at least 0, got -1.0"),
        (lambda: clip_gradient_value([X], math.nan), ValueError, "limit must be a finite number of at least 0, got nan"),
    ],
)
def test_refusals(call: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=re.escape(message)):
        call()


def test_a_class_of_ones_own_may_use_the_names_of_others() -> None:
    class Mine(SGD):
        def __init__(self, parameters: Any, lr: float) -> None:
            super().__init__(parameters, lr)

    assert copy.deepcopy(Mine([Value(1.0)], lr=0.5)).learning_rate == 0.5
    with pytest.raises(TypeError, match="Mine has no `eps`"):
        Mine([Value(1.0)], eps=0.5)  # type: ignore[call-arg]


@pytest.mark.parametrize("rate", [Value(0.1), lambda step: Value(0.1)])
def test_a_learning_rate_is_no_value(rate):
    with pytest.raises(TypeError, match=r"a learning rate is a plain number or a schedule, got Value\(data=0\.1.*\.data"):
        SGD([Value(1.0)], rate)

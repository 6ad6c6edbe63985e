"""Programs in the idioms of micrograd and microgpt, run with their kind of Value and with ours: the same numbers.

The programs take the Value class as a parameter and use nothing else of either library. `Reference` is micrograd's own Value (the
installed package), with the two functions added that it lacks.
"""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from micrograd.engine import Value as MicrogradValue

from autograd_lite import Value
from tests.micrograd_programs import more

Results = dict[str, list[float]]


class Reference(MicrogradValue):  # type: ignore[misc] # micrograd has no types
    """micrograd's Value with `exp` and `log`, in micrograd's own manner; its operators then give this class too."""

    def exp(self) -> Any:
        out = Reference(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out

    def log(self) -> Any:
        out = Reference(math.log(self.data), (self,), "log")

        def _backward() -> None:
            self.grad += out.grad / self.data

        out._backward = _backward
        return out


def _as_reference(method: str) -> Callable[..., Any]:
    original = getattr(MicrogradValue, method)

    def operator(self: Any, *others: Any) -> Any:
        out = original(self, *others)
        out.__class__ = Reference
        return out

    return operator


for _name in ("__add__", "__mul__", "__pow__", "relu"):
    setattr(Reference, _name, _as_reference(_name))


# ---- a moons-like classifier, as in micrograd's demo -------------------------------------------------------------------------


class Module:
    def zero_grad(self) -> None:
        for p in self.parameters():
            p.grad = 0

    def parameters(self) -> list[Any]:
        return []


class Neuron(Module):
    def __init__(self, value: type, numbers: random.Random, nin: int, nonlin: bool = True) -> None:
        self.w = [value(numbers.uniform(-1, 1)) for _ in range(nin)]
        self.b = value(0)
        self.nonlin = nonlin

    def __call__(self, x: Any) -> Any:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Any]:
        return [*self.w, self.b]


class Layer(Module):
    def __init__(self, value: type, numbers: random.Random, nin: int, nout: int, **kwargs: Any) -> None:
        self.neurons = [Neuron(value, numbers, nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Any) -> Any:
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Any]:
        return [p for n in self.neurons for p in n.parameters()]


class MLP(Module):
    def __init__(self, value: type, numbers: random.Random, nin: int, nouts: list[int]) -> None:
        sz = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [Layer(value, numbers, sz[i], sz[i + 1], nonlin=i != last) for i in range(len(nouts))]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        return [p for layer in self.layers for p in layer.parameters()]


def moons(value: Any, steps: int = 12) -> Results:
    """A 2-8-8-1 network on two half circles: hinge loss with L2, steps of falling size, accuracy by comparing numbers."""
    numbers = random.Random(1337)
    angles = [math.pi * i / 10 for i in range(10)]
    xs = [[math.cos(a), math.sin(a)] for a in angles] + [[1 - math.cos(a), 0.5 - math.sin(a)] for a in angles]
    ys = [-1] * 10 + [1] * 10
    model = MLP(value, numbers, 2, [8, 8, 1])
    losses, accuracies = [], []
    for k in range(steps):
        inputs = [list(map(value, row)) for row in xs]
        scores = list(map(model, inputs))
        hinge = [(1 + -yi * scorei).relu() for yi, scorei in zip(ys, scores, strict=True)]
        data_loss = sum(hinge) * (1.0 / len(hinge))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        losses.append(total_loss.data)
        accuracies.append(sum((yi > 0) == (scorei.data > 0) for yi, scorei in zip(ys, scores, strict=True)) / len(ys))
    return {"losses": losses, "accuracies": accuracies, "parameters": [p.data for p in model.parameters()],
            "gradients": [p.grad for p in model.parameters()]}  # fmt: skip


# ---- a one-block transformer, as in microgpt ---------------------------------------------------------------------------------


def linear(x: list[Any], w: list[list[Any]]) -> list[Any]:
    return [sum(wi * xi for wi, xi in zip(wo, x, strict=True)) for wo in w]


def softmax(logits: list[Any]) -> list[Any]:
    max_val = max(val.data for val in logits)
    exps = [(val - max_val).exp() for val in logits]
    total = sum(exps)
    return [e / total for e in exps]


def rmsnorm(x: list[Any]) -> list[Any]:
    ms = sum(xi * xi for xi in x) / len(x)
    scale = (ms + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def transformer(value: Any, steps: int = 6) -> Results:
    """One block with two heads, a key-value cache and a relu-squared layer, trained by Adam on a word."""
    numbers = random.Random(42)
    vocabulary, width, block, heads = 5, 4, 6, 2
    head = width // heads

    def matrix(nout: int, nin: int, std: float = 0.2) -> list[list[Any]]:
        return [[value(numbers.gauss(0, std)) for _ in range(nin)] for _ in range(nout)]

    shapes = {"wte": (vocabulary, width), "wpe": (block, width), "wq": (width, width), "wk": (width, width), "wv": (width, width),
              "wo": (width, width), "fc1": (4 * width, width), "fc2": (width, 4 * width), "lm_head": (vocabulary, width)}  # fmt: skip
    state = {name: matrix(*shape) for name, shape in shapes.items()}
    params = [p for mat in state.values() for row in mat for p in row]

    def gpt(token: int, position: int, keys: list[Any], values: list[Any]) -> list[Any]:
        x = [t + p for t, p in zip(state["wte"][token], state["wpe"][position], strict=True)]
        x = rmsnorm(x)
        residual, x = x, rmsnorm(x)
        q, k, v = (linear(x, state[name]) for name in ("wq", "wk", "wv"))
        keys.append(k)
        values.append(v)
        attended: list[Any] = []
        for h in range(heads):
            hs = h * head
            scores = [sum(q[hs + j] * past[hs + j] for j in range(head)) / head**0.5 for past in keys]
            weights = softmax(scores)
            attended += [sum(weights[t] * values[t][hs + j] for t in range(len(values))) for j in range(head)]
        x = [a + b for a, b in zip(linear(attended, state["wo"]), residual, strict=True)]
        residual, x = x, rmsnorm(x)
        x = [xi.relu() ** 2 for xi in linear(x, state["fc1"])]
        x = [a + b for a, b in zip(linear(x, state["fc2"]), residual, strict=True)]
        return linear(x, state["lm_head"])

    lr, beta1, beta2, eps = 1e-2, 0.9, 0.95, 1e-8
    m, v = [0.0] * len(params), [0.0] * len(params)
    tokens = [0, 3, 1, 4, 1, 2]
    losses = []
    for step in range(steps):
        keys: list[Any] = []
        values: list[Any] = []
        terms = []
        for position in range(len(tokens) - 1):
            probs = softmax(gpt(tokens[position], position, keys, values))
            terms.append(-probs[tokens[position + 1]].log())
        loss = (1 / len(terms)) * sum(terms)
        loss.backward()
        for i, p in enumerate(params):
            m[i] = beta1 * m[i] + (1 - beta1) * p.grad
            v[i] = beta2 * v[i] + (1 - beta2) * p.grad**2
            m_hat, v_hat = m[i] / (1 - beta1 ** (step + 1)), v[i] / (1 - beta2 ** (step + 1))
            p.data -= lr * (1 - step / steps) * m_hat / (v_hat**0.5 + eps)
            p.grad = 0
        losses.append(loss.data)
    return {"losses": losses, "parameters": [p.data for p in params]}


# ---- the comparison ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [moons, transformer])
def test_a_program_written_for_another_engine_gives_the_same_numbers(program: Callable[[Any], Results]) -> None:
    theirs, ours = program(Reference), program(Value)
    assert theirs.keys() == ours.keys()
    for name in theirs:
        assert all(type(number) is float for number in ours[name])
        assert ours[name] == pytest.approx(theirs[name], rel=1e-11, abs=1e-13), name
    assert ours["losses"][-1] < 0.85 * ours["losses"][0]


def test_the_comparison_notices_one_wrong_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Reference.exp

    def slightly_wrong(self: Any) -> Any:
        out = right(self)
        right_backward = out._backward

        def _backward() -> None:
            right_backward()
            self.grad += 1e-9 * out.grad

        out._backward = _backward
        return out

    ours = transformer(Value, steps=2)
    monkeypatch.setattr(Reference, "exp", slightly_wrong)
    theirs = transformer(Reference, steps=2)
    assert ours["parameters"] != pytest.approx(theirs["parameters"], rel=1e-11, abs=1e-13)


def test_micrograd_s_own_check() -> None:
    """The expression of micrograd's test suite (`test_more_ops`), forwards and backwards, with both classes."""

    def expression(value: Any) -> tuple[float, float, float]:
        g, (a, b) = more(value)
        g.backward()
        return g.data, a.grad, b.grad

    assert expression(Value) == pytest.approx(expression(MicrogradValue), rel=1e-15)
    assert expression(Value) == pytest.approx((24.70408163265306, 138.83381924198252, 645.5772594752186), rel=1e-15)

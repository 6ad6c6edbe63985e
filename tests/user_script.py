"""A script as a user writes it: strict mypy and strict pyright read it, and running it shows that what they read is true."""

# pyright: strict
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd_lite as al
from autograd_lite import Value, derivative, grad, hessian, hvp, jacobian, tanh, total, trace, value_and_grad
from autograd_lite.compat import micrograd
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP, Layer, Module, Neuron
from autograd_lite.optim import SGD

Floats = NDArray[np.float64]

# ---- Values ----------------------------------------------------------------------------------------------------------------------

w, x = Value(2.0, label="w"), Value(3.0, label="x")
y: Value = tanh(w * x + 1.0) ** 2 - 0.5 / w
y.backward()
assert_type(w.grad, float)
assert_type(w.item(), float)
assert_type(w.sin().gelu(), Value)
assert_type(tanh(w), Value)
assert_type(tanh(0.5), float)
assert_type(al.hypot(w, 2.0), Value)
assert_type(al.hypot(2.0, w), Value)
assert_type(al.hypot(3.0, 4.0), float)
assert_type(total([w, x]), Value)
assert_type(total([1.0, 2.0]), float)
assert type(al.hypot(2.0, w)) is type(total([w, x])) is type(w.sin().gelu()) is Value

# ---- derivatives of functions ----------------------------------------------------------------------------------------------------


def cube(x: Value) -> Value:
    return x**3


def product(x: Value, y: Value, *, scale: float = 1.0) -> Value:
    return x * y * scale


def norm(v: Any) -> Any:
    return v[0] * v[0] + v[1] * v[1]


point: Floats = np.array([3.0, 4.0])
assert assert_type(grad(cube)(2.0), float) == 12.0
assert type(assert_type(grad(cube)(Value(2.0)), Value)) is Value
assert assert_type(grad(product)(2.0, 3.0), tuple[float, float]) == (3.0, 2.0)
assert assert_type(grad(product)(2.0, 3.0, scale=2.0), tuple[float, float]) == (6.0, 4.0)
assert assert_type(grad(norm)([3.0, 4.0]), list[float]) == [6.0, 8.0]
assert assert_type(grad(norm)(point), Floats).tolist() == [6.0, 8.0]
assert assert_type(grad(lambda x: x * x)(3.0), float) == 6.0
assert assert_type(grad(lambda x, y: x * y)(2.0, 3.0), tuple[float, float]) == (3.0, 2.0)
assert assert_type(grad(product, argnums=0)(2.0, 3.0), float) == 3.0
assert assert_type(value_and_grad(cube)(2.0), tuple[float, float]) == (8.0, 12.0)
assert assert_type(derivative(cube, 2)(2.0), float) == 12.0
assert assert_type(grad(grad(cube))(2.0), float) == 12.0
assert assert_type(hessian(product)(2.0, 3.0), list[list[float]]) == [[0.0, 1.0], [1.0, 0.0]]
assert assert_type(hessian(norm)(point), Floats).tolist() == [[2.0, 0.0], [0.0, 2.0]]
assert assert_type(jacobian(lambda x, y: [x * y, x])(2.0, 3.0), list[list[float]]) == [[3.0, 2.0], [1.0, 0.0]]
assert assert_type(hvp(cube)(2.0, vector=1.0), float) == 12.0

# ---- networks --------------------------------------------------------------------------------------------------------------------

model = MLP(2, [3, 1], seed=0)
optimizer = SGD(model.parameters(), learning_rate=0.1)
data = [([0.0, 1.0], 1.0), ([1.0, 1.0], -1.0)]
for _ in range(3):
    optimizer.zero_grad()
    loss: Value = total([squared_error(model(row), target) for row, target in data])
    loss.backward()
    optimizer.step()
out = assert_type(model([0.0, 1.0]), Value)
assert type(out) is Value
assert type(assert_type(Neuron(2)([1.0, 2.0]), Value)) is Value
outputs = assert_type(Layer(2, 3)([1.0, 2.0]), list[Value])
classes: MLP[list[Value]] = MLP(2, [3, 3], seed=0)
assert len(assert_type(classes([1.0, 2.0]), list[Value])) == len(outputs) == 3
assert len(MLP[list[Value]](2, [2], seed=0)([1.0, 2.0])) == 2


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(2.0), Value(1.0)

    def __call__(self, x: float) -> Value:
        return self.slope * x + self.offset


assert assert_type(Line()(3.0), Value).data == 7.0

# ---- programs --------------------------------------------------------------------------------------------------------------------

program = trace(product, 2.0, 3.0)
rows = assert_type(program([[2.0, 3.0], [4.0, 5.0]]), NDArray[Any])
values, slopes = program.value_and_grad([[2.0, 3.0], [4.0, 5.0]])
assert rows.tolist() == values.tolist() == [6.0, 20.0]
assert assert_type(program.gradient([2.0, 3.0]), NDArray[Any]).tolist() == slopes[0].tolist() == [3.0, 2.0]
assert assert_type(program.source, str)

# ---- micrograd's Values ----------------------------------------------------------------------------------------------------------

a = micrograd.Value(2.0)
b = assert_type((a * 3.0 - 1.0).relu().tanh(), micrograd.Value)
b.backward()
assert assert_type(a.grad, float) > 0.0
children = assert_type(b._prev, set[micrograd.Value])  # pyright: ignore[reportPrivateUsage]
assert len(children) == 1

"""Published examples of a single unit and of small expressions."""

from typing import Any

from autograd_lite.engine.primitives import dot, maximum, sigmoid, tanh
from autograd_lite.engine.value import Value
from autograd_lite.systems.canon.figures import Example, Figure, figures, grads_of, values_of


def cs231n_neuron() -> Example:
    """sigmoid(w0 x0 + w1 x1 + w2)."""
    w, x = values_of(2.0, -3.0, -3.0), values_of(-1.0, -2.0)
    weighted = dot(w[:2], x, w[2])
    f = sigmoid(weighted)
    f.backward()
    found = (
        *figures("dot f", [weighted.data, f.data], [1.0, 0.7310585786300049], "1.00 0.73"),
        Figure("df/ddot", "", weighted.grad, 0.19661193324148185),
        *figures("df/dx0 df/dx1", grads_of(x), [0.3932238664829637, -0.5898357997244456], "0.39 -0.59"),
        *figures(
            "df/dw0 df/dw1 df/dw2",
            grads_of(w),
            [-0.19661193324148185, -0.3932238664829637, 0.19661193324148185],
            "-0.20 -0.39 0.20",
        ),
    )
    return Example("neuron", "Stanford cs231n, notes optimization-2, sigmoid example", found)


def cs231n_circuits() -> Example:
    """(x + y) z, and 2 (x y + max(z, w))."""
    x, y, z = first = values_of(-2.0, 5.0, -4.0)
    q = x + y
    f = q * z
    f.backward()
    x, y, z, w = second = values_of(3.0, -4.0, 2.0, -1.0)
    g = 2 * (x * y + maximum(z, w))
    g.backward()
    found = (
        *figures("q f df/dx df/dy df/dz", [q.data, f.data, *grads_of(first)], [3, -12, -4, -4, 3], "3 -12 -4 -4 3"),
        *figures("g dg/dx dg/dy dg/dz dg/dw", [g.data, *grads_of(second)], [-20, -8, 6, 2, 0], "-20 -8 6 2 0"),
    )
    return Example("circuits", "Stanford cs231n, notes optimization-2", found)


def hackers_guide() -> Example:
    """sigmoid(a x + b y + c), and one step along the gradient."""

    def neuron(a: Any, b: Any, c: Any, x: Any, y: Any) -> Any:
        return sigmoid(a * x + b * y + c)

    values = values_of(1.0, 2.0, -3.0, -1.0, 3.0)
    out = neuron(*values)
    out.backward()
    stepped = neuron(*(Value(value.data + 0.01 * value.grad) for value in values)).data
    exact = [-0.10499358540350662, 0.31498075621051985, 0.10499358540350662, 0.10499358540350662, 0.20998717080701323]
    found = (
        *figures("f", [out.data], [0.8807970779778823], "0.8807970779778823"),
        *figures("df/da df/db df/dc df/dx df/dy", grads_of(values), exact, "-0.105 0.315 0.105 0.105 0.210"),
        *figures("f_after_a_step", [stepped], [0.8825501816218984], "0.8825501816218984"),
    )
    return Example("hacker", "Karpathy, Hacker's guide to neural networks", found)


def karpathy_neuron() -> Example:
    """tanh(x1 w1 + x2 w2 + b)."""
    x1, x2, w1, w2, b = values_of(2.0, 0.0, -3.0, 1.0, 6.8813735870195432)
    n = x1 * w1 + x2 * w2 + b
    out = tanh(n)
    out.backward()
    found = figures("n out", [n.data, out.data], [0.8813735870195432, 0.7071067811865476], "0.8814 0.7071")
    names = "dout/dx1 dout/dw1 dout/dx2 dout/dw2 dout/dn dout/db"
    found += figures(names, grads_of([x1, w1, x2, w2, n, b]), [-1.5, 1.0, 0.5, 0.0, 0.5, 0.5], "-1.5 1.0 0.5 0.0 0.5 0.5", 1e-12)
    return Example("lecture neuron", "Karpathy, The spelled-out intro to neural networks and backpropagation (2022)", found)


def karpathy_expression() -> Example:
    """L = (a b + c) f, and a step along the gradient."""

    def loss(a: Any, b: Any, c: Any, f: Any) -> Any:
        return (a * b + c) * f

    values = values_of(2.0, -3.0, 10.0, -2.0)
    result = loss(*values)
    result.backward()
    found = figures("L dL/da dL/db dL/dc dL/df", [result.data, *grads_of(values)], [-8, 6, -4, -2, 4], "-8.0 6.0 -4.0 -2.0 4.0")
    found += (Figure("L after a step", "-7.286496", loss(*(v.data + 0.01 * v.grad for v in values)), -7.286496),)
    return Example("lecture expression", "Karpathy, The spelled-out intro to neural networks and backpropagation (2022)", found)


def micrograd_readme() -> Example:
    """The expression of micrograd's README at a = -4, b = 2."""
    a, b = values_of(-4.0, 2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    f = (c - d) ** 2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    exact = [24.70408163265306, 138.83381924198252, 645.5772594752186]
    found = figures("g dg/da dg/db", [g.data, a.grad, b.grad], exact, "24.7041 138.8338 645.5773")
    return Example("micrograd", "Karpathy, micrograd, README", found)


def nielsen_slow_start() -> Example:
    """Input 1, target 0, C = a^2 / 2, rate 0.15, 300 epochs, from two starts."""

    def trained(w: float, b: float) -> list[float]:
        outputs = []
        parameters = values_of(w, b)
        for _ in range(301):
            a = sigmoid(parameters[0] * 1.0 + parameters[1])
            outputs.append(a.data)
            (a**2 / 2).backward()
            last = [parameter.data for parameter in parameters]
            parameters = values_of(*(parameter.data - 0.15 * parameter.grad for parameter in parameters))
        return [outputs[0], outputs[-1], *last]

    near, far = trained(0.6, 0.9), trained(2.0, 2.0)
    found = (
        *figures("first_output output_after_300_epochs", near[:2], [0.817574, 0.093956], "0.82 0.09", 1e-5),
        *figures("w_after_300 b_after_300", near[2:], [-1.283132, -0.983132], relative=1e-6),
        *figures("first_from_2_2 after_300_from_2_2", far[:2], [0.982014, 0.202848], "0.98 0.20", 1e-5),
    )
    return Example("slow start", "Nielsen, Neural Networks and Deep Learning, chapter 3", found)

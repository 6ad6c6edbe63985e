"""equation: expressions as text and LaTeX, written by the primitives themselves."""

from __future__ import annotations

import re

import pytest

from autograd_lite import Value, constant, dot, exp, log, sqrt, tanh, total
from autograd_lite.drawing import equation
from autograd_lite.engine.primitive import Nary, Primitive
from autograd_lite.engine.primitives import TABLE, identity
from autograd_lite.engine.text import ATOM, SIGN, SUM, Latex


def variables(names: str) -> list[Value]:
    return [Value(1.5 + k, label=name) for k, name in enumerate(names.split())]


def test_text_and_latex_of_the_operators() -> None:
    w, x, b = variables("w x b")
    made = equation(tanh(w * x + b) / (x - 2.0) ** 2)
    assert made.text == str(made) == "tanh(w * x + b) / (x - 2) ** 2"
    assert made.latex == r"\frac{\tanh\left(w \cdot x + b\right)}{\left(x - 2\right)^{2}}"
    assert made._repr_latex_() == rf"$\displaystyle {made.latex}$"


def test_powers_of_powers_and_fractions_keep_their_parentheses() -> None:
    (x,) = variables("x")
    assert equation((x**2) ** 3).latex == r"\left(x^{2}\right)^{3}"
    assert equation(exp(x) ** 2).latex == r"\left(e^{x}\right)^{2}"
    assert equation((1.0 / x) ** 2).latex == r"\left(\frac{1}{x}\right)^{2}"
    assert equation(x ** (x + 1.0)).latex == "x^{x + 1}"
    assert equation(x - (x - 1.0)).latex == r"x - \left(x - 1\right)"
    assert equation(sqrt(x + 1.0) * -2.0).latex == r"\sqrt{x + 1} \cdot -2"


def test_labelled_values_have_a_line_of_their_own() -> None:
    w, x = variables("w x")
    h = tanh(w * x)
    h.label = "h"
    loss = (h - constant(1.0, "y")) ** 2
    loss.label = "loss"
    made = equation(loss)
    assert made.text == "h = tanh(w * x)\nloss = (h - y) ** 2"
    assert made.latex.startswith(r"\begin{aligned}")
    assert r"\text{loss} &= \left(h - y\right)^{2}" in made.latex


def test_what_is_used_again_gets_a_name_that_is_free() -> None:
    w, x, t1 = variables("w x t1")
    s = tanh(w * x + t1 * t1 * w)
    assert equation(s * s).text == "t2 = tanh(w * x + t1 * t1 * w)\nt2 * t2"
    assert equation(s * s, shared=False).text == "tanh(w * x + t1 * t1 * w) * tanh(w * x + t1 * t1 * w)"
    assert equation((w + x) * (w + x)).text == "(w + x) * (w + x)"


def test_many_operands_are_shortened() -> None:
    values = [Value(1.0, label=f"a{k}") for k in range(50)]
    assert equation(total(values)).text == "total(a0, a1, a2, a3, ... 42 more ..., a46, a47, a48, a49)"
    assert "... 47 more ..." in equation(dot(values, values)).text
    assert equation(dot(values[:2], values[2:4], values[4])).latex == r"a_{4} + a_{0} \cdot a_{2} + a_{1} \cdot a_{3}"


def test_large_graphs_are_written_near_the_root() -> None:
    (x,) = variables("x")
    v = x
    for _ in range(100_000):
        v = tanh(v) + 1.0
    made = equation(v)
    assert "tanh(...)" in made.text
    assert len(made.text) < 3000
    doubled = x
    for _ in range(150):
        doubled = doubled + doubled
    assert len(equation(doubled, shared=False).text) < 2100
    assert len(equation(doubled).text) < 6000
    assert equation(v, most=2).text == "tanh(...) + 1"


def test_a_leaf_is_its_name_or_number() -> None:
    assert equation(Value(2.5, label="x")).text == "x"
    assert equation(Value(2.5)).text == "2.5"
    assert equation(constant(-1e-7)).latex == r"-1 \cdot 10^{-7}"


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("x_1", "x_{1}"),
        ("w[2]", "w_{2}"),
        ("w[1][2]", "w_{1,2}"),
        ("x1[2]", "x_{1,2}"),
        ("a_b", r"\text{a}\_\text{b}"),
        ("50%{", r"\text{50}\%\{"),
        ("z^1_1", "z^{1}_{1}"),
        ("w^2_11", "w^{2}_{11}"),
        ("w^{l+1}_{jk}", "w^{l+1}_{jk}"),
        ("z_1^2", "z^{2}_{1}"),
        ("w[1]^2", "w^{2}_{1}"),
        ("h^1[0]", "h^{1}_{0}"),
        ("x^(k+1)", "x^{(k+1)}"),
        ("x^-1", "x^{-1}"),
        ("delta^2_1", r"\delta^{2}_{1}"),
        ("beta1", r"\beta_{1}"),
        ("loss^2", r"\text{loss}^{2}"),
        ("x^y^z", r"\text{x}{\wedge}\text{y}{\wedge}\text{z}"),
        ("x~", r"\text{x}{\sim}"),
        ("a\\b", r"\text{a}{\backslash}\text{b}"),
    ],
)
def test_labels_become_symbols(label: str, expected: str) -> None:
    assert equation(Value(1.0, label=label)).latex == expected


def test_hostile_labels_are_escaped() -> None:
    made = equation(Value(1.0, label="a\\b$\n\udc80") + 1.0)
    assert made.text == "a\\b$\\n\\udc80 + 1"
    assert "$" not in made.latex.replace(r"\$", "")


@pytest.mark.parametrize("primitive", [row for row in TABLE.values() if row.public], ids=lambda row: row.name)
def test_every_primitive_writes_balanced_latex(primitive: Primitive) -> None:
    count = primitive.counts[-1] if isinstance(primitive, Nary) else primitive.arity
    assert count is not None
    operands = [Latex("a + b", SUM), Latex("-2", SIGN), Latex("c", ATOM), *[Latex("d", ATOM)] * 20][:count]
    written = primitive.write(operands)
    text = written.text.replace("...", "")
    assert text.count("{") == text.count("}")
    assert len(re.findall(r"\\left\b", text)) == len(re.findall(r"\\right\b", text))
    assert "**" not in text
    assert primitive is identity or isinstance(primitive, Nary) or isinstance(written, Latex)


def test_log_and_unlabelled_leaves() -> None:
    (x,) = variables("x")
    assert equation(log(x * Value(0.25))).latex == r"\ln\left(x \cdot 0.25\right)"


def test_mistakes_are_explained() -> None:
    with pytest.raises(TypeError, match="equation takes a Value, got str 'x'"):
        equation("x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`most` is 0"):
        equation(Value(1.0), most=0)

"""The forms of books: each equals the rule that it stands beside, and stands where it is read first."""

import math

import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.primitives import TABLE
from autograd_lite.primitive import Nary, Primitive, Unary
from autograd_lite.stepping import BackwardStep, record
from autograd_lite.testing.primitives.checks import examine_primitive
from autograd_lite.testing.primitives.points import ordinary_points

WITH_FORMS = [row for row in TABLE.values() if row.textbook]
WORDS = {name: getattr(math, name) for name in ("exp", "log", "sqrt", "cos", "pi")}


@pytest.mark.parametrize("row", WITH_FORMS, ids=lambda row: row.name)
def test_a_form_of_books_is_equal_to_the_rule(row: Primitive) -> None:
    assert len(row.textbook) == (1 if row.takes_list else row.arity)
    assert all("log(" not in form or "log(2)" in form or "log(10)" in form for form in row.textbook), "no operand's domain shrinks"
    for point in ordinary_points(row):
        operands = [Value(x) for x in point]
        node = row(operands) if isinstance(row, Nary) else row(*operands)
        for place, local in enumerate(node.local_derivatives):
            form = row.textbook[0 if row.takes_list else place]
            if form:
                # Our own texts, from our own table: Python reads them here, independent of every writer of the library.
                x = point[place] if row.takes_list else point[0]
                computed = eval(form.format(x="x", y="y", out="out"), {**WORDS, "x": x, "y": point[-1], "out": node.data})
                assert computed == pytest.approx(local, rel=1e-9, abs=1e-12), f"{form} at {point}"


def test_a_step_is_written_as_books_write_it_and_keeps_the_digits() -> None:
    x = Value(20.0, label="x")
    step = record(x.tanh())[-1]
    assert isinstance(step, BackwardStep)
    assert (step.rule, step.exact) == ("1 - L ** 2", "sech(x) * sech(x)")
    assert step.local > 0.0, "1 - tanh(20) ** 2 in floats is 0"
    a = Value(0.5, label="a")
    step = record(a.sigmoid())[-1]
    assert isinstance(step, BackwardStep)
    assert (step.rule, step.exact) == ("L * (1 - L)", "L * sigmoid(-a)")


@pytest.mark.parametrize(
    ("root", "rules"),
    [
        (lambda a, b: a**2, ["2 * a"]),
        (lambda a, b: a**3, ["3 * a ** 2"]),
        (lambda a, b: a**2.5, ["2.5 * a ** (2.5 - 1)"]),
        (lambda a, b: a**-1, ["(-1) * a ** ((-1) - 1)"]),
        (lambda a, b: a / b, ["1 / b", "-a / b ** 2"]),
        (lambda a, b: ag.logsumexp([a, b]), ["exp(a - L)", "exp(b - L)"]),
        (lambda a, b: ag.relu(a), ["1 if a > 0 else 0"]),
        (lambda a, b: ag.sqrt(a), ["1 / (2 * L)"]),
        (lambda a, b: ag.dot([a], [b]), ["b", "a"]),
    ],
)
def test_forms_that_are_read_first(root: object, rules: list[str]) -> None:
    assert callable(root)
    found = [step.rule for step in record(root(Value(2.0, label="a"), Value(3.0, label="b"))) if isinstance(step, BackwardStep)]
    assert found == rules


def test_a_primitive_of_ones_own_has_its_form_too() -> None:
    class Softly(Unary):
        symbol = "softly({x})"
        textbook = ("1 - {out} ** 2",)

        def forward(self, x: float) -> float:
            return math.tanh(x)

        def dx(self, x: float, out: float) -> float:
            return ag.sech(x) * ag.sech(x)

    step = record(Softly()(Value(1.0, label="x")))[-1]
    assert isinstance(step, BackwardStep)
    assert (step.rule, step.exact) == ("1 - L ** 2", "sech(x) * sech(x)")


def with_forms(*forms: str) -> Unary:
    class Tanh2(Unary):
        symbol = "tanh2({x})"
        textbook = forms

        def forward(self, x: float) -> float:
            return ag.tanh(x)

        def dx(self, x: float, out: float) -> float:
            return ag.square(ag.sech(x))

    return Tanh2()


@pytest.mark.parametrize(
    ("forms", "complaint"),
    [
        (("1 - {out} ** 2",), ""),
        (("1 if {x} > 9 else 0",), ""),
        (("1 - {out}",), "`1 - {out}` of `textbook` gives"),
        (("1", "2"), "`textbook` has 2 forms: write one for each operand"),
    ],
)
def test_the_form_of_ones_own_is_checked(forms: tuple[str, ...], complaint: str) -> None:
    report = examine_primitive(with_forms(*forms))
    assert bool(report) == (not complaint)
    assert complaint in str(report)


@pytest.mark.parametrize("forms", [("{z}",), ("{",), ("1", "2")])
def test_a_form_that_cannot_be_read_is_left_out(forms: tuple[str, ...]) -> None:
    step = record(with_forms(*forms)(Value(1.0, label="x")))[-1]
    assert isinstance(step, BackwardStep)
    assert step.rule == step.exact

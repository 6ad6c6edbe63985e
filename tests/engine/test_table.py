"""The table is the only place: a new primitive, of a user or of the table, works everywhere with nothing else changed."""

import copy
import doctest
import filecmp
import math
import pickle
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd_lite
import autograd_lite as m
from autograd_lite import DomainError, Value
from autograd_lite.calculus.symbols import partial_texts
from autograd_lite.engine.errors import expression
from autograd_lite.engine.primitive import Binary, Interval, Nary, Primitive, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.text import PRODUCT
from tests.processes import run_python

# ---- a user's own primitives, of every arity ---------------------------------------------------------------------------------


class Versine(Unary):
    """1 - cos(x), with all digits near 0."""

    symbol = "versine({x})"

    def forward(self, x: float) -> float:
        return 2.0 * m.square(m.sin(0.5 * x))

    def dx(self, x: float, out: float) -> float:
        return m.sin(x)


class LogRatio(Binary):
    """log(x / y)."""

    symbol = "{x} :: {y}"
    precedence = PRODUCT
    domain = (Interval(0.0, math.inf), Interval(0.0, math.inf))

    def forward(self, x: float, y: float) -> float:
        return m.log(x / y)

    def dx(self, x: float, y: float, out: float) -> float:
        return 1.0 / x

    def dy(self, x: float, y: float, out: float) -> float:
        return -1.0 / y


class GeometricMean(Nary):
    """The nth root of the product of n numbers."""

    symbol = "geometricmean({operands})"
    domain = (Interval(0.0, math.inf),)

    def forward(self, values: Sequence[float]) -> float:
        return m.exp(m.mean([m.log(value) for value in values]))

    def partials(self, values: Sequence[float], out: float) -> list[float]:
        return [out / value / len(values) for value in values]


versine, logratio, geometricmean = Versine(), LogRatio(), GeometricMean()
# Each with the numbers to try it on, its text, the texts of its partials, and the same function composed from the table.
OWN: list[Any] = [
    pytest.param(versine, versine, (0.7,), "versine(a)", ["sin(a)"], lambda x: 1.0 - m.cos(x), id="unary"),
    pytest.param(logratio, logratio, (0.7, 1.9), "a :: b", ["1 / a", "-1 / b"], lambda x, y: m.log(x) - m.log(y), id="binary"),
    pytest.param(
        geometricmean, lambda *xs: geometricmean(xs), (0.7, 1.9, 3.0), "geometricmean(a, b, c)",
        ["out / a / 3", "out / b / 3", "out / c / 3"], lambda x, y, z: m.cbrt(x * y * z), id="n-ary",
    ),
]  # fmt: skip
own = pytest.mark.parametrize(("primitive", "call", "numbers", "text", "partials", "composed"), OWN)


@own
def test_a_users_primitive_works_in_every_way(
    primitive: Any, call: Any, numbers: tuple[float, ...], text: str, partials: list[str], composed: Any
) -> None:
    expected = composed(*numbers)
    assert call(*numbers) == pytest.approx(expected, rel=1e-14)
    assert type(call(*numbers)) is float

    leaves = [Value(number, label=name) for number, name in zip(numbers, "abc", strict=False)]
    node = call(*leaves)
    assert node.primitive is primitive
    assert len(m.topological_order(node)) == len(numbers) + 1
    node.backward()
    slopes = m.jacobian(composed)(*numbers)[0]
    assert [leaf.grad for leaf in leaves] == pytest.approx(slopes, rel=1e-14)
    assert m.jacobian(call)(*numbers)[0] == pytest.approx(slopes, rel=1e-14)
    for row, other in zip(m.hessian(call)(*numbers), m.hessian(composed)(*numbers), strict=True):
        assert row == pytest.approx(other, rel=1e-12, abs=1e-15)

    for dtype, digits in ((np.float64, 1e-13), (np.float32, 2e-6)):
        arrays = [np.array([number, number * 1.1], dtype=dtype) for number in numbers]
        answer = call(*arrays)
        assert answer.dtype == dtype
        assert answer.shape == (2,)
        assert answer[0] == pytest.approx(expected, rel=digits)

    step = [complex(number) for number in numbers]
    step[0] += 1e-20j
    assert call(*step).imag / 1e-20 == pytest.approx(slopes[0], rel=1e-14)
    with mpmath.workdps(50):
        exact = call(*map(mpmath.mpf, numbers))
        assert mpmath.almosteq(exact, composed(*map(mpmath.mpf, numbers)), rel_eps=mpmath.mpf(10) ** -45)

    assert expression(node).text == text
    assert partial_texts(primitive, list("abc"[: len(numbers)]), "out") == partials

    for twin in (pickle.loads(pickle.dumps(node)), copy.deepcopy(node)):
        assert type(twin.primitive) is type(primitive)
        assert m.gradients(twin, twin.operands) == [leaf.grad for leaf in leaves]


def test_a_users_domain_error_reads_like_the_tables() -> None:
    bad = Value(-1.0, label="a")
    with pytest.raises(
        DomainError, match=r"^`a :: 2` is not defined at a = -1\.0: the operands must lie in \(0, inf\) and \(0, inf\)"
    ):
        logratio(bad, 2)


def test_a_primitive_without_rules_says_which_are_missing() -> None:
    class Empty(Unary):
        symbol = "empty({x})"

    with pytest.raises(NotImplementedError, match=r"Empty must define forward\(self, x\)"):
        Empty()(1.0)


# ---- a new primitive of the table --------------------------------------------------------------------------------------------

NEW_PRIMITIVE = '''
class Versine(Unary):
    """1 - cos(x).

    >>> versine(0.0)
    0.0
    """

    symbol = "versine({x})"

    def forward(self, x: float) -> float:
        return 1.0 - m.cos(x)

    def dx(self, x: float, out: float) -> float:
        return m.sin(x)


'''


def test_a_new_primitive_is_one_class_in_one_file(tmp_path: Path) -> None:
    """The package is copied, one class and its instance are written into the copy's `engine/primitives.py`, and everything knows it."""
    source = Path(autograd_lite.__file__).parent
    copied = tmp_path / "autograd_lite"
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__", ".*", "*.so", "*.pyd"))
    page = copied / "engine" / "primitives.py"
    text = page.read_text("utf-8")
    functions = "# ---- the primitives, as the functions that users call"
    for old, new in (
        ('__all__ = [\n    "abs",', '__all__ = [\n    "abs",\n    "versine",'),
        (functions, NEW_PRIMITIVE.lstrip() + functions),
        ("\n_PRIMITIVES: tuple[Primitive, ...] = (", "versine = Versine()\n\n_PRIMITIVES: tuple[Primitive, ...] = (\n    versine,"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    page.write_text(text, "utf-8")
    printed = run_python(
        """
        import copy, math, pickle
        import mpmath, numpy
        import autograd_lite
        from autograd_lite import Value, derivative, versine
        from autograd_lite.engine.errors import expression
        from autograd_lite.functions import scalar_functions
        from autograd_lite.calculus.symbols import partial_texts
        assert autograd_lite.__file__.startswith(sys.path[0])
        x = Value(0.5, label="x")
        y = versine(x)
        y.backward()
        assert x.grad == math.sin(0.5) and y.data == 1 - math.cos(0.5)
        assert derivative(versine, 2)(0.5) == math.cos(0.5)
        assert versine(numpy.float32([0.0, 0.5])).dtype == numpy.float32
        assert abs(versine(0.5 + 1e-20j).imag / 1e-20 - math.sin(0.5)) < 1e-16
        with mpmath.workdps(40):
            assert mpmath.almosteq(versine(mpmath.mpf(0.5)), 1 - mpmath.cos(0.5), rel_eps=1e-38)
        assert pickle.loads(pickle.dumps(y)).primitive is versine is copy.deepcopy(y).primitive
        assert scalar_functions()["versine"](0.0) == 0.0
        print(expression(y).text, partial_texts(versine, ["x"], "out"), versine)
        """,
        tmp_path,
    )
    assert printed == "versine(x) ['sin(x)'] <primitive versine>\n"
    changed = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if not filecmp.cmp(path, copied / path.relative_to(source), shallow=False)
    ]
    assert changed == ["engine/primitives.py"]


# ---- every row, complete and public ------------------------------------------------------------------------------------------


def test_all_lists_exactly_the_public_rows() -> None:
    assert sorted(autograd_lite.engine.primitives.__all__) == sorted(name for name, row in TABLE.items() if row.public)
    for name, row in TABLE.items():
        assert getattr(autograd_lite.engine.primitives, name) is row
        assert not row.public or getattr(autograd_lite, name) is row


def _rows(base: type) -> set[type]:
    return {cls for kind in (Unary, Binary, Nary) for cls in kind.__subclasses__() if cls.__module__ == base.__module__}


def test_every_class_of_the_page_is_a_row() -> None:
    assert {type(row) for row in TABLE.values()} == _rows(type(TABLE["add"]))


@pytest.mark.parametrize("name", TABLE)
def test_every_row_is_complete(name: str) -> None:
    row: Primitive = TABLE[name]
    assert row.name == name == type(row).__name__.lower()
    assert isinstance(row, Unary | Binary | Nary)
    assert row.__doc__
    has_doctest = bool(doctest.DocTestParser().get_examples(row.__doc__))
    assert has_doctest or not row.public, f"{name} has no example"
    assert row.symbol or type(row).write is not Primitive.write
    assert row.requirement
    assert len(row.domain) in (1, 2, 3)
    own_rules = vars(type(row))
    needed = (
        {"forward", "partials"}
        if isinstance(row, Nary)
        else {"forward", "dx", "dy"}
        if isinstance(row, Binary)
        else {"forward", "dx"}
    )
    assert needed <= set(own_rules)
    for special in row.special_points:
        assert len(special.operands) == len(special.partials) + len(row.orders[0] if row.orders else ())
        assert row.arity in (None, len(special.operands))


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.public])
def test_every_row_prints_its_own_equations(name: str) -> None:
    row: Any = TABLE[name]
    count = row.arity or row.counts[-1]
    names = [f"x{i}" for i in range(count)]
    texts = partial_texts(row, names, "out")
    assert len(texts) == count
    assert all(texts)
    assert all("object at" not in text and "Symbol" not in text and "Text" not in text for text in texts)

"""`check_primitive`: every primitive of the table passes, and every way of being wrong is named."""

import doctest
import math
from typing import Any

import pytest

import autograd_lite as ag
from autograd_lite.engine.primitive import Binary, Interval, Nary, SpecialPoint, Unary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.testing.generate.ranges import Inside
from autograd_lite.testing.primitives.checks import check_primitive, examine_primitive
from tests.processes import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "custom-primitives.md"


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.orders])
def test_every_row_of_the_table_is_right(name: str) -> None:
    report = check_primitive(TABLE[name])
    assert report.counts.get("inconclusive", 0) == 0
    assert report.counts["agrees"] >= 6


def test_the_document_about_custom_primitives_runs() -> None:
    found = doctest.testfile(str(DOCUMENT), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert found.attempted >= 15
    assert found.failed == 0


# ---- right ones --------------------------------------------------------------------------------------------------------------


class LogRatio(Binary):
    """log(x / y)."""

    symbol = "logratio({x}, {y})"
    domain = (Interval(0.0), Interval(0.0))

    def forward(self, x: Any, y: Any) -> Any:
        return ag.log(x / y)

    def dx(self, x: Any, y: Any, out: Any) -> Any:
        return 1.0 / x

    def dy(self, x: Any, y: Any, out: Any) -> Any:
        return -1.0 / y


class Hinge(Unary):
    """max(0, 1 - x)."""

    symbol = "hinge({x})"
    smooth = False
    special_points = (SpecialPoint((1.0,), (0.0,)),)

    def forward(self, x: Any) -> Any:
        return ag.relu(1.0 - x)

    def dx(self, x: Any, out: Any) -> Any:
        return ag.where(x < 1.0, -1.0, 0.0)


class Norm(Nary):
    """The Euclidean length."""

    symbol = "norm({operands})"
    counts = (1, 3)

    def forward(self, values: Any) -> Any:
        return ag.norm(values)

    def partials(self, values: Any, out: Any) -> Any:
        return [value / out for value in values]


class Cube(Unary):
    symbol = "cube({x})"

    def forward(self, x: Any) -> Any:
        return x * x * x

    def dx(self, x: Any, out: Any) -> Any:
        return 3.0 * (x * x)


def test_primitives_of_ones_own_are_right() -> None:
    assert str(check_primitive(LogRatio())) == "logratio is right at 6 points: 12 derivatives agree"
    assert check_primitive(Inside(-0.9, 0.9)).points == 6
    assert check_primitive(Cube(), [(1.0,), (-2.0,)], reference=lambda x: x**3).points == 2


def test_a_kink_on_arrays_is_told() -> None:
    report = examine_primitive(Hinge(), properties=["partials", "special points", "value", "constants", "text", "second order"])
    assert report, str(report)


# ---- wrong ones --------------------------------------------------------------------------------------------------------------


class _Broken(Cube):
    symbol = "broken({x})"


class Swapped(LogRatio):
    symbol = "swapped({x}, {y})"

    def dx(self, x: Any, y: Any, out: Any) -> Any:
        return -1.0 / y

    def dy(self, x: Any, y: Any, out: Any) -> Any:
        return 1.0 / x


class WrongFirst(_Broken):
    def dx(self, x: Any, out: Any) -> Any:
        return 3.0 * (x * x) * (1.0 + 1e-9)


class CallsMath(_Broken):
    def forward(self, x: Any) -> Any:
        return ag.sin(x)

    def dx(self, x: Any, out: Any) -> Any:
        return math.cos(x)


class Detaches(_Broken):
    def dx(self, x: Any, out: Any) -> Any:
        return 3.0 * (x.data * x.data) if isinstance(x, ag.Value) else 3.0 * (x * x)


class GivesIntegers(_Broken):
    def forward(self, x: Any) -> Any:
        return 3

    def dx(self, x: Any, out: Any) -> Any:
        return 0.0


class Forgetful(_Broken):
    calls = 0.0

    def forward(self, x: Any) -> Any:
        Forgetful.calls += 1.0
        return x + Forgetful.calls

    def dx(self, x: Any, out: Any) -> Any:
        return 1.0


class SilentOutside(_Broken):
    domain = (Interval(0.0),)

    def forward(self, x: Any) -> Any:
        return ag.log(x) if not isinstance(x, float) or x > 0.0 else math.nan

    def dx(self, x: Any, out: Any) -> Any:
        return 1.0 / x


class RaisesOnValues(_Broken):
    domain = (Interval(-5.0, 5.0, closed_low=True, closed_high=True),)

    def forward(self, x: Any) -> Any:
        return x * 2.0

    def dx(self, x: Any, out: Any) -> Any:
        if abs(x) > 1e100:
            raise OverflowError
        if x == 0.0:
            raise ValueError
        return 2.0


class NoSymbol(Unary):
    def forward(self, x: Any) -> Any:
        return x * 2.0

    def dx(self, x: Any, out: Any) -> Any:
        return 2.0


class WrongConvention(Hinge):
    symbol = "wrongedge({x})"
    special_points = (SpecialPoint((1.0,), (-0.5,)),)


class SpecialOutside(_Broken):
    special_points = (SpecialPoint((0.0,), (1.0,)),)

    def forward(self, x: Any) -> Any:
        return ag.log(x)

    def dx(self, x: Any, out: Any) -> Any:
        return 1.0 / x

    domain = (Interval(0.0),)


class TooFewPartials(Norm):
    symbol = "short({operands})"

    def partials(self, values: Any, out: Any) -> Any:
        return [value / out for value in values[:2]]


class UnbalancedLatex(_Broken):
    latex = "{{{x}"


class BranchesOnArrays(_Broken):
    def forward(self, x: Any) -> Any:
        if x > 0.0:
            return x * x * x
        return x * x * x


class AddsUpArrays(_Broken):
    def forward(self, x: Any) -> Any:
        return (x * x * x).sum() if hasattr(x, "sum") else x * x * x


class WrongOnArrays(_Broken):
    def forward(self, x: Any) -> Any:
        return x * x * x * (1.0 + 1e-12) if hasattr(x, "dtype") else x * x * x


@pytest.mark.parametrize(
    ("primitive", "name", "message"),
    [
        (Swapped(), "partials", r"the derivative of swapped\(.*\) by operand 1: .* is claimed to be"),
        (WrongFirst(), "partials", r"the derivative of wrongfirst\(.*\) by operand 1"),
        (CallsMath(), "second order", r"do not take Values: `math\.cos\(x\)` takes plain numbers"),
        (CallsMath(), "text", r"the rules do not write themselves: .* Call this library's functions in them, not math's"),
        (Detaches(), "second order", r"a second derivative of detaches\("),
        (GivesIntegers(), "value", r"is 3, a int; forward must give a float for floats"),
        (Forgetful(), "value", r"forgetful\(.*\) is .*, and called again"),
        (SilentOutside(), "exceptions", r"silentoutside\(-0\.25\) is nan silently; forward must raise ValueError"),
        (RaisesOnValues(), "special values", r"raisesonvalues\(0\.0\) gives 0\.0 on floats and DomainError"),
        (NoSymbol(), "text", r"the text of a call is '', without operand0; set `symbol`"),
        (WrongConvention(), "special points", r"of wrongconvention\(1\.0\) are documented as \(-0\.5,\) and recorded as \(0\.0,\)"),
        (SpecialOutside(), "special points", r"specialoutside\(0\.0\) is documented as a special point and raises"),
        (TooFewPartials(), "partials", r"partials of toofewpartials\(.*\) gives 2 numbers for 3 operands"),
        (UnbalancedLatex(), "text", r"has unbalanced braces"),
        (BranchesOnArrays(), "arrays", r"branchesonarrays of arrays raises ValueError: The truth value of an array"),
        (AddsUpArrays(), "arrays", r"addsuparrays of float64 arrays of shape \(1, 6\) has shape \(\) and type float64"),
        (WrongOnArrays(), "arrays", r"wrongonarrays\(.*\) is .*, and .* in a float64 array"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(primitive: Any, name: str, message: str) -> None:
    report = examine_primitive(primitive, properties=[name])
    assert report.wrong == [name]
    assert not report
    with pytest.raises(AssertionError, match=rf"(?s)^{primitive.name} is wrong in .*{name}: .*{message}"):
        raise AssertionError(str(report))


def test_a_wrong_value_needs_a_reference() -> None:
    assert check_primitive(Cube())
    with pytest.raises(AssertionError, match=r"cube is wrong in value\n  value: cube\(.*\) is .*, the reference says"):
        check_primitive(Cube(), reference=lambda x: x**3 * (1.0 + 1e-9))


def test_a_long_list_of_complaints_is_cut() -> None:
    with pytest.raises(AssertionError, match=r"  partials: and 3 more\n"):
        check_primitive(WrongFirst())


def test_points_that_tell_nothing_are_a_failure() -> None:
    """At a vertical tangent no numerical derivative has a bar."""

    class Root(_Broken):
        def forward(self, x: Any) -> Any:
            return ag.total([0.0 * x, 1e300]) * ag.sin(1e18 * x)

        def dx(self, x: Any, out: Any) -> Any:
            return 0.0 * x

    report = examine_primitive(Root(), [(1.0,)], properties=["partials"])
    assert not report


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="a primitive is an instance of Unary, Binary or Nary, got <class"):
        check_primitive(Cube)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no property is named 'beauty'; there are partials, special points"):
        examine_primitive(Cube(), properties=["beauty"])

"""Steps that lose digits, where that is asked for."""

from autograd_lite import Value, cos, record


def test_a_step_that_loses_digits_is_flagged_where_that_is_asked_for() -> None:
    x = Value(1e-5, label="x")
    out = (1.0 - cos(x)) / x**2
    steps = record(out, rounding=True)
    assert [step.flags for step in steps.forward.flags] == [("cancellation, 10 of 16 digits lost",)]
    assert str(steps.forward[1]).endswith("   ! cancellation, 10 of 16 digits lost")
    assert "cancellation, 10 of 16 digits lost" in steps.html()
    assert not record(out).forward.flags


def test_a_nan_or_an_infinity_is_said_first() -> None:
    x = Value(1e308, label="x")
    assert [step.flags for step in record(x * 10.0 - x, rounding=True).forward] == [("inf",), ()]

"""What a program's parameters, its gradient's array and its rows may be; and the engine's warning about a nan gradient."""

import warnings
from typing import Any

import numpy
import pytest

from autograd_lite import NanGradientWarning, Value, hypot, sqrt
from autograd_lite.datasets import Dataset
from autograd_lite.nn import MLP
from autograd_lite.program import trace
from autograd_lite.training import predict

MASKED = numpy.ma.array([[1.0], [2.0]], mask=[[False], [True]])


def times(number: float = 2.0, **options: Any) -> Any:
    w = Value(number, "w")
    return trace(lambda x: w * x, 1.0, parameters=[w], **options)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_out_takes_the_gradient(dtype):
    out = numpy.zeros(1, dtype)
    mean, gradient = times(dtype=dtype).loss_and_gradient([3.5], out=out)
    assert (mean, out.tolist(), gradient is out) == (7.0, [3.5], True)


@pytest.mark.parametrize(
    ("out", "text"),
    [
        (numpy.zeros(1, int), "`out` is an array of float64, for the gradient, got one of int64"),
        (numpy.zeros(1, numpy.float32), "got one of float32"),
        (numpy.zeros(1, complex), "got one of complex128"),
        ([0.0], "got list"),
        (numpy.zeros(3), r"each of the 1 parameters, got an array of shape \(3,\)"),
        (numpy.zeros((1, 1)), r"got an array of shape \(1, 1\)"),
        (numpy.broadcast_to(numpy.zeros(1), (1,)), "that cannot be written to"),
    ],
)
def test_out_must_fit(out, text):
    with pytest.raises((TypeError, ValueError), match=text):
        times().loss_and_gradient([3.5], out=out)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (None, "the parameters of a program are an array of real numbers, got object of None"),
        (["1"], "an array of real numbers, got <U1"),
        ([Value(1.0)], "got object of"),
        ([1.0, 2.0], r"has 1 parameters, got an array of shape \(2,\)"),
        (MASKED[1], r"the one at \(0,\) is masked"),
    ],
)
def test_parameters_must_be_numbers(numbers, text):
    program = times()
    with pytest.raises((TypeError, ValueError), match=text):
        program.parameters = numbers
    assert program.parameters.tolist() == [2.0]
    program.parameters = 3.0
    program.parameters += numpy.array([1])
    assert program([1.0]).tolist() == [4.0]


def test_what_is_masked_is_refused_and_what_is_not_counts():
    ones = numpy.array([1.0, 0.0])
    for use in (
        lambda: times()(MASKED[:, 0]),
        lambda: Dataset(MASKED, ones),
        lambda: Dataset(ones[:, None], MASKED[:, 0]),
        lambda: predict(MLP(1, [1], seed=0), MASKED),
    ):
        with pytest.raises(ValueError, match="is masked"):
            use()
    assert times()(numpy.ma.array([1.0, 2.0])).tolist() == [2.0, 4.0]


@pytest.mark.parametrize("rows", [[1.0], [1.0, 2.0, 3.0], [numpy.nan, 0.0, 1.0]])
@pytest.mark.parametrize("loss", [lambda w, x: sqrt(w * w) * x, lambda w, x: sqrt(w * (x - 1.0)) + w])
def test_the_gradient_of_a_mean_warns_as_backward_does(loss, rows):
    w = Value(0.0, "w")
    program = trace(lambda x: loss(w, x), 1.0, parameters=[w])
    with pytest.warns(NanGradientWarning, match=r"the gradient is nan"):
        gradient = program.loss_and_gradient(rows)[1]
    assert numpy.isnan(gradient).all()


def test_nan_in_the_data_and_sound_rows_warn_of_nothing():
    w = Value(0.0, "w")
    program = trace(lambda x: hypot(w, x) * x, 1.0, parameters=[w])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert numpy.isnan(program.loss_and_gradient([1.0, numpy.nan])[1]).all()
        assert program.loss_and_gradient([1.0, 2.0])[1].tolist() == [0.0]

"""One layer on several inputs, such as the letters of a word: a product of matrices, as one writes it by hand."""

import math
import random
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.program import Program, trace

WIDTH = 8


def matrices(*shapes: tuple[int, int]) -> list[list[list[Value]]]:
    """Matrices of parameters."""
    numbers = random.Random(0)
    return [[[Value(numbers.gauss(0.0, 0.5)) for _ in range(columns)] for _ in range(rows)] for rows, columns in shapes]


def times(matrix: Sequence[Sequence[Any]], x: Sequence[Any]) -> list[Any]:
    """A matrix times a vector."""
    return [ag.dot(row, x) for row in matrix]


def scaled(x: Sequence[Any]) -> list[Any]:
    """x, divided by the root of its mean square."""
    scale = (ag.dot(x, x) / len(x) + 1e-5) ** -0.5
    return [number * scale for number in x]


def program_of(function: Callable[..., Any], parts: Sequence[Sequence[Sequence[Value]]], **options: Any) -> Program:
    """The program of a function of matrices, without arguments."""
    leaves = [value for matrix in parts for row in matrix for value in row]
    return trace(lambda: function(*parts), parameters=leaves, **options)


def statements(program: Program) -> list[str]:
    """The forward statements of its source, without their comments."""
    function = program.source.partition("\ndef lambda_(")[2]
    body = function.rpartition('    """\n')[2].partition("    if gradient is None")[0]
    return [line.partition("  #")[0].strip() for line in body.splitlines() if not line.strip().startswith("#")]


def check(function: Callable[..., Any], parts: Sequence[Sequence[Sequence[Value]]], backend: str, **options: Any) -> None:
    """A program's value and gradient are those of the engine's own pass."""
    program = program_of(function, parts, backend=backend, **options)
    value, gradient = program.loss_and_gradient()
    expected = function(*parts)
    expected.backward()
    assert value == pytest.approx(expected.data, rel=1e-13)
    numpy.testing.assert_allclose(gradient, [leaf.grad for leaf in program.parameter_values], rtol=1e-10, atol=1e-13)


def attention(places: Any, letters: Any, queries: Any, keys: Any, values: Any, weights: Any) -> Any:
    """One layer of a transformer of two heads: each letter looks back at those before it, and one layer follows."""
    half, so_far, heard = WIDTH // 2, [], []
    x = [scaled([a + b for a, b in zip(*pair, strict=True)]) for pair in zip(places, letters, strict=True)]
    for each in x:
        query, key, value = times(queries, each), times(keys, each), times(values, each)
        so_far.append((key, value))
        heard.append([])
        for head in (slice(0, half), slice(half, WIDTH)):
            shares = ag.softmax([ag.dot(query[head], past[head]) * half**-0.5 for past, _ in so_far])
            heard[-1] += [ag.dot(shares, told) for told in zip(*(told[head] for _, told in so_far), strict=True)]
    results = [ag.tanh(a + b) for one, own in zip(heard, x, strict=True) for a, b in zip(times(weights, one), own, strict=True)]
    return ag.total([number * number for number in results])


def thought(letters: Any, weights: Any) -> Any:
    """A layer of rectifiers on each row of a matrix of parameters."""
    return ag.total([ag.relu(sum_) for row in letters for sum_ in times(weights, scaled(row))])


@pytest.mark.parametrize("letters", [2, 5])
def test_a_layer_on_every_row_is_one_product_of_matrices(letters: int) -> None:
    program = program_of(thought, matrices((letters, WIDTH), (WIDTH, WIDTH)))
    lines = statements(program)
    assert [line for line in lines if "@" in line] == ["z1 = t3 @ W1.T"]
    assert len(lines) == len(statements(program_of(thought, matrices((9, WIDTH), (WIDTH, WIDTH)))))


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_a_layer_on_every_row_is_eager_s(backend: str) -> None:
    check(thought, matrices((3, WIDTH), (WIDTH, WIDTH)), backend)


def test_samples_wait_for_each_other() -> None:
    """The first letter looks back at itself alone, and has two operations fewer before the layer than the others."""
    program = program_of(attention, matrices((3, WIDTH), (3, WIDTH), *[(WIDTH, WIDTH)] * 4))
    products = [line for line in statements(program) if ".T" in line]
    assert len(products) == 2
    assert products[0].endswith("@ W1.T")  # queries, keys and values at once
    assert ".reshape(3, 8) @ W2.T + " in products[1]
    assert program.source.count(" = np.concatenate([") == 1


def test_the_source_is_as_long_for_every_word() -> None:
    """Each letter looks back at one more: where lists have several lengths, the short ones are filled up."""
    lengths = {
        letters: len(statements(program_of(attention, matrices((letters, WIDTH), (letters, WIDTH), *[(WIDTH, WIDTH)] * 4))))
        for letters in (4, 5, 9)
    }
    assert lengths[4] == lengths[5] == lengths[9] < 30


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("letters", [1, 2, 3, 4, 6])
def test_a_layer_of_a_transformer_is_eager_s(letters: int, backend: str) -> None:
    check(attention, matrices((letters, WIDTH), (letters, WIDTH), *[(WIDTH, WIDTH)] * 4), backend)


def recurrence(letters: Any, cell: Any, head: Any) -> Any:
    """Each state is made of the one before; all are looked at by one layer."""
    state, seen = [ag.sin(number) for number in letters[0]], []
    for letter in letters:
        state = [ag.tanh(a + b) for a, b in zip(times(cell, state), letter, strict=True)]
        seen.append(times(head, [ag.sin(number) for number in state]))
    return ag.total([number * number for numbers in seen for number in numbers])


def test_samples_that_need_each_other_go_one_after_the_other() -> None:
    lines = statements(program_of(recurrence, matrices((3, WIDTH), (WIDTH, WIDTH), (3, WIDTH))))
    products = [line for line in lines if ".T" in line]
    assert [line.rpartition(" @ ")[2].partition(".T")[0] for line in products] == ["W1", "W1", "W1", "W2"]


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_a_recurrence_is_eager_s(backend: str) -> None:
    check(recurrence, matrices((3, WIDTH), (WIDTH, WIDTH), (3, WIDTH)), backend)


def chosen(letters: Any, weights: Any) -> Any:
    """A layer on numbers of two origins, on which the result depends in a branch alone, which is not taken."""
    inputs = [[ag.sin(number) for number in letters[0]], [ag.exp(ag.sin(number)) for number in letters[1]]]
    seen = ag.total([number for each in inputs for number in times(weights, each)])
    return ag.where(letters[0][0] > 100.0, seen, ag.total(letters[0]) * letters[1][0]) + ag.where(letters[0][0] < 100.0, seen, 1.0)


def partly(letters: Any, weights: Any) -> Any:
    """Only the last sample meets all weights."""
    inputs = [[ag.sin(number) for number in letters[0]], [ag.exp(number) for number in letters[1]], [ag.cos(x) for x in letters[2]]]
    return ag.total([ag.tanh(number) for count, each in enumerate(inputs) for number in times(weights[: 2 + 3 * count], each)])


def doubled(letters: Any, weights: Any) -> Any:
    """An input that two samples have, and one that a sample has twice."""
    x, y = [ag.sin(number) for number in letters[0]], [ag.exp(number) for number in letters[1]]
    inputs = [[*x[:-1], x[0]], [*y[:-1], x[0]], y]
    return ag.total([ag.tanh(number) for each in inputs for number in times(weights, each)])


def spread_out(letters: Any, weights: Any) -> Any:
    """The inputs of a sample stand in several arrays."""
    first, second = [ag.sin(number) for number in letters[0]], [ag.exp(number) for number in letters[1]]
    inputs = [[*first[:3], *second[3:]], [*second[:5], *first[5:]], [ag.cos(number) for number in letters[2]]]
    results = [a + b for each in inputs for a, b in zip(times(weights, each), each, strict=True)]
    return ag.total([number * number for number in results])


def triangle(letters: Any, weights: Any, largest: Callable[..., Any], least: int = 1) -> list[Any]:
    """Of the rows of a square, in each one more number from the left: the largest, the sum, and the sum of products."""
    square = [[ag.sin(number) for number in row] for row in letters]
    other = [2.0 * number for number in weights[0]]
    rows = [row[: count + least] for count, row in enumerate(square) if count + least <= len(row)]
    return [
        part
        for row in rows
        for part in (largest(row), ag.total([number * number for number in row]), ag.total(row), ag.dot(row, other[: len(row)]))
    ]


def shifted(letters: Any, weights: Any) -> Any:
    """The largest numbers without derivatives."""

    def largest(row: Sequence[Any]) -> Any:
        return reduce(ag.maximum, row).detach()

    return ag.total([ag.tanh(part) for part in triangle(letters, weights, largest, 2)])


def unshifted(letters: Any, weights: Any) -> Any:
    """The largest numbers, of which some are equal, with derivatives."""

    def largest(row: Sequence[Any]) -> Any:
        return reduce(ag.maximum, [*row, row[0]])

    return ag.total([ag.tanh(part) for part in triangle(letters, weights, largest, 2)])


def other_lists(letters: Any, weights: Any) -> Any:
    """Functions of lists that cannot be filled up."""

    def largest(row: Sequence[Any]) -> Any:
        return ag.norm(row) + ag.logsumexp(row)

    return ag.total([ag.tanh(part) for part in triangle(letters, weights, largest)])


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("function", [shifted, unshifted, other_lists], ids=lambda function: function.__name__)
def test_lists_of_several_lengths_are_eager_s(function: Callable[..., Any], backend: str) -> None:
    check(function, matrices((6, WIDTH), (1, WIDTH)), backend)


def test_zeros_that_fill_up_do_not_meet_what_is_infinite() -> None:
    def function(letters: Any, weights: Any) -> Any:
        return ag.total([1.0 / (3.0 + part) for part in triangle(letters, weights, lambda row: ag.total(row), 2)])

    parts = matrices((6, WIDTH), (1, WIDTH))
    parts[1][0][6].data = math.inf  # which only the last row meets
    value, _ = program_of(function, parts, verify=False).loss_and_gradient()
    assert value == pytest.approx(function(*parts).data, rel=1e-13)


def shared(letters: Any, weights: Any) -> Any:
    """Weights of which each is in several neurons, which no matrix of parameters holds."""
    flat = [*weights[0], *weights[1]][:10]
    cells = [flat[start : start + 4] + flat[: max(0, start - 6)] for start in (0, 4, 8, 2, 6)]
    inputs = [[ag.sin(number) for number in row] for row in letters]
    sums = [[*times(cells, row[:4]), *times(cells[::-1], row[2:6])] for row in inputs]
    return ag.total([ag.tanh(number) for numbers in sums for number in numbers])


def padded(letters: Any, weights: Any) -> Any:
    """One neuron on windows of a list of numbers that stand alone, with zeros around it."""
    functions = ag.sin, ag.exp, ag.tanh, ag.cos
    numbers = [0.0, *(function(number) for function, number in zip(functions, letters[0], strict=False)), 0.0]
    seen = [ag.dot([*weights[0][:2], weights[0][0]], numbers[start : start + 3]) for start in range(4)]
    return ag.dot(weights[1][:4], seen)


@pytest.mark.parametrize("backend", ["numpy", "c"])
@pytest.mark.parametrize("function", [chosen, partly, doubled, spread_out, shared, padded], ids=lambda function: function.__name__)
def test_layers_of_all_kinds_of_inputs_are_eager_s(function: Callable[..., Any], backend: str) -> None:
    check(function, matrices((3, WIDTH), (WIDTH, WIDTH)), backend)


def test_what_is_put_together_has_equations() -> None:
    program = program_of(attention, matrices((3, WIDTH), (3, WIDTH), *[(WIDTH, WIDTH)] * 4))
    told = str(program.equations())
    assert "(s" in told
    assert "W2^T" in told


@pytest.mark.parametrize("backend", ["numpy", "c"])
def test_a_layer_without_rows_in_a_sum_with_rows_is_eager_s(backend: str) -> None:
    letters, weights = matrices((3, WIDTH), (WIDTH, WIDTH))

    def function(x: Any) -> Any:
        inputs = [[ag.sin(number) for number in row] for row in letters]
        return ag.total([ag.dot(row, each) + x for each in inputs for row in weights])

    leaves = [value for matrix in (letters, weights) for row in matrix for value in row]
    program = trace(function, 0.5, parameters=leaves, backend=backend)
    value, gradient = program.loss_and_gradient([0.5, -1.0])
    expected = (function(0.5) + function(-1.0)) / 2.0
    expected.backward()
    assert value == pytest.approx(expected.data, rel=1e-13)
    numpy.testing.assert_allclose(gradient, [leaf.grad for leaf in program.parameter_values], rtol=1e-10, atol=1e-13)

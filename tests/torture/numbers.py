"""Numbers: random graphs of the common operations, each against the same expression on plain floats, to the last bit."""

import math

import autograd_lite as ag
from autograd_lite import Value

from .cases import Case, generator

UNARY = ("tanh", "sin", "exp", "sigmoid", "relu")


@generator("graphs against plain floats")
def graphs(case: Case) -> None:
    numbers = [case.random.uniform(-2, 2) for _ in range(3)]
    values = [Value(number) for number in numbers]
    lines = [repr(numbers)]
    for _ in range(case.random.randrange(3, 20)):
        first, second, sign = case.random.randrange(len(numbers)), case.random.randrange(len(numbers)), case.random.choice("+-*t")
        if sign == "t":
            name = case.random.choice(UNARY)
            lines.append(f"{name}({first})")
            function = getattr(ag, name)
            numbers.append(function(math.tanh(numbers[first])))
            values.append(function(ag.tanh(values[first])))
        else:
            lines.append(f"{first}{sign}{second}")
            left, right = (numbers[first], numbers[second]), (values[first], values[second])
            numbers.append(left[0] + left[1] if sign == "+" else left[0] - left[1] if sign == "-" else left[0] * left[1])
            values.append(right[0] + right[1] if sign == "+" else right[0] - right[1] if sign == "-" else right[0] * right[1])
    case.note("; ".join(lines))
    assert [value.data for value in values] == numbers
    values[-1].backward()
    assert [leaf.grad for leaf in values[:3]] == ag.gradients(values[-1], values[:3])

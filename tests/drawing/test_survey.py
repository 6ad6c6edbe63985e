"""Survey: one walk over a graph, in the order of `topological_order`, that asks every value once."""

import random

import pytest

from autograd_lite import Value, dot, topological_order, total
from autograd_lite.drawing import draw
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.nn import MLP
from tests.counting import calls_during


def random_graph(seed: int) -> Value:
    """Leaves and constants, shared and repeated operands, operations of one, two and many."""
    choose = random.Random(seed)
    values = [Value(0.1 * i, requires_grad=choose.random() < 0.8) for i in range(choose.randint(1, 5))]

    def any_of(count: int) -> list[Value]:
        return [choose.choice(values) for _ in range(count)]

    for _ in range(choose.randint(0, 25)):
        way = choose.randrange(6)
        a, b = any_of(2)
        if way < 2:
            values.append(a * b)
        elif way == 2:
            values.append(a + choose.choice([2.0, b]))
        elif way == 3:
            values.append(a.tanh())
        elif way == 4:
            values.append(total(any_of(choose.randint(2, 6))))
        else:
            values.append(dot(any_of(3), any_of(3), a))
    return choose.choice(values)


@pytest.mark.parametrize("block", range(5))
def test_a_survey_is_the_topological_order_with_places(block):
    for seed in range(100 * block, 100 * block + 100):
        root = random_graph(seed)
        survey, order = Survey(root), topological_order(root)
        assert list(map(id, survey.values)) == list(map(id, order))
        place = {id(value): i for i, value in enumerate(order)}
        found = [survey.operands_of(i) for i in range(len(survey))]
        assert found == [[place[id(operand)] for operand in value.operands] for value in order]


def test_a_survey_of_a_long_chain_does_not_recurse():
    value = Value(1.0)
    for _ in range(20_000):
        value = value + 1.0
    assert len(Survey(value)) == 40_001


def test_folding_a_network_costs_few_calls_for_each_of_its_parameters():
    calls = []
    for size in (60, 120):
        network = MLP(size, [size, 10], "relu", seed=0)
        loss = total(network([0.5] * size))
        calls.append(calls_during(lambda loss=loss: draw(loss)))
    parameters = 120 * 121 - 60 * 61
    assert calls[1] - calls[0] < 11 * parameters  # 17 where every view asked again

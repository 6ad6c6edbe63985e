"""Real handwritten digits: what a small network reaches on the sample of MNIST, in a band that a wrong step leaves."""

import pytest

from autograd_lite.systems import digits
from autograd_lite.systems.digits import Recipe


def test_a_small_network_reads_the_sample_as_well_as_it_did() -> None:
    """At a constant rate it ends at 430 right and a cost of 0.105; without weight decay at 441 and 0.050."""
    parts, model = digits.load("mnist-sample"), digits.network(784, [30])
    history = digits.train(model, parts, Recipe((30,), 8, 32, 1e-3), engine="program", progress=False)
    last = history.epochs[-1]
    assert history.costs[0] == pytest.approx(2.464793, rel=1e-6)
    assert last.cost == pytest.approx(0.05522, rel=0.02)
    assert last.validation_cost == pytest.approx(0.22122, rel=0.02)
    assert 445 <= round(500 * digits.judge(model, parts.test, "program").accuracy) <= 453

"""The canon: worked examples that teachers have published, number by number, with what they should have said.

Every figure holds what was published, the exact number, and what the engine computes; where the published one is wrong, also what
comes out when one does what its author did, so that a reader who meets the old number understands it.

>>> example = EXAMPLES["neuron"]()
>>> figure = example.figures[1]
>>> figure.name, figure.published, figure.computed, bool(figure)
('f', '0.73', 0.7310585786300049, True)
"""

from collections.abc import Callable

from autograd_lite.systems.canon import networks, units, xor_runs
from autograd_lite.systems.canon.figures import Example, Figure
from autograd_lite.systems.canon.mnist import mnist_files, mnist_results

__all__ = ["EXAMPLES", "LONG", "Example", "Figure", "mnist_files", "mnist_results"]

EXAMPLES: dict[str, Callable[[], Example]] = {
    "neuron": units.cs231n_neuron,
    "circuits": units.cs231n_circuits,
    "hacker": units.hackers_guide,
    "lecture-neuron": units.karpathy_neuron,
    "lecture-expression": units.karpathy_expression,
    "micrograd": units.micrograd_readme,
    "slow-start": units.nielsen_slow_start,
    "2-2-1": networks.classic_2_2_1,
    "mazur": networks.mazur,
    "mazur-trained": networks.mazur_trained,
    "schiendorfer": networks.schiendorfer,
    "iamtrask": xor_runs.iamtrask,
    "3-5-1": xor_runs.plateau,
    "mnist-results": mnist_results,
}
LONG = ("mazur-trained", "iamtrask", "3-5-1")  # a second and more

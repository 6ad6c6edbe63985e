"""The four equations of backpropagation on small sigmoid networks, from their definition, from the scalar graph, from a program.

    z^l_j = sum_k w^l_jk a^(l-1)_k + b^l_j          the weighted input of unit j in layer l; layer 0 is the input
    a^l_j = sigmoid(z^l_j)                          its activation
    delta^l_j = dC / dz^l_j                         its error
    C = sum_j (a^L_j - t_j)^2 / 2

    BP1  delta^L_j = dC/da^L_j sigmoid'(z^L_j)                         at the output
    BP2  delta^l_j = sum_k w^(l+1)_kj delta^(l+1)_k sigmoid'(z^l_j)    back through a layer
    BP3  dC/db^l_j = delta^l_j
    BP4  dC/dw^l_jk = a^(l-1)_k delta^l_j

networks    what the equations are about: weights, biases, inputs, targets; published ones
symbols     how a quantity is written, as text and in LaTeX
gradients   BP1 to BP4 in three ways, and the table that holds them side by side
blame       sharing the error by weight, against the true gradient
slow        where learning is slow: deep layers, saturated outputs, inputs near 0

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, whose symbols these are.
"""

from autograd_lite.systems.equations.blame import Blame, agreement, shared_blame
from autograd_lite.systems.equations.gradients import Gradients, Row, by_definition, by_graph, by_program, program_of, rows
from autograd_lite.systems.equations.networks import EXERCISES, Exercise, forward, network_of, recorded, small
from autograd_lite.systems.equations.slow import input_sizes, saturation, vanishing
from autograd_lite.systems.equations.symbols import EQUATIONS, latex

__all__ = [
    "EQUATIONS",
    "EXERCISES",
    "Blame",
    "Exercise",
    "Gradients",
    "Row",
    "agreement",
    "by_definition",
    "by_graph",
    "by_program",
    "forward",
    "input_sizes",
    "latex",
    "network_of",
    "program_of",
    "recorded",
    "rows",
    "saturation",
    "shared_blame",
    "small",
    "vanishing",
]

"""Stepping through a gradient: a forward and a backward pass recorded, to read, to step in a terminal, to play in a page.

recording    the numbers of both passes
steps        one step each, in words: wording
collection   Steps, and `record`; proof: a gradient held against a difference
playback     what a page plays; page: the player, whose modules are folding's; terminal: keys and a tree

>>> from autograd_lite import Value
>>> from autograd_lite.stepping import record
>>> w, x = Value(2.0, label="w"), Value(0.5, label="x")
>>> steps = record(w * x)
>>> for step in steps.backward:
...     print(step)
dL/dL = 1.0000   [0 -> 1.0000]
dL/dw += dL/dw * dL/dL = (x) * 1.0000 = 0.5000 * 1.0000 = 0.5000   [0 -> 0.5000]
dL/dx += dL/dx * dL/dL = (w) * 1.0000 = 2.0000 * 1.0000 = 2.0000   [0 -> 2.0000]
"""

from autograd_lite.stepping.collection import Steps, record
from autograd_lite.stepping.proof import Proof
from autograd_lite.stepping.steps import BackwardStep, ForwardStep, SeedStep, Step
from autograd_lite.stepping.terminal import run_terminal

__all__ = ["BackwardStep", "ForwardStep", "Proof", "SeedStep", "Step", "Steps", "record", "run_terminal"]

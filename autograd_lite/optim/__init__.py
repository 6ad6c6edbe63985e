"""Optimizers, update rules, schedules of the learning rate, and clipping.

update_rules         how one number moves against its gradient
optimizers, groups   rules at work on parameters; groups of them, and what is remembered
schedules, clipping  the learning rate by the step; gradients that are too long
columns, flat_optimizer    rules on thousands of numbers at once: of Values; in the array of a program
divergence, interruption   what ends a training that diverges; Ctrl-C, which waits for a whole step
"""

from typing import TYPE_CHECKING

from autograd_lite.names_of_others import absent_from
from autograd_lite.optim.optimizers import *

if not TYPE_CHECKING:  # or every misspelt name would have the type Any
    __getattr__ = absent_from(__name__)

"""Optimizers, update rules, schedules of the learning rate, and clipping."""

from typing import TYPE_CHECKING

from autograd_lite.names_of_others import absent_from
from autograd_lite.optim.optimizers import *

if not TYPE_CHECKING:  # or every misspelt name would have the type Any
    __getattr__ = absent_from(__name__)

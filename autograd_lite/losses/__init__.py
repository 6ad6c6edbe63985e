"""Losses: how far an output is from its target."""

from typing import TYPE_CHECKING

from autograd_lite.losses.formulas import *
from autograd_lite.names_of_others import absent_from

if not TYPE_CHECKING:  # or every misspelt name would have the type Any
    __getattr__ = absent_from(__name__)

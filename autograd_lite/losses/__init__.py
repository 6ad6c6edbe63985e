"""Losses: how far an output is from its target."""

from autograd_lite.losses.formulas import *

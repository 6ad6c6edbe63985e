"""Derivatives as functions of functions, and what they stand on: the reverse sweep, rules on nodes, symbols, least squares."""

from autograd_lite.calculus.transforms import *

"""Symbols, at the path that users import from; the code is `calculus/symbols.py`."""

from autograd_lite.calculus.symbols import *

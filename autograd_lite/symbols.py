"""Symbols by the path that users and pickles name: the module `calculus/symbols.py`."""

import sys

from autograd_lite.calculus import symbols
from autograd_lite.calculus.symbols import *

sys.modules[__name__] = symbols

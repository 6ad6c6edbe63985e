"""How far rounding moved a value, and which line lost the digits: what reverse mode was invented for.

operation       one operation: its own rounding, and its bend over the errors of its operands
analysis        the errors of a whole graph: a bound on the way up, adjoints on the way down
places          the lines that made values, noted while a function runs
report          `Rounding`, what is said about it; asking: `rounding`

Source: Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976), and his thesis of 1970; Iri,
"Simultaneous computation of functions, partial derivatives and estimates of rounding errors", Japan J. Appl. Math. 1 (1984); for
roundings with their signs: Langlois, "Automatic linear correction of rounding errors", BIT 41 (2001).
"""

from autograd_lite.calculus.rounding.analysis import HELD, NodeRounding
from autograd_lite.calculus.rounding.asking import rounding
from autograd_lite.calculus.rounding.report import Rounding

__all__ = ["HELD", "NodeRounding", "Rounding", "rounding"]

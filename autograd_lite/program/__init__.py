"""Programs: a scalar function traced once, re-rolled into array statements that can be read, replayed at the speed of matrices.

tracing, guards      one run of the function, and the branches that Python took in it
inner                derivatives that the function takes itself
points, repeating, twins   the second run, by which the first shows that it has told everything
restoring            what runs leave as they found it
graph, chains        the graph as integers; sums and products collected
rolling, layout      which nodes become one array, and where parameters stand
terms, statements    the intermediate representation
lowering             groups as statements
derivation           the backward statements, from the table's rules
vocabulary, views, writing, naming, emitting      the source
notation, indices, equations   the same as mathematics
backends, domains, program                        replays
reruns, proof, blaming                            every form held against eager
"""

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install
from autograd_lite.program.capture.guards import BranchChanged
from autograd_lite.program.capture.tracing import TraceError
from autograd_lite.program.program import Program, trace
from autograd_lite.program.proof import ProgramMismatch
from autograd_lite.program.write.equations import Equation, Equations

__all__ = ["BranchChanged", "Equation", "Equations", "Program", "ProgramMismatch", "TraceError", "trace"]

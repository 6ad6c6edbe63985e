"""Programs: a scalar function traced once, re-rolled into array statements that can be read, replayed at the speed of matrices.

From `trace` to a source the way leads downhill, and each step makes something finished:

capture/   a run of the function, and its graph
    tracing, guards      the run, and the branches that Python took in it
    inner                derivatives that the function takes itself
    points, repeating, twins   the second run, by which the first shows that it has told everything
    restoring            what runs leave as they found it
    graph, branches, sums      the graph as integers; which nodes stand in a `where`; sums and products collected
    reruns               the graph evaluated by the engine at other numbers
ir/        statements, and what is decided about them
    rolling, layout      which nodes become one array, and where parameters stand
    lowering, reaches, notes   groups as statements (`Lowered`)
    terms, arrays, statements, reductions   what statements are made of
    tasks                what is asked for: values, derivatives by arguments, the mean and its gradient
    procedure, one_point names, inlining, adjoints and the order of everything, for one task (`Procedure`)
    engine_pass          single numbers in the engine's own order, for dialects without arrays (`EnginePass`)
    derivation, received, common_subexpressions, type_checker, names, width   by which it is decided
write/     a procedure written down, one dialect a file; nothing is decided here
    numpy_module, numpy_terms, views   rows of arrays
    scalars              single numbers
    javascript_module    the engine's pass, for pages
    expressions, vocabulary    what both share: Python's expressions, and how functions are called
    equations, notation, indices       mathematics
    backends             callables
program, replay, samples, domains, evaluation   replays, and what they do outside of a domain
dialects             a source in another language, proved first
proof, blaming       every form held against eager
"""

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install
from autograd_lite.program.capture.guards import BranchChanged
from autograd_lite.program.capture.reading import TraceError
from autograd_lite.program.program import Program, trace
from autograd_lite.program.proof import ProgramMismatch
from autograd_lite.program.write.equations import Equation, Equations

__all__ = ["BranchChanged", "Equation", "Equations", "Program", "ProgramMismatch", "TraceError", "trace"]

"""Programs: a scalar function traced once, re-rolled into array statements that can be read, replayed at the speed of matrices.

From `trace` to a source the way leads down, and each step finishes what it makes:

capture/   a run of the function, and its graph
    tracing, arguments   the run, and the Values that stand for its arguments
    guards, reading      the branches that Python took in it; what it may not do to Values
    requirements         what losses refuse
    inner, slopes        derivatives that the function takes itself; its gradient as a trace
    points, repeating, twins   a second run at other numbers, which shows whether the graph tells everything
    restoring            what runs leave as they found it
    graph, branches, sums, chains   the graph as integers; which nodes stand in a `where`; sums, products, maxima collected
    reruns               the graph evaluated by the engine at other numbers
ir/        statements, and what is decided about them
    rounds, likeness, rolling, layout   which nodes become one array, and when, and where parameters stand
    lowering, node_views, axes, reaches, notes, lists   groups as statements (`Lowered`)
    terms, arrays, statements, reductions   what statements are made of
    tasks                what is asked for: values, derivatives by arguments, the mean and its gradient
    update               an update rule of an optimizer as terms
    procedure, one_point    names, inlining, adjoints and the order of everything, for one task (`Procedure`)
    engine_pass          single numbers in the engine's own order, for dialects without arrays (`EnginePass`)
    derivation, received, common_subexpressions, type_checker, names, width, signs   by which it is decided
write/     a procedure written down, one dialect a file; nothing is decided here
    numpy_module, numpy_terms, views   rows of arrays
    scalars              single numbers
    c_module, c_steps, c_products, c_loops, c_terms, c_vocabulary, c_basics, c_names     loops over rows, in C
    javascript_module    the engine's pass, for pages
    array_module, array_trees, array_terms, array_vocabulary, array_dialects   functional arrays of JAX and PyTorch
    self_writing                                  rules and formulas that write themselves, for both
    array_backends       what runs them
    expressions, vocabulary    what both share: Python's expressions, and how functions are called
    c_descent, c_descent_call    whole training loops in C
    equations, notation, indices       mathematics
    backends, c_backend  callables
program, replay, samples, wholes   `trace`, replays, and the arrays that they take
repeated, memory     the same call in C again; memory that the next call finds
domains, demand, evaluation, nan_rows   what a replay does outside a domain, and where its gradient is nan
descents, descending, packed_steps, batches   whole training loops
dialects             a source in another language, proved first
shown                a program in a line, as statements, as sources, and as a table in notebooks
memory               how many rows are computed at once
parity               a program in another library held against itself in NumPy
proof, answers, blaming  every form held against eager
"""

import autograd_lite.engine.numpy_needed  # noqa: F401 - says what to install
from autograd_lite.program.capture.guards import BranchChanged
from autograd_lite.program.capture.reading import TraceError
from autograd_lite.program.descending import Descent
from autograd_lite.program.program import Program, trace
from autograd_lite.program.proof import ProgramMismatch
from autograd_lite.program.write.equations import Equation, Equations

__all__ = ["BranchChanged", "Descent", "Equation", "Equations", "Program", "ProgramMismatch", "TraceError", "trace"]

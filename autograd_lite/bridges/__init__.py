"""What shows functions that are written for other libraries: as graphs of Values, to draw, to record, to ask and to trace.

`jax` has `graph_of` and `values_of`; `jaxprs` evaluates what JAX makes of a function, operation by operation, `object_arrays`
does it number by number, and `jax_words` says by which functions. No library is imported before it is used.
"""

import autograd_lite.bridges.jax as jax

__all__ = ["jax"]

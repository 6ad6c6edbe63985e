"""Derivatives as functions of functions, and what they stand on.

transforms          `grad`, `jacobian`, `hessian`, `hvp`, `derivative`; kinds: what they give, for type checkers
directions          `jvp`, `vjp`, `jacfwd`, `jacrev`
taylor_mode         `taylor`, and the derivative of an order
checkpointing       `checkpoint`: calls whose inside is recomputed in the backward pass
call, trees         one call of a user's function: stand-ins for its arguments; arguments and results of any structure
reverse             the sweep, apart from `.grad`
perturbed           numbers that carry derivatives, and how nested ones are kept apart; dual: the first derivative
series, series_rules        all derivatives: power series, and their recurrences from the rules
rules               the table's rules on nodes; symbols: on names; operators: Python's signs; javascript: as JavaScript
rounding            how far rounding moved a value, and where; onlooking: who looks on while a function runs
least_squares       fits of curves

>>> derivative(lambda x: x**3)(2.0), jvp(lambda x: x**3, 2.0, 10.0), taylor(lambda x: x**3, 2.0, 3)
(12.0, (8.0, 120.0), [8.0, 12.0, 6.0, 1.0])
"""

from autograd_lite.calculus.transforms import *

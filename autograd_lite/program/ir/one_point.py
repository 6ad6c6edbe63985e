"""One point: a traced function as a procedure on single numbers, nothing rolled.

An infinite number on the way must show in the result, which is looked at: then the arrays are asked, as eager might raise.
"""

import math
from functools import lru_cache
from itertools import product

import numpy

from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.lowering import lowered
from autograd_lite.program.ir.procedure import Procedure, procedure
from autograd_lite.program.ir.statements import Elementwise, Linear, Statement
from autograd_lite.program.ir.tasks import SLOPES
from autograd_lite.program.ir.terms import Call, Number, Term


def one_point(run: Traced) -> Procedure:
    """The value and the derivatives by the arguments of a traced function without parameters."""
    program = lowered(run, apart=True)
    keep_infinity = all(map(keeps_infinity, program.statements))  # it would reach the result, which is checked
    values = [statement.term if keep_infinity else _as_called(statement) for statement in program.statements]
    return procedure(program, SLOPES, values=values)


def _as_called(statement: Statement) -> Term:
    """The value by a call of the primitive: a simpler way may give inf where the rule raises, and a later operation hide that."""
    if isinstance(statement, Elementwise) and statement.primitive.is_builtin:
        return Call(statement.primitive, statement.operands)
    return statement.term


def keeps_infinity(statement: Statement) -> bool:
    """Whether an infinite operand always shows in the value, as inf or nan."""
    if isinstance(statement, Elementwise) and statement.primitive.is_builtin and not statement.primitive.takes_list:
        known = (operand.value if isinstance(operand, Number) else None for operand in statement.operands)
        return _shows_infinity(statement.primitive, tuple(known))
    return isinstance(statement, Linear)


@lru_cache(1024)
def _shows_infinity(primitive: Primitive, constants: tuple[float | None, ...]) -> bool:
    rule = rule_on(ARRAYS, primitive)
    tried = [(constant,) if constant is not None else (math.inf, -math.inf, 1.0, -1.0) for constant in constants]
    with numpy.errstate(all="ignore"):
        return not any(
            numpy.isfinite(forward(rule, list(map(numpy.float64, operands))))
            for operands in product(*tried)
            if not all(map(math.isfinite, operands))
        )

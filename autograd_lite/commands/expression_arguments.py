"""What every command about an expression takes: the expression, and a number for each of its names."""

import argparse

from autograd_lite.commands.arguments import UsageError, argument
from autograd_lite.engine.errors import OperationError, PoleError
from autograd_lite.engine.value import Value
from autograd_lite.expressions import parse, parse_assignments
from autograd_lite.functions import scalar_functions

EXPRESSION = (
    argument("expression", help="arithmetic (+ - * / ** %% //) and the functions listed below"),
    argument("values", nargs="*", metavar="NAME=NUMBER", help="a number for each name in the expression"),
)


def computed(options: argparse.Namespace) -> tuple[Value, list[Value]]:
    """The expression's value, recorded, and the Values of its names in order of appearance.

    Raises:
        ExpressionError: if the expression or an assignment cannot be read, or they do not fit each other.
        OperationError: if the expression has no value there.
        UsageError: if it has none anywhere, as 1/0 has not, or if a function refuses an argument.
    """
    expression = parse(options.expression, scalar_functions())
    values = {name: Value(number, label=name) for name, number in parse_assignments(options.values).items()}
    try:
        result = expression(values)
    except ArithmeticError as error:
        if not _is_of_constants(error):
            raise
        raise UsageError(f"{_reason(error)} - the expression has no value anywhere") from None
    except TypeError as error:  # an argument that is no number of the calculation, as the order in polygamma(1.5, x)
        raise UsageError(f"{error.__notes__[-1]}: {error}") from error
    out = result if isinstance(result, Value) else Value(result)
    return out, [values[name] for name in expression.names]


def _is_of_constants(error: ArithmeticError) -> bool:
    """Whether numbers in the text alone are to blame; Python's own errors are those of two floats."""
    if isinstance(error, PoleError) and error.operands:
        return not isinstance(error.operands[-1], Value)  # the divisor
    return not any(isinstance(operand, Value) for operand in getattr(error, "operands", ()))


def _reason(error: ArithmeticError) -> str:
    if isinstance(error, OperationError):
        return error.reason
    part = error.__notes__[-1]
    if isinstance(error, ZeroDivisionError):
        return f"{part} divides by zero"
    return f"{part} overflows: the result is beyond the largest float, 1.8e308"


def functions_text() -> str:
    """The functions that an expression may call, for the end of a help."""
    return f"\nfunctions\n  {' '.join(sorted(scalar_functions()))}"

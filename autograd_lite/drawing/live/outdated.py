"""Whether values still follow from their operands: `.data` may have been changed after they were computed."""

from collections.abc import Sequence

from autograd_lite.engine.errors import expression
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.text import shorten, visible
from autograd_lite.engine.value import Value, constant


def outdated(values: Sequence[Value], numbers: Sequence[float]) -> str:
    """What a page says of the first value whose number or local derivatives are those of other operands, or "".

    Args:
        values: a graph, operands before users. numbers: of these values.
    """
    known = {id(value): number for value, number in zip(values, numbers, strict=True)}
    with observed(None), enable_grad():
        for value in values:
            if value.primitive is not None and _is_outdated(value, known):
                text = visible(shorten(expression(value).text), 200)
                return f"`.data` was changed after `{text}` was computed: until a leaf moves, what follows is of before."
    return ""


def _is_outdated(value: Value, known: dict[int, float]) -> bool:
    assert value.primitive is not None
    local = value.local_derivatives
    operands = [(constant if d is None else Value)(known[id(operand)]) for operand, d in zip(value.operands, local, strict=True)]
    try:
        again = value.primitive.of(operands)
    except (ArithmeticError, ValueError):
        return True
    # By their text: nan equals nan there, and the zeros differ.
    return repr([again.data, *again.local_derivatives]) != repr([known[id(value)], *local])

"""Rules and formulas that write themselves: copies of the table and of `mathematics`, which are run once on pieces of a text.

A piece has a vocabulary, `words`, which says by `called` what a function of pieces is. Of numbers alone a function is computed.
"""

from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType, SimpleNamespace
from typing import Any

from autograd_lite.engine import mathematics
from autograd_lite.engine.number_types import load_again
from autograd_lite.engine.primitive import Primitive

__all__ = ["elements", "self_writing"]


def elements(operand: Any) -> Sequence[Any]:
    """The elements of a list; or the operand, alone."""
    return operand if isinstance(operand, list | tuple) else [operand]


def self_writing(suffix: str, piece: type[Any], computed: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Primitive]]:
    """The formulas of `mathematics` and the rows of the table, each of which calls what writes itself.

    Args:
        suffix: a name for the copies. piece: the type of the pieces.
        computed: of the name of a function, and of operands among which is no piece.
    """
    copy = load_again("mathematics", suffix, {})
    own = {
        name: thing for name, thing in vars(copy).items() if isinstance(thing, FunctionType) and thing.__module__ == copy.__name__
    }
    public = {name: getattr(mathematics, name) for name in mathematics.__all__}
    written = partial(_written, piece, computed)
    words = public | {name: partial(written, name) for name in (*public, *own) if callable(getattr(mathematics, name))}
    vars(copy).update(words)
    return own, load_again("primitives", suffix, {"m": SimpleNamespace(**words)}).TABLE


def _written(piece: type[Any], computed: Callable[..., Any], name: str, *operands: Any) -> Any:
    for operand in operands:
        for each in elements(operand):
            if isinstance(each, piece):
                return each.words.called(name, *operands)
    return computed(name, *operands)

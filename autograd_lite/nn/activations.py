"""Activations by name: any function of one number that the table of primitives or `functions` holds.

None is named here, so a new primitive of the table is a new activation.
"""

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from inspect import Parameter, signature
from typing import Any, Final

from autograd_lite import functions
from autograd_lite.engine.primitive import Unary
from autograd_lite.engine.primitives import TABLE

Activation = Callable[[Any], Any]
_ALSO: Final = {"swish": "silu"}  # other names in use


@cache
def activations() -> dict[str, Activation]:
    """Every public function of one number: the unary primitives, and the functions whose one required argument is x.

    >>> sorted(activations())[:3]
    ['abs', 'acos', 'acosh']
    """
    found: dict[str, Activation] = {name: row for name, row in TABLE.items() if isinstance(row, Unary) and row.public}
    for name in functions.__all__:
        function = getattr(functions, name)
        if [p.name for p in signature(function).parameters.values() if p.default is Parameter.empty] == ["x"]:
            found[name] = function
    return found


def activation_of(activation: str | Activation | None) -> Activation:
    """The function of a name, the function itself, or the identity for None; "swish" is `silu`.

    Raises:
        ValueError: if no activation has that name; the message lists the nearest.
        TypeError: if it is neither a name nor callable.
    Example:
        >>> activation_of("tanh")
        <primitive tanh>
    """
    if activation is None:
        return functions.linear
    if not isinstance(activation, str):
        if not callable(activation):
            raise TypeError(f"an activation is a name or a function of one number, got {activation!r}")
        return activation
    known = activations()
    activation = _ALSO.get(activation, activation)
    if activation in known:
        return known[activation]
    if activation in functions.__all__:
        raise ValueError(
            f"`{activation}` is no activation: it takes a whole list. Leave the outputs linear and write {activation}(model(x))."
        )
    near = get_close_matches(activation.lower().replace(" ", "_"), known, n=3, cutoff=0.6)
    raise ValueError(
        f"no activation is named {activation!r}. "
        + (f"Did you mean {' or '.join(map(repr, near))}? " if near else "")
        + "Any function of one number will do: pass the function itself."
    )


def name_of(activation: Activation) -> str:
    """What to call an activation in print.

    >>> name_of(activation_of("leaky_relu"))
    'leaky_relu'
    """
    name = getattr(activation, "name", None) or getattr(activation, "__name__", None)
    return name if isinstance(name, str) else type(activation).__name__

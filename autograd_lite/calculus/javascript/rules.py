"""The rules of primitives as JavaScript: for a page that computes a graph again, forward and backward."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from autograd_lite.calculus.javascript.library import functions, helpers, rule_name
from autograd_lite.calculus.javascript.scripts import Script, partial_texts, value_text
from autograd_lite.calculus.javascript.translation import string_text
from autograd_lite.engine.primitive import Primitive


class Rules(NamedTuple):
    """Rules as text. Given by `rules`.

    Attributes:
        literal: a JavaScript object, one entry for each primitive.
        helpers: definitions (`const sigmoid = (x) => ...;`) that must stand before it, of as many functions as it calls.
        keys: under which key a primitive stands.
    Example:
        >>> from autograd_lite.engine.primitives import exp
        >>> found = rules([(exp, 1)])
        >>> print(found.literal, found.keys[exp], found.helpers.splitlines()[0], sep="\\n")
        {
        exp: {forward: (x) => exp(x), partials: [(x, out) => out]},
        }
        exp
        const exp = (x) => real(Math.exp(x), "exp", x);
    """

    literal: str
    helpers: str
    keys: Mapping[Primitive, str]


def rules(operations: Iterable[tuple[Primitive, int]]) -> Rules:
    """The rules of the primitives that a graph uses.

    An entry is `{forward, partials}`. Of a primitive of one or two numbers these are

        forward: (x, y) => out,    partials: [(x, y, out) => d out / d x, (x, y, out) => d out / d y]

    and of one that takes a list, where `partials` is a function,

        forward: (values) => out,  partials: (values, out) => [d out / d values[0], ...]

    An operand that needs no gradient is a number like any other; its partial must not be called, as it may have no value. Whatever
    eager evaluation refuses throws a RangeError, whose `operation` and `operands` tell what failed; a nan or an infinity that comes
    in through operands is carried. What an instance of a primitive knows, such as the bound of a user's own, is in its text.

    Args:
        operations: a primitive and its number of operands, for each node or for each kind of node.
    Returns:
        Rules: the entries as text, and what must stand before them.
    Raises:
        GraphError: if a user's own rule computes with anything but arithmetic and this library's functions.
    Example:
        >>> from autograd_lite.engine.primitives import add, tanh
        >>> found = rules([(add, 2), (tanh, 1)])
        >>> print(found.literal)
        {
        add: {forward: (x, y) => x + y, partials: [(x, y, out) => 1, (x, y, out) => 1]},
        tanh: {forward: (x) => tanh(x), partials: [(x, out) => {
          const secant = sech(x);
          return secant * secant;
        }]},
        }
        >>> found.keys[tanh], "const tanh = " in found.helpers
        ('tanh', True)
    """
    counts: dict[Primitive, set[int]] = {}
    for primitive, count in operations:
        counts.setdefault(primitive, set()).add(count)
    keys: dict[Primitive, str] = {}
    lines = ["{"]
    for primitive, found in counts.items():
        keys[primitive] = key = _free(primitive.name, keys.values())
        shown = key if re.fullmatch(r"[A-Za-z]\w*", key, re.ASCII) else f"[{string_text(key)}]"
        lines.append(f"{shown}: {_builtin(primitive) if primitive.is_builtin else _own(primitive, sorted(found))},")
    literal = "\n".join([*lines, "}"])
    return Rules(literal, helpers(literal), keys)


def _free(name: str, taken: Iterable[str]) -> str:
    number, key = 1, name
    while key in taken:
        number += 1
        key = f"{name}{number}"
    return key


def _builtin(row: Primitive) -> str:
    if row.takes_list:
        return f"{{forward: {_arrow(row, 'forward')}, partials: {_arrow(row, 'partials')}}}"
    methods = ("dx", "dy")[: row.arity]
    return f"{{forward: {_arrow(row, 'forward')}, partials: [{', '.join(_arrow(row, method) for method in methods)}]}}"


def _arrow(row: Primitive, method: str) -> str:
    name = rule_name(row, method)
    return functions()[name].removeprefix(f"const {name} = ").removesuffix(";")


def _own(primitive: Primitive, counts: list[int]) -> str:
    """A user's own: its rules write themselves, those of lists once for each number of operands."""
    if not primitive.takes_list:
        names = ["x", "y"][: counts[0]]
        value, partials = _texts(primitive, names)
        forms = ", ".join(f"({', '.join([*names, 'out'])}) => {partial}" for partial in partials)
        return f"{{forward: ({', '.join(names)}) => {value}, partials: [{forms}]}}"
    texts = {count: _texts(primitive, [f"values[{place}]" for place in range(count)]) for count in counts}
    values = ", ".join(f"{count}: () => {value}" for count, (value, _) in texts.items())
    slopes = ", ".join(f"{count}: () => [{', '.join(partials)}]" for count, (_, partials) in texts.items())
    forward, partials_ = (f"({{{forms}}})[values.length]()" for forms in (values, slopes))
    return f"{{forward: (values) => {forward}, partials: (values, out) => {partials_}}}"


def _texts(primitive: Primitive, names: list[str]) -> tuple[str, list[str]]:
    """The value and the partials of operands of these names."""
    operands = list(map(Script, names))
    partials = partial_texts(primitive, operands, Script("out"), [True] * len(names))
    assert isinstance(partials, list)  # only the table's own are written as calls
    return value_text(primitive, operands).text, [each.text for each in partials if each is not None]

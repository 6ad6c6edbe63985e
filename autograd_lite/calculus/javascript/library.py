"""The functions that JavaScript's text of a rule calls: each by its name, with all that it calls itself.

Three kinds of text make them: the hand-written forms of the basic functions (`forms.js`), the formulas of `mathematics.py`,
translated, and the rules of the table, translated under names such as `tanh_dx`.
"""

import ast
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from autograd_lite.calculus.javascript.translation import INFIX, translated
from autograd_lite.engine import mathematics
from autograd_lite.engine.number_types import source_of
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE

_CALLED = re.compile(r"(?<![\w)\]]\.)\b[A-Za-z_]\w*")  # a name, but for that of a property
_METHODS = ("forward", "dx", "dy", "partials")


def rule_name(row: Primitive, method: str) -> str:
    """What a rule of the table is called: "tanh_dx"."""
    return f"{row.name}_{method}"


def helpers(text: str) -> str:
    """The definitions of the functions that a text calls, and of those that they call; "" where there are none.

    >>> print(helpers("sigmoid(x) * 2"), end="")
    const abs = (x) => Math.abs(x);
    const divide = (x, y) => (y === 0 ? fail("divide", x, y) : x / y);
    ...
    """
    known = functions()
    found: set[str] = set()
    waiting = [text]
    while waiting:
        called = set(_CALLED.findall(waiting.pop())) & known.keys() - found
        found |= called
        waiting += [known[name] for name in called]
    return "".join(f"{known[name]}\n" for name in sorted(found))


@cache
def functions() -> Mapping[str, str]:
    """The definition of each function, by its name."""
    names = vars(mathematics)
    constants = {name: thing for name, thing in names.items() if isinstance(thing, float)}
    found = {
        name: f"const {name} = {translated(formula, constants)};"
        for name, formula in _formulas().items()
        if name not in (*_forms(), *INFIX)
    }
    for row in TABLE.values():
        for method, rule in _rules_of(type(row)).items():
            name = rule_name(row, method)
            found[name] = f"const {name} = {translated(rule, constants)};"
    return {**found, **_forms()}


@cache
def _forms() -> Mapping[str, str]:
    """The hand-written definitions, with the notices above them that must stay."""
    text = Path(__file__).with_name("forms.js").read_text(encoding="utf-8")
    found = {}
    for block in text.split("\n\n"):
        name = re.search(r"^const (\w+) = ", block, re.MULTILINE)
        if name:
            found[name[1]] = block.strip() if "Copyright" in block else block[name.start() :].strip()
    return found


@cache
def _formulas() -> Mapping[str, ast.FunctionDef]:
    tree = ast.parse(source_of("mathematics").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@cache
def _classes() -> Mapping[str, ast.ClassDef]:
    tree = ast.parse(source_of("primitives").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _rules_of(kind: type) -> Mapping[str, ast.FunctionDef]:
    """The rules of a class of the table, its own and those that it inherits."""
    found: dict[str, ast.FunctionDef] = {}
    for base in reversed(kind.__mro__):
        for node in _classes()[base.__name__].body if base.__name__ in _classes() else []:
            if isinstance(node, ast.FunctionDef) and node.name in _METHODS:
                found[node.name] = node
    return found

"""A sketch: what a student writes. It is Python; what it reads and nobody gives are its inputs, which become sliders.

Two kinds of inputs:

    tanh(w*x + b)                    w, x and b are given nowhere: Values that start at 1
    a = Value(2.0, label="a")        a Value of a number, by itself on a line of the top level

Names of the library (`tanh`, `nn`, `al`, ...) need no import.
"""

import ast
import builtins
import inspect
import math
import symtable
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import autograd_lite
from autograd_lite.engine.value import Value
from autograd_lite.expressions import CONSTANTS

FILE: Final = "sketch.py"  # of which tracebacks speak
GIVEN: Final = "_input"  # where a sketch finds the numbers of its own Values
Runner = Callable[[dict[str, Any]], Any]  # from a namespace to the value of the last line


class Sketch:
    """A text, read and not yet run.

    Args:
        text: what the student wrote.
        compiled: from a text to what runs it; the browser's. The value of a text is that of its last line, also of an assignment.
    Attributes:
        inputs: the numbers that the text starts with, by name.
        own: those of them that stand in the text itself.
    Raises:
        SyntaxError: if it is no Python.
    Example:
        >>> sketch = Sketch("a = Value(2.0)\\ntanh(a * x)", lambda text: lambda namespace: None)
        >>> sketch.inputs, sorted(sketch.own)
        ({'a': 2.0, 'x': 1.0}, ['a'])
    """

    def __init__(self, text: str, compiled: Callable[[str], Runner]) -> None:
        tree = ast.parse(text, FILE)
        found = list(_own_values(tree))
        self.text = text
        self.own = {each.name for each in found}
        self.inputs = {each.name: each.number for each in found}
        self._labels = {each.name: each.label for each in found}
        self.library: dict[str, Any] = {}
        for name in _unknown(text, tree):
            if name in CONSTANTS:
                self.library[name] = CONSTANTS[name]
            elif name in _LIBRARY:
                self.library[name] = _LIBRARY[name] or getattr(autograd_lite, name)
            elif name not in _called(tree):
                self.inputs[name] = 1.0
        self._run = compiled(_with_given(text, found))

    def run(self, numbers: Mapping[str, Any], **helpers: Any) -> tuple[Any, dict[str, Any]]:
        """The value of the last line, or else the Value that got its name last; and the names that the text gave, as labels, too.

        Args:
            numbers: for every input a float, of which a labelled Value is made, or another number, which is taken as it is.
            helpers: further names.
        """
        given = {name: self._value(name, numbers[name]) for name in self.inputs}
        before = {**self.library, **helpers, GIVEN: given, **{name: given[name] for name in self.inputs if name not in self.own}}
        namespace = dict(before)
        out = self._run(namespace)
        names = {name: thing for name, thing in namespace.items() if name not in before and not name.startswith("_")}
        if out is None:  # a text that ends in a loop, say
            out = next((thing for thing in reversed(names.values()) if isinstance(thing, Value)), None)
        for name, thing in names.items():
            if isinstance(thing, Value) and thing.label is None:
                thing.label = name
        return out, names

    def _value(self, name: str, number: Any) -> Any:
        return Value(number, label=self._labels.get(name) or name) if isinstance(number, float) else number

    def function(self) -> Callable[..., Any]:
        """The text as a function of its inputs: a float for floats, and for Values and other numbers whatever it makes of them."""

        def sketch(*numbers: Any) -> Any:
            out, _ = self.run(dict(zip(self.inputs, numbers, strict=True)), show=lambda thing: None)
            return out.data if isinstance(out, Value) and all(isinstance(number, float) for number in numbers) else out

        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        sketch.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in self.inputs])  # type: ignore[attr-defined]
        return sketch

    def script(self, numbers: Mapping[str, float]) -> str:
        """The same as a script for a Python of one's own."""
        lines, names = [], {"Value"} if self.inputs.keys() - self.own else set()
        for name, thing in self.library.items():
            if name in CONSTANTS:
                lines.append(f"{name} = {thing!r}")
            elif inspect.ismodule(thing):
                lines.append(f"import {thing.__name__} as {name}")
            else:
                names.add(name)
        if names:
            lines.insert(0, f"from autograd_lite import {', '.join(sorted(names))}")
        lines += [f'{name} = Value({numbers[name]!r}, label="{name}")' for name in self.inputs if name not in self.own]
        return "\n".join([*lines, self.text])


# What a sketch may use without an import; None where it is the library's own of that name, loaded when it is used.
_LIBRARY: Final[dict[str, Any]] = {
    **{name: None for name in dir(autograd_lite) if not name.startswith("_")},
    "al": autograd_lite,
    "math": math,
}


class OwnValue(NamedTuple):
    """A line such as `a = Value(2.0, label="a")`: its name, its number, its label or "", and its call."""

    name: str
    number: float
    label: str
    call: ast.Call


def _own_values(tree: ast.Module) -> Iterator[OwnValue]:
    """The lines that give a name, once, to the Value of a number."""
    for line in tree.body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function, args=[argument], keywords=keywords) as call):
                if _last_name(function) != "Value" or call.lineno != call.end_lineno or _times_given(tree, name) > 1:
                    continue
                try:
                    number = ast.literal_eval(argument)
                    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
                except ValueError:
                    continue
                if isinstance(number, int | float) and not isinstance(number, bool) and options.keys() <= {"label"}:
                    yield OwnValue(name, float(number), str(options.get("label") or ""), call)


def _last_name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def _times_given(tree: ast.Module, name: str) -> int:
    return sum(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in ast.walk(tree))


def _with_given(text: str, own: list[OwnValue]) -> str:
    """The text with these calls, each on one line, replaced by the Values that are given in their place."""
    lines = text.split("\n")
    for name, _, _, call in reversed(own):  # of two on one line the last one first, or its place would have moved
        line = lines[call.lineno - 1].encode()  # `ast` counts bytes
        new = line[: call.col_offset] + f"{GIVEN}[{name!r}]".encode() + line[call.end_col_offset :]
        lines[call.lineno - 1] = new.decode()
    return "\n".join(lines)


def _unknown(text: str, tree: ast.Module) -> list[str]:
    """The names that the text reads and neither gives nor finds in Python, in order of appearance."""
    top = symtable.symtable(text, FILE, "exec")
    given = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    read: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                given.add(symbol.get_name())
            if symbol.is_referenced() and (table is top or symbol.is_global()):
                read.add(symbol.get_name())
    unknown = {name for name in read - given if not hasattr(builtins, name) or name in _LIBRARY}
    used = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in unknown]
    return list(dict.fromkeys(node.id for node in sorted(used, key=lambda node: (node.lineno, node.col_offset))))


def _called(tree: ast.Module) -> set[str]:
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

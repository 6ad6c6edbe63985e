"""The code of a frame: which of its statements computed a value, and what it reads. It is parsed, and never executed."""

import ast
import builtins
import linecache
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from inspect import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS
from types import BuiltinFunctionType, CellType, FrameType, FunctionType, ModuleType, NoneType
from typing import Any, Final

from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value

LONGEST_SOURCE: Final = 100_000  # characters that are parsed
_MADE: Final = ast.BinOp | ast.UnaryOp | ast.Call  # what computes; a name or a place in a list only tells of what is there
CONTAINERS: Final = (list, tuple, dict)
MOST_READ: Final = 1_000
_SEEN: Final = (Value, int, float, bool, str, complex, range, NoneType, type, BuiltinFunctionType, ModuleType)
_SCOPES: Final = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


@dataclass(frozen=True)
class _Code:
    """The statements of a function, or of a module, without those of the functions and classes in it.

    Attributes:
        lines: of its file. statements: those that compute or assign.
        bindings: how often each name is bound, in whatever way. loops: the variables of its `for` loops.
    """

    lines: list[str]
    statements: list[ast.stmt]
    bindings: Counter[str]
    loops: set[str]

    def text(self, statement: ast.stmt) -> str:
        """A statement on one line."""
        lines = self.lines[statement.lineno - 1 : statement.end_lineno]
        return shorten(" ".join(" ".join(lines).split()))


class Scope:
    """The variables of a frame, and the code that binds them."""

    def __init__(self, frame: FrameType, returns: bool) -> None:
        self.frame = frame
        self.variables = _variables(frame, returns)

    @property
    def assigned(self) -> dict[str, Any]:
        """The variables that are no parameters."""
        code = self.frame.f_code
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
        return {name: thing for name, thing in self.variables.items() if name not in code.co_varnames[:count]}

    @cached_property
    def codes(self) -> list[_Code]:
        """The code of the frame; at a notebook's top level that of its cell, and after it that of all others that were run.

        Nothing where there is no source, as at a prompt.
        """
        code = self.frame.f_code
        found = [_code("".join(linecache.getlines(code.co_filename, self.frame.f_globals)), code.co_name, code.co_firstlineno)]
        if code.co_name == "<module>" and _is_cell(code.co_filename):
            for name, entry in list(linecache.cache.items()):
                if len(entry) == 4 and name != code.co_filename and _is_cell(name):
                    found.append(_code("".join(entry[2]), code.co_name, 1))
        return [] if found[0] is None else [each for each in found if each is not None]

    @cached_property
    def loops(self) -> set[str]:
        """The variables of `for` loops, which hold their last value by chance."""
        return {name for code in self.codes for name in code.loops}

    def bindings(self, name: str) -> int:
        """How often a name is bound."""
        return sum(code.bindings[name] for code in self.codes)

    def made(self, given: Any) -> Iterator[tuple[Value, ast.stmt, str]]:
        """Values, each with the one statement that gave it to a variable, and its text; and what is given, with the present one."""
        for code in self.codes:
            for node in code.statements:
                match node:
                    case (
                        ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
                    ):
                        held = self.variables.get(name)
                        before = code is not self.codes[0] or node.lineno < self.frame.f_lineno
                        if type(held) is Value and isinstance(value, _MADE) and self.bindings(name) == 1 and before:
                            yield held, node, code.text(node)
        if self.codes and type(given) is Value and given.primitive is not None:
            here = [node for node in self.codes[0].statements if self._is_at(node)]
            if len(here) == 1 and not any(given is value for value in self.variables.values()):
                yield given, here[0], self.codes[0].text(here[0])

    def _is_at(self, node: ast.stmt) -> bool:
        return node.lineno <= self.frame.f_lineno <= (node.end_lineno or node.lineno)

    def computes(self, statement: ast.stmt, holders: int) -> bool:
        """Whether a statement computed its value, and did not take one that was there: `max(losses)`, `stack.pop()`.

        A function of the user may do so, too, if the value is held in more places than one.
        """
        match getattr(statement, "value", None):
            case ast.Call(func=ast.Name(id=name)):
                thing = self.thing(name)
                return thing in (sum, abs, pow) if type(thing) is BuiltinFunctionType else holders < 2 or _is_ours(thing)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                thing = self.thing(name)
                return _is_ours(thing) or (holders < 2 and _home(thing) not in sys.stdlib_module_names)
            case ast.Call():
                return holders < 2 and isinstance(statement, ast.Expr | ast.Return)
        return True

    def read(self, statement: ast.stmt) -> list[Any] | None:
        """What a statement reads, if all of it still is what it was then and can be looked into, as far as the source tells."""
        nodes = list(ast.walk(statement))
        names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        plain = all(isinstance(node.value, ast.Name | ast.Call | ast.BinOp) for node in nodes if isinstance(node, ast.Attribute))
        if not plain or any(self.bindings(name) > 1 for name in names):
            return None
        found = [self.thing(name) for name in names]
        for thing in found:  # which grows
            if type(thing) is FunctionType and not _is_ours(thing):
                more = [item for item in _read_by(thing) if not any(item is each for each in found)]
                if len(found) > MOST_READ or any(type(item) in (list, dict) for item in more):
                    return None  # in which it may keep what it computed before
                found += more
            elif type(thing) not in CONTAINERS and not _is_seen(thing):
                return None
            elif _home(thing) == "autograd_lite" and callable(getattr(type(thing), "parameters", None)):
                found.append(list(thing.parameters()))
        return found

    def thing(self, name: str) -> Any:
        """What a name stands for here."""
        for scope in (self.variables, self.frame.f_globals, vars(builtins)):
            if name in scope:
                return dict.__getitem__(scope, name)
        return None


def _home(thing: Any) -> str:
    """The package that defines a type; it is asked for as no class of a user's answers."""
    return str(type.__dict__["__module__"].__get__(type(thing))).partition(".")[0]


def _is_ours(thing: Any) -> bool:
    """A function, a module or an object of this package."""
    if type(thing) in (FunctionType, ModuleType):
        names = thing.__globals__ if type(thing) is FunctionType else thing.__dict__
        return str(dict.get(names, "__name__")).partition(".")[0] == "autograd_lite"
    return _home(thing) == "autograd_lite"


def _is_seen(thing: Any) -> bool:
    """Whether a thing holds no Value that is not seen: no object of a user's, no array of objects."""
    if _home(thing) == "numpy" and type(thing).__name__ == "ndarray":
        return not thing.dtype.hasobject
    return type(thing) in _SEEN or _is_ours(thing)


def _read_by(function: FunctionType) -> list[Any]:
    """What a function may read of what is around it."""
    around, cells = function.__globals__, function.__closure__ or ()
    return [dict.__getitem__(around, name) for name in function.__code__.co_names if name in around] + [
        cell.cell_contents for cell in cells if cell != CellType()
    ]


def _variables(frame: FrameType, returns: bool) -> dict[str, Any]:
    """A copy of a frame's variables."""
    held = frame.f_locals
    if not frame.f_code.co_flags & CO_OPTIMIZED:  # the body of a class may have a mapping of the user's own, and that is not asked
        return dict(held) if type(held) is dict else {}
    found = dict(held)
    # Until 3.12 the frame keeps it, and with it all values until the function ends; unless it is somebody's `locals()`.
    if type(held) is dict and not returns and sys.getrefcount(held) <= 3:
        held.clear()
    return found


@lru_cache(maxsize=64)
def _code(source: str, name: str, first_line: int) -> _Code | None:
    """The code of that name in a file, from its first line on, decorators included."""
    if not source or len(source) > LONGEST_SOURCE:
        return None
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    body: ast.AST | None = tree
    if name != "<module>":
        named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name]
        starts = [min([node.lineno, *(each.lineno for each in node.decorator_list)]) for node in named]
        body = next((node for node, start in zip(named, starts, strict=True) if start == first_line), None)
    if body is None:
        return None
    own: list[ast.AST] = []
    stack = list(ast.iter_child_nodes(body))
    while stack:
        own.append(node := stack.pop())
        if not isinstance(node, _SCOPES):
            stack += ast.iter_child_nodes(node)
    shared = [node for node in ast.walk(body) if isinstance(node, ast.Global | ast.Nonlocal)]
    statements: list[ast.stmt] = [node for node in own if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.Expr)]
    turned = [each for node in own if isinstance(node, ast.For) for each in ast.walk(node.target)]
    loops = {node.id for node in turned if isinstance(node, ast.Name)}
    return _Code(source.splitlines(keepends=True), statements, _bindings([*own, *shared]), loops)


def _bindings(nodes: list[ast.AST]) -> Counter[str]:
    found: Counter[str] = Counter()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found[name] += 1
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] += 1
            case ast.AugAssign(target=ast.Name(id=name)):
                found[name] += 1  # once read, once written
            case ast.alias(name=name, asname=other):
                found[other or name.partition(".")[0]] += 1
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found[name] += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found.update(dict.fromkeys(names, 2))  # bound by others, too
    return found


def _is_cell(name: str) -> bool:
    """Whether a file is a cell of a notebook, as IPython names them."""
    return "ipykernel_" in name or name.startswith("<ipython-input")

"""What the caller calls its values, and on which of its lines they were computed: read off its frames and its source.

Nothing of the caller's is executed: types are asked by `type`, containers are looked into only where they are plain lists, tuples
and dictionaries, and the source is parsed. Frames are looked at when a recording or a picture is asked for, never by the engine.

name    a variable that holds the value now, or a place in a container, `w[2]`; not what begins with an underscore
line    of a variable that has one assignment in its scope: that one. Of a value without a variable: the line of the one it was
        computed for, if only one is, and everything that line reads has one assignment, too. Where that is not so, there is none.
"""

import ast
import linecache
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from inspect import CO_OPTIMIZED, CO_VARARGS, CO_VARKEYWORDS
from types import FrameType
from typing import Any, Final

from autograd_lite.engine.errors import user_frame, user_frame_of
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value

MOST_FRAMES: Final = 1_000
MOST_ITEMS: Final = 10_000  # of all containers
LONGEST_SOURCE: Final = 100_000  # characters that are parsed
_MADE: Final = ast.BinOp | ast.UnaryOp | ast.Call  # what computes; a name or a place in a list only tells of what is there
_CONTAINERS: Final = (list, tuple, dict)
_SCOPES: Final = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


@dataclass(slots=True)
class Callers:
    """What is known of the values of one recording, by `id`.

    Attributes:
        names: of values that a variable holds; that of the caller, where functions that it called have another one.
        lines: of code, as text; those of the innermost function.
        kept: the values, so that an `id` stays theirs.
    """

    names: dict[int, str] = field(default_factory=dict)
    lines: dict[int, str] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)
    left: int = MOST_ITEMS

    def of(self, values: Sequence[Value]) -> tuple[dict[int, str], dict[int, str]]:
        """Names and lines of some values, by their places; what is known is then forgotten, with the values that it was of."""
        places = {id(value): i for i, value in enumerate(values)}
        found = [{places[key]: text for key, text in known.items() if key in places} for known in (self.names, self.lines)]
        for each in (self.names, self.lines, self.kept):
            each.clear()
        return found[0], found[1]

    def look(self, frame: FrameType, given: Any = None, around: dict[str, Any] | None = None) -> None:
        """Notes what a frame holds.

        Args:
            frame: of the caller, or of a function that it called.
            given: what it returns, or records, on its present line.
            around: variables of the module, if they are to be looked at, too; None for a function that the caller called, whose
                parameters are only other names of what it was given.
        """
        scope = _Scope(frame, around is None)
        variables = scope.variables if around is not None else scope.assigned
        held: dict[int, str] = {}
        for name, value in [*self._values(variables), *self._values(around or {})]:
            held.setdefault(id(value), name)
            self.kept.append(value)
        self.names |= held
        claims: dict[int, list[str]] = {}
        for value, statement, text in scope.made(given):
            self.kept.append(value)
            text = self.lines.setdefault(id(value), text)
            for inside in self._inside(value) if scope.is_steady(statement) else ():
                claims.setdefault(id(inside), []).append(text)
        self.lines |= {key: texts[0] for key, texts in claims.items() if len(texts) == 1}

    def _values(self, variables: dict[str, Any]) -> Iterator[tuple[str, Value]]:
        """Names of the Values that variables hold, and then of those in containers."""
        shown = [(name, thing) for name, thing in dict.items(variables) if type(name) is str and _is_plain(name)]
        yield from ((name, thing) for name, thing in shown if type(thing) is Value)
        stack = [pair for pair in reversed(shown) if type(pair[1]) in _CONTAINERS]
        seen = set[int]()
        while stack and self.left > 0:
            name, thing = stack.pop()
            if type(thing) is Value:
                yield name, thing
            elif type(thing) in _CONTAINERS and id(thing) not in seen:
                seen.add(id(thing))
                self.left -= len(thing)
                stack += reversed(_items(name, thing) if self.left > 0 else [])

    def _inside(self, value: Value) -> Iterator[Value]:
        """What was computed on the way to a value, from those that have a name or a line."""
        stack, seen = list(value.operands), set[int]()
        while stack and len(seen) < MOST_ITEMS:
            node = stack.pop()
            if node.primitive is None or id(node) in seen or id(node) in self.names or id(node) in self.lines:
                continue
            seen.add(id(node))
            yield node
            stack.extend(node.operands)


@dataclass(frozen=True)
class _Code:
    """The statements of a function, or of a module, without those of the functions and classes in it.

    Attributes:
        lines: of its file. statements: those that compute or assign.
        bindings: how often each name is bound, in whatever way.
    """

    lines: list[str]
    statements: list[ast.stmt]
    bindings: Counter[str]

    def text(self, statement: ast.stmt) -> str:
        """A statement on one line."""
        lines = self.lines[statement.lineno - 1 : statement.end_lineno]
        return shorten(" ".join(" ".join(lines).split()))


class _Scope:
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

    def is_steady(self, statement: ast.stmt) -> bool:
        """Whether all that a statement reads still is what it was then, as far as the source tells."""
        read = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        return all(self.bindings(name) < 2 for name in read)


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
    return _Code(source.splitlines(keepends=True), statements, _bindings([*own, *shared]))


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


def _is_plain(name: str) -> bool:
    """Whether a variable is one that somebody wrote: tools have others, such as `@py_assert1`, and notebooks `_` and `_3`."""
    return name.isidentifier() and not name.startswith("_")


def _items(name: str, thing: Any) -> list[tuple[str, Any]]:
    if type(thing) is dict:
        return [(f"{name}[{key!r}]", item) for key, item in thing.items() if type(key) in (str, int)]
    return [(f"{name}[{i}]", item) for i, item in enumerate(thing)]


def callers(given: Any) -> Callers:
    """What the innermost frame outside of this package calls its values; `given` is what its present line computes."""
    found = Callers()
    frame = user_frame()
    if frame is not None:
        found.look(frame, given, frame.f_globals)
    return found


def watched(run: Callable[[], Any]) -> tuple[Any, Callers]:
    """What `run` gives, and what the functions that it called, and its caller, call their values."""
    found, left = Callers(), MOST_FRAMES
    frame = user_frame()

    def look(called: FrameType, event: str, given: Any) -> None:
        nonlocal left
        if event == "return" and left and user_frame_of(called) is called:
            left -= 1
            found.look(called, given)

    before = sys.getprofile()
    if frame is not None:
        found.look(frame, None, frame.f_globals)
    if before is None:
        sys.setprofile(look)
    try:
        result = run()
    finally:
        sys.setprofile(before)
    if frame is not None:
        found.look(frame, result, frame.f_globals)
    return result, found

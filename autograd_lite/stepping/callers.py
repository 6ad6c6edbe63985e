"""What the caller calls its values, and on which of its lines they were computed: read off its frames and its source.

Nothing of the caller's is executed: types are asked by `type`, containers are looked into only where they are plain lists, tuples
and dictionaries, and the source is parsed. Frames are looked at when a recording is asked for, and never by the engine.

name    a variable that holds the value now, or a place in a container, `w[2]`; not what begins with an underscore
line    of a variable that has one assignment in its scope: that one. Of a value without a variable: the line of the one it was
        computed for, if only one is, and everything that line reads has one assignment, too. Where that is not so, there is none.
"""

import ast
import linecache
import sys
from collections import Counter
from collections.abc import Callable, Iterator
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

    def look(self, frame: FrameType, given: Any = None, around: dict[str, Any] | None = None) -> None:
        """Notes what a frame holds.

        Args:
            frame: of the caller, or of a function that it called.
            given: what it returns, or records, on its present line.
            around: variables of the module, if they are to be looked at, too; None for a function that the caller called, whose
                parameters are only other names of what it was given.
        """
        scope = _Scope(frame)
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


class _Scope:
    """The variables of a frame, and the statements of its code."""

    def __init__(self, frame: FrameType) -> None:
        self.frame = frame
        variables = frame.f_locals
        # The body of a class may have a mapping of the user's own, and that is not asked.
        self.variables: dict[str, Any] = dict(variables) if type(variables) is dict or frame.f_code.co_flags & CO_OPTIMIZED else {}

    @property
    def assigned(self) -> dict[str, Any]:
        """The variables that are no parameters."""
        code = self.frame.f_code
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
        return {name: thing for name, thing in self.variables.items() if name not in code.co_varnames[:count]}

    @cached_property
    def sources(self) -> list[list[str]]:
        """The lines of the file; at a notebook's top level those of the cell, and after it those of all others that were run."""
        code = self.frame.f_code
        found = [linecache.getlines(code.co_filename, self.frame.f_globals)]
        if code.co_name == "<module>" and _is_cell(code.co_filename):
            known = list(linecache.cache.items())
            found += [entry[2] for name, entry in known if len(entry) == 4 and name != code.co_filename and _is_cell(name)]
        return found

    def _body(self, tree: ast.AST) -> ast.AST | None:
        """The frame's own code in a file."""
        code = self.frame.f_code
        if code.co_name == "<module>":
            return tree
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name:
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                if first == code.co_firstlineno:
                    return node
        return None

    @cached_property
    def bodies(self) -> list[tuple[ast.AST, list[str]]]:
        """The code whose variables these are, with its lines; nothing where there is no source, as at a prompt."""
        trees = [(_parsed("".join(lines)), lines) for lines in self.sources]
        if trees[0][0] is None:
            return []
        return [(body, lines) for tree, lines in trees if tree is not None and (body := self._body(tree)) is not None]

    @cached_property
    def own(self) -> list[tuple[ast.AST, int]]:
        """The nodes of the bodies, without those of the functions and classes in them; each with which body it is of."""
        found: list[tuple[ast.AST, int]] = []
        stack = [(node, k) for k, (body, _) in enumerate(self.bodies) for node in ast.iter_child_nodes(body)]
        while stack:
            node, k = stack.pop()
            found.append((node, k))
            if not isinstance(node, _SCOPES):
                stack += [(child, k) for child in ast.iter_child_nodes(node)]
        return found

    @cached_property
    def bindings(self) -> Counter[str]:
        """How often each name is bound in the body, in whatever way."""
        found: Counter[str] = Counter()
        for node, _ in self.own:
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
        for node in (node for body, _ in self.bodies for node in ast.walk(body)):
            if isinstance(node, ast.Global | ast.Nonlocal):
                found.update(dict.fromkeys(node.names, 2))  # bound by others, too
        return found

    def made(self, given: Any) -> Iterator[tuple[Value, ast.stmt, str]]:
        """Values, each with the one statement that gave it to a variable, and its text; and what is given, with the present one."""
        for node, k in self.own:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
                    held = self.variables.get(name)
                    before = k > 0 or node.lineno < self.frame.f_lineno
                    if type(held) is Value and isinstance(value, _MADE) and self.bindings[name] == 1 and before:
                        yield held, node, self._text(node, k)
        if type(given) is Value and given.primitive is not None and not any(given is value for value in self.variables.values()):
            simple = ast.Return | ast.Expr | ast.Assign
            here = [node for node, k in self.own if not k and isinstance(node, simple) and self._is_at(node)]
            if len(here) == 1:
                yield given, here[0], self._text(here[0], 0)

    def _is_at(self, node: ast.stmt) -> bool:
        return node.lineno <= self.frame.f_lineno <= (node.end_lineno or node.lineno)

    def is_steady(self, statement: ast.stmt) -> bool:
        """Whether all that a statement reads still is what it was then, as far as the source tells."""
        read = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        return all(self.bindings[name] < 2 for name in read)

    def _text(self, statement: ast.stmt, k: int) -> str:
        """A statement on one line."""
        lines = self.bodies[k][1][statement.lineno - 1 : statement.end_lineno]
        return shorten(" ".join(" ".join(lines).split()))


def _is_cell(name: str) -> bool:
    """Whether a file is a cell of a notebook, as IPython names them."""
    return "ipykernel_" in name or name.startswith("<ipython-input")


@lru_cache(maxsize=64)
def _parsed(source: str) -> ast.AST | None:
    if not source or len(source) > LONGEST_SOURCE:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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

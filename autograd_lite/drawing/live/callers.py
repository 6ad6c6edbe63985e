"""What the caller calls its values, and on which of its lines they were computed: read off its frames and its source.

Nothing of the caller's is executed: types are asked by `type`, containers are looked into only where they are plain lists, tuples
and dictionaries, and the source is parsed. Frames are looked at when a recording or a picture is asked for, never by the engine.

name    a variable that holds the value now, or a place in a container, `w[2]`; not what begins with an underscore
line    of a variable that has one assignment in its scope: that one. Of a value without a variable: the line of the one it was
        computed for, if only one is, and everything that line reads has one assignment, too. Where that is not so, there is none.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from autograd_lite.drawing.live.scopes import CONTAINERS, Scope
from autograd_lite.engine.errors import user_frame, user_frame_of
from autograd_lite.engine.value import Value

MOST_FRAMES: Final = 1_000
MOST_ITEMS: Final = 10_000  # of all containers


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
        scope = Scope(frame, around is None)
        variables = scope.variables if around is not None else scope.assigned
        around = {name: thing for name, thing in (around or {}).items() if name not in scope.variables}
        held: dict[int, str] = {}
        holders = Counter[int]()
        for name, value in [*self._values(variables), *self._values(around)]:
            if held.get(id(value), name) in scope.loops or id(value) not in held:
                held[id(value)] = name
            holders[id(value)] += 1
            self.kept.append(value)
        self.names |= held
        made = [each for each in scope.made(given) if scope.computes(each[1], holders[id(each[0])])]
        for value, _, text in made:
            self.kept.append(value)
            self.lines.setdefault(id(value), text)
        stops = {id(thing) for thing in scope.variables.values()}
        claims: dict[int, list[str]] = {}
        for value, statement, _ in made:
            if (read := scope.read(statement)) is not None:
                known = {id(each) for _, each in self._values({f"read{i}": thing for i, thing in enumerate(read)})}
                for inside in self._inside(value, stops, known):
                    claims.setdefault(id(inside), []).append(self.lines[id(value)])
        self.lines |= {key: texts[0] for key, texts in claims.items() if len(texts) == 1}

    def _values(self, variables: dict[str, Any]) -> Iterator[tuple[str, Value]]:
        """Names of the Values that variables hold, and then of those in containers."""
        shown = [(name, thing) for name, thing in dict.items(variables) if type(name) is str and _is_plain(name)]
        yield from ((name, thing) for name, thing in shown if type(thing) is Value)
        stack = [pair for pair in reversed(shown) if type(pair[1]) in CONTAINERS]
        seen = set[int]()
        while stack and self.left > 0:
            name, thing = stack.pop()
            if type(thing) is Value:
                yield name, thing
            elif type(thing) in CONTAINERS and id(thing) not in seen:
                seen.add(id(thing))
                self.left -= len(thing)
                stack += reversed(_items(name, thing) if self.left > 0 else [])

    def _inside(self, value: Value, stops: set[int], known: set[int]) -> list[Value]:
        """What was computed on the way to a value from what its statement reads; nothing if there is more on that way.

        There is where a list was changed since, or a function gave what it had computed before.
        """
        stack, found = list(value.operands), dict[int, Value]()
        while stack and len(found) < MOST_ITEMS:
            node = stack.pop()
            key = id(node)
            if key in known or key in found or not node.requires_grad:
                continue
            if node.primitive is None or key in stops or key in self.names:
                return []
            if key in self.lines:
                continue
            found[key] = node
            stack.extend(node.operands)
        return list(found.values())


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

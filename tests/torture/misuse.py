"""Misuse: functions, methods and descriptors of the engine with anything for arguments. Any exception is an answer; a crash is not."""

import inspect
import math
from fractions import Fraction
from types import ModuleType
from typing import Any

import autograd_lite as ag
from autograd_lite import Value, functions
from autograd_lite.calculus import reverse as adjoints
from autograd_lite.calculus import transforms as calculus
from autograd_lite.engine import reals
from autograd_lite.engine.build import ENGINE

from .cases import Case, generator

CALLS = 50
# What mypyc puts into every class for itself, and calls that would not come back.
EXEMPT = {"__internal_mypyc_setup", "__class__", "__subclasshook__", "__init_subclass__"}


class Odd:
    """Answers to whatever it is asked, wrongly."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.answer

    def __float__(self) -> Any:
        return self.answer

    def __index__(self) -> Any:
        return self.answer

    def __len__(self) -> Any:
        return self.answer

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, int) and place > 3:
            raise IndexError(place)
        return self.answer

    def __eq__(self, _: object) -> Any:
        raise ValueError("not comparable")

    __hash__ = None  # type: ignore[assignment]


class OddPrimitive(ag.primitive.Unary):
    """Rules that give no numbers."""

    def forward(self, x: Any) -> Any:
        return "no number"

    def dx(self, x: Any, out: Any) -> Any:
        return None


def _unset(kind: type) -> list[Any]:
    """One that was never initialized, where there can be one."""
    try:
        return [kind.__new__(kind)]
    except TypeError:
        return []


def _objects() -> list[Any]:
    """Fresh ones for each call: what an earlier call broke must not be what breaks the next."""
    x = Value(2.0, "x")
    wide = ag.dot([x, 1.0], [x * x, 3.0])
    unset = [object.__new__(Odd), *_unset(Value), *_unset(type(wide._rest))]
    numbers = [0, 1, -1, 10**400, 0.0, math.nan, math.inf, True, 1j, Fraction(1, 3)]
    containers: list[Any] = [[], (), {}, set(), [x], (x, x), [x, None], [1.0, "a"], iter([x]), range(3), {"x": x}, b"x", "data", ""]
    others = [
        None,
        object(),
        Odd(x),
        Odd(None),
        Odd("1"),
        OddPrimitive(),
        ag.tanh,
        ag.divide,
        ag.dot,
        type,
        Value,
        OddPrimitive,
        len,
    ]
    return [x, x * x, wide, wide._rest, ag.constant(1.0), *unset, *numbers, *containers, *others, ag.no_grad(), lambda *_: x]


def _targets() -> dict[str, Any]:
    """Everything callable, and every descriptor, of the engine's modules and of what stands next to them."""
    found: dict[str, Any] = {}
    for module in (*ENGINE, reals, functions, adjoints, calculus):
        for name, thing in vars(module).items():
            if inspect.isclass(thing) and str(thing.__module__).startswith("autograd_lite"):
                for each in sorted({name for cls in thing.__mro__ for name in vars(cls)} - EXEMPT):
                    found[f"{thing.__name__}.{each}"] = inspect.getattr_static(thing, each)
            if (
                callable(thing)
                and not isinstance(thing, ModuleType)
                and str(getattr(thing, "__module__", "autograd_lite")).startswith("autograd_lite")
            ):
                found[f"{module.__name__}.{name}"] = thing
    return dict(sorted(found.items()))


TARGETS = _targets()
GROUPS: dict[str, list[str]] = {}  # by class and module, so that the hundred primitives do not crowd out the rest
for _name, _thing in TARGETS.items():
    _owner = _name.rpartition(".")[0]
    _is_row = any(
        issubclass(getattr(module, _owner, int), ag.primitive.Primitive)
        for module in ENGINE
        if inspect.isclass(getattr(module, _owner, int))
    )
    GROUPS.setdefault("primitive" if _is_row else _owner, []).append(_name)
NAMES = sorted(
    {name.rpartition(".")[2] for name in TARGETS} | {"label", "_x", "_y", "_dx", "_rest", "_mark", "_data", "data", "grad"}
)


def _attempt(case: Case) -> None:
    """One call, noted before it is made."""
    choose, pool = case.random.choice, _objects()

    def anything() -> tuple[str, Any]:
        i = case.random.randrange(len(pool))
        return f"<{i}: {type(pool[i]).__name__}>", pool[i]

    name = choose(GROUPS[choose(list(GROUPS))])
    target = TARGETS[name]
    (text, first), (given, second), (_, third) = anything(), anything(), anything()
    sort = case.random.randrange(8)
    if sort == 0:
        attribute = choose(NAMES)
        if attribute in EXEMPT:
            return
        case.note(f"misuse: del {text}.{attribute}")
        delattr(first, attribute)
    elif sort == 1:
        attribute = choose(NAMES)
        if attribute in EXEMPT:
            return
        case.note(f"misuse: {text}.{attribute} = {given}")
        setattr(first, attribute, second)
        _use(first)
    elif sort == 2 and hasattr(type(target), "__set__"):
        if case.random.random() < 0.5:
            case.note(f"misuse: {name}.__delete__({text})")
            type(target).__delete__(target, first)
        else:
            case.note(f"misuse: {name}.__set__({text}, {given})")
            type(target).__set__(target, first, second)
        _use(first)
    elif hasattr(type(target), "__get__") and sort < 5:
        case.note(f"misuse: {name}.__get__({text})(...)")
        bound = type(target).__get__(target, first, type(first))
        if callable(bound):
            bound(*[second, third][: case.random.randrange(3)])
        _use(first)
    elif callable(target):
        arguments = [anything() for _ in range(case.random.randrange(5))]
        named = (
            {choose(["x", "other", "data", "label", "gradient", "values", "operands"]): second}
            if case.random.random() < 0.1
            else {}
        )
        case.note(f"misuse: {name}({', '.join(each for each, _ in arguments)}{', **' + str(list(named)) if named else ''})")
        result = target(*[argument for _, argument in arguments], **named)
        _use(result)


def _use(thing: Any) -> None:
    """What was left behind is looked at, differentiated and freed."""
    repr(thing)
    if isinstance(thing, Value):
        for attempt in (lambda: thing * 2.0, lambda: thing.backward(), lambda: thing.operands, lambda: thing.local_derivatives):
            _answered(attempt)


def _answered(attempt: Any) -> None:
    try:
        attempt()
    except Exception:
        return


@generator("misuse of the engine", apart=True)
def misuse(case: Case) -> None:
    for _ in range(CALLS):
        _answered(lambda: _attempt(case))

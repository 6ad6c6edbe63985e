"""The grammar of random programs: expressions for numbers and lists, as pieces of text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograd_lite.engine.primitive import Interval
from autograd_lite.testing.fuzzing.case import Piece
from autograd_lite.testing.fuzzing.words import of_lists, of_numbers

_LENGTHS = (1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 9, 10, 12, 17, 20, 33, 40)
_SHORT = 8  # how many of them are used where much is inside already
_MOST_COPIES = 300
_INNER = ("a", "b", "c", "d", "g", "h")
_OPERATORS = (
    "{0} + {1}",
    "{0} - {1}",
    "{0} * {1}",
    "{0} * {1}",
    "{0} / {1}",
    "-{0}",
    "{0} ** 2",
    "{0} ** 3",
    "{0} * {0}",
    "{0} - {0}",
)
# Floats, for whole numbers could be raised to powers without end; 1 and 0 are safe.
_CONSTANTS = ("0.5", "2.0", "1.5", "-0.7", "3.0", "0.1", "1", "0", "-1", "0.25", "-2.0", "1e-3", "0.9")

Maker = Callable[["Sampler", int], Piece]


def constant_text(random: Random) -> str:
    """A constant."""
    return random.choice(_CONSTANTS)


@dataclass(frozen=True)
class Model:
    """A model that a program can call: its name, how many numbers it takes, and how many it gives."""

    name: str
    inputs: int
    outputs: int


@dataclass
class Sampler:
    """Draws pieces of text.

    Attributes:
        random: where from. further: other makers of numbers, with their weights.
        numbers, lists, matrices, models: the names in scope, with their sizes.
        guarded: whether a piece lets Python choose by a comparison. detached: whether one takes a number out of the graph.
    """

    random: Random
    further: Sequence[tuple[Maker, int]] = ()
    numbers: list[str] = field(default_factory=list)
    lists: list[tuple[str, int]] = field(default_factory=list)
    matrices: list[tuple[str, int, int]] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    guarded: bool = False
    detached: bool = False
    inside: int = 0  # how many names of functions and comprehensions are taken
    copies: int = 1  # how often what is written now will be evaluated

    # ---- numbers -------------------------------------------------------------------------------------------------------------

    def number(self, depth: int) -> Piece:
        """An expression for one number, at most `depth` levels deep."""
        if depth <= 0 or self.copies > _MOST_COPIES or self.random.random() < 0.1:
            return self.leaf()
        weighted: list[tuple[Maker, int]] = [
            (Sampler._operation, 10),
            (Sampler._call, 8),
            (Sampler._reduction, 9),
            (Sampler._chosen, 3),
            (Sampler._element, 2),
            (Sampler._output, 3 if self.models else 0),
            *self.further,
        ]
        make = self.random.choices([maker for maker, _ in weighted], [weight for _, weight in weighted])[0]
        return make(self, depth - 1)

    def leaf(self) -> Piece:
        """A name, an element of a named list, or a constant."""
        choices = []
        if self.numbers:
            choices += [self.random.choice(self.numbers[-12:])] * 5
        if self.lists:
            name, length = self.random.choice(self.lists)
            choices += [f"{name}[{self.random.randrange(-length, length)}]"] * 3
        if self.matrices:
            name, rows, columns = self.random.choice(self.matrices)
            choices += [f"{name}[{self.random.randrange(-rows, rows)}][{self.random.randrange(-columns, columns)}]"] * 3
        if not choices or self.random.random() < 0.15:
            return Piece("number", constant_text(self.random))
        return Piece("number", self.random.choice(choices))

    def _operation(self, depth: int) -> Piece:
        template = self.random.choice(_OPERATORS)
        return Piece("number", f"({template})", tuple(self.number(depth) for _ in range(1 + ("{1}" in template))))

    def _call(self, depth: int) -> Piece:
        function = self.random.choice(of_numbers())
        operands = [self.within(self.number(depth), interval) for interval in function.domain]
        return Piece("number", function.template, tuple(operands))

    def within(self, piece: Piece, interval: Interval) -> Piece:
        """The number, brought inside the interval; left as it is now and then."""
        low, high = max(interval.low, -1e3), min(interval.high, 1e3)
        if self.random.random() < 0.25 or (low, high, interval.hole) == (-1e3, 1e3, None):
            return piece
        if interval.hole is not None:
            return Piece("number", f"({interval.hole + 1.5} + softsign({{0}}))", (piece,))
        if high < 1e3:
            return Piece("number", f"({(low + high) / 2} + {0.45 * (high - low):.3g} * softsign({{0}}))", (piece,))
        return Piece("number", f"({low + 0.1} + square({{0}}))", (piece,))

    def _reduction(self, depth: int) -> Piece:
        kind, given = self.random.random(), self.list(depth)
        if kind < 0.4:
            return Piece("number", "sum({0})", (given,))
        if kind < 0.8:
            name, inside = self.random.choice(of_lists()["number"])
            if inside and self.random.random() < 0.9:
                given = Piece("list", "softmax({0})", (given,), given.length)
            return Piece("number", f"{name}({{0}})", (given,))
        right = self.list(depth, given.length)
        if kind < 0.9:
            return Piece("number", "dot({0}, {1})", (given, right))
        return Piece("number", "dot({0}, {1}, {2})", (given, right, self.number(depth - 1)))

    def truth(self, depth: int) -> Piece:
        """A comparison."""
        sign = self.random.choice(("<", ">", "<=", ">=", "<", ">", "<", ">", "==", "!="))
        right = self.number(depth) if self.random.random() < 0.4 else Piece("number", constant_text(self.random))
        return Piece("truth", f"{{0}} {sign} {{1}}", (self.number(depth), right))

    def _chosen(self, depth: int) -> Piece:
        first, second = (self.random.choice(("{%d}", "lambda: {%d}")) % place for place in (1, 2))
        truth = self.truth(min(depth, 1))
        if self.random.random() < 0.3:  # a branch that only its condition makes possible
            condition = Piece("truth", "{0} > 0.2", (truth.parts[0],))
            narrow = [function for function in of_numbers() if len(function.domain) == 1 and function.domain[0].low == 0.0]
            inside = Piece("number", self.random.choice(narrow).template, (condition.parts[0],))
            return Piece("number", f"where({{0}}, lambda: {{1}}, {second})", (condition, inside, self.number(depth)))
        return Piece("number", f"where({{0}}, {first}, {second})", (truth, self.number(depth), self.number(depth)))

    def _element(self, depth: int) -> Piece:
        given = self.list(depth)
        return Piece("number", f"{{0}}[{self.random.randrange(-given.length, given.length)}]", (given,))

    def _output(self, depth: int) -> Piece:
        model = self.random.choice(self.models)
        given = self._outputs(model, depth)
        if model.outputs == 1:
            return Piece("number", given.template, given.parts)
        return Piece("number", f"{{0}}[{self.random.randrange(-model.outputs, model.outputs)}]", (given,))

    def _outputs(self, model: Model, depth: int) -> Piece:
        given = self.list(depth, model.inputs)
        if self.random.random() < 0.2 and model.inputs == model.outputs:
            template = f"{model.name}({{0}})" if model.outputs > 1 else f"[{model.name}({{0}})]"
            given = Piece("list", template, (given,), model.outputs)
        elif self.random.random() < 0.2:
            given = Piece("list", f"([{{0}}] * {model.inputs})", (self.number(depth),), model.inputs)
        return Piece("list", f"{model.name}({{0}})", (given,), model.outputs)

    # ---- names inside --------------------------------------------------------------------------------------------------------

    def fresh(self, count: int = 1) -> list[str]:
        """Names for the arguments of a function inside, or of a comprehension."""
        start = min(self.inside, len(_INNER) - count)
        return list(_INNER[start : start + count])

    def under(self, names: list[str], depth: int, times: int = 4, lists: dict[str, int] | None = None) -> Piece:
        """A number written with further names in scope, which will be evaluated that many times; it uses one of them, mostly."""
        copies, self.copies = self.copies, self.copies * times
        self.inside += len(names)
        self.numbers += [name for name in names if name not in (lists or {})] * 4
        known, self.lists = self.lists, [*self.lists, *(lists or {}).items()]
        piece = self.number(max(depth, 1))
        for _ in range(4):
            if re.search(rf"\b({'|'.join(names)})\b", str(piece)):
                break
            piece = self.number(max(depth, 1))
        self.lists, self.copies = known, copies
        del self.numbers[len(self.numbers) - 4 * len([name for name in names if name not in (lists or {})]) :]
        self.inside -= len(names)
        return piece

    # ---- lists ---------------------------------------------------------------------------------------------------------------

    def list(self, depth: int, length: int | None = None) -> Piece:
        """An expression for a list of numbers; of that length, if one is given."""
        if depth <= 0 or self.copies > _MOST_COPIES:
            return self._named_list(length)
        makers: tuple[tuple[Callable[[int, int | None], Piece], int], ...] = (
            (lambda depth, length: self._named_list(length), 4),
            (self._comprehension, 9),
            (self._mapped, 2),
            (self._modelled, 2 if self.models else 0),
            (self._repeated, 1),
            (self._sliced, 2),
            (self._listed, 3),
        )
        make = self.random.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0]
        return make(depth - 1, length)

    def length(self) -> int:
        """How long a list is to be."""
        return self.random.choice(_LENGTHS if self.copies == 1 else _LENGTHS[:_SHORT])

    def _named_list(self, length: int | None) -> Piece:
        fitting = [(name, size) for name, size in self.lists if length in (None, size)] * 2
        fitting += [
            (f"{name}[{self.random.randrange(rows)}]", size) for name, rows, size in self.matrices if length in (None, size)
        ]
        if length is not None:
            fitting += [(f"{name}[:{length}]", length) for name, size in self.lists if size > length]
        if fitting and self.random.random() < 0.8:
            name, size = self.random.choice(fitting)
            return Piece("list", name, (), size)
        count = length or self.length()
        if count > 6 or self.random.random() < 0.5:
            [a] = self.fresh()
            if self.random.random() < 0.5:
                return Piece("list", f"[{a} % {self.random.choice((2, 3, 5, 50))} - 0.5 for {a} in range({count})]", (), count)
            return Piece("list", f"[{{0}} for {a} in range(1, {count + 1})]", (self.under([a], 1, count),), count)
        return Piece("list", "[" + ", ".join(constant_text(self.random) for _ in range(count)) + "]", (), count)

    def _comprehension(self, depth: int, length: int | None) -> Piece:
        a, b = self.fresh(2)
        kind = self.random.random()
        if kind < 0.25:
            count, start = length or self.length(), self.random.choice((0, 1))
            return Piece("list", f"[{{0}} for {a} in range({start}, {count + start})]", (self.under([a], depth, count),), count)
        source = self._named_list(length) if self.inside > 1 else self.list(depth - 1, length)
        times = source.length
        if kind < 0.5:
            other = self._named_list(times)
            return Piece(
                "list", f"[{{0}} for {a}, {b} in zip({{1}}, {{2}})]", (self.under([a, b], depth, times), source, other), times
            )
        if kind < 0.55:
            return Piece("list", f"[{{0}} for {a}, {b} in enumerate({{1}})]", (self.under([a, b], depth, times), source), times)
        return Piece("list", f"[{{0}} for {a} in {{1}}]", (self.under([a], depth, times), source), times)

    def _mapped(self, depth: int, length: int | None) -> Piece:
        given = self.list(depth, length)
        name = self.random.choice([*(name for name, _ in of_lists()["list"]), "list(reversed"])
        return Piece("list", f"{name}({{0}}){')' * name.count('(')}", (given,), given.length)

    def _modelled(self, depth: int, length: int | None) -> Piece:
        fitting = [model for model in self.models if model.outputs > 1 and length in (None, model.outputs)]
        return self._outputs(self.random.choice(fitting), depth) if fitting else self._named_list(length)

    def _repeated(self, depth: int, length: int | None) -> Piece:
        count = length or self.length()
        return Piece("list", f"([{{0}}] * {count})", (self.number(depth),), count)

    def _sliced(self, depth: int, length: int | None) -> Piece:
        given = self.list(depth)
        if length is None:
            start = self.random.randrange(given.length)
            step = self.random.choice(("", "", f":{self.random.choice((2, 3))}"))
            return Piece("list", f"{{0}}[{start}:{step}]", (given,), len(range(start, given.length, int(step[1:] or 1))))
        return Piece("list", f"{{0}}[-{length}:]", (given,), length) if length <= given.length else self._named_list(length)

    def _listed(self, depth: int, length: int | None) -> Piece:
        count = length or self.random.choice((1, 2, 3, 4))
        if count > 6:
            return self._comprehension(depth, length)
        parts: tuple[Any, ...] = tuple(self.number(depth) for _ in range(count))
        return Piece("list", "[" + ", ".join(f"{{{i}}}" for i in range(count)) + "]", parts, count)

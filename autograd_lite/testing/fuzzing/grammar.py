"""Random programs: pieces of text, drawn from a seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from autograd_lite.primitive import Interval
from autograd_lite.testing.fuzzing.case import Piece
from autograd_lite.testing.fuzzing.vocabulary import of_lists, of_numbers

__all__ = ["Writer", "number_text"]

_LENGTHS = (1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 9, 10, 12, 17, 20, 33, 40)
_INNER = ("a", "b", "c", "d", "g", "h")
_OPERATORS = ("{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} * {1}", "{0} / {1}", "-{0}", "{0} ** 2", "{0} ** 3", "{0} * {0}", "{0} - {0}")


def number_text(random: Random) -> str:
    """A constant."""
    # Floats, for whole numbers would be raised to powers without end; 1 and 0 are safe.
    return random.choice(("0.5", "2.0", "1.5", "-0.7", "3.0", "0.1", "1", "0", "-1", "0.25", "-2.0", "1e-3", "0.9"))


@dataclass
class Model:
    """A model that a program can call: its name, how many numbers it takes, and how many it gives."""

    name: str
    inputs: int
    outputs: int


@dataclass
class Writer:
    """Draws pieces of text.

    Attributes:
        random: where from.
        numbers, lists, matrices: the names in scope, with their lengths.
        models: those that may be called.
    """

    random: Random
    numbers: list[str] = field(default_factory=list)
    lists: list[tuple[str, int]] = field(default_factory=list)
    matrices: list[tuple[str, int, int]] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    guarded: bool = False
    detached: bool = False
    inside: int = 0  # how many functions and comprehensions stand around
    copies: int = 1  # how often what is written now will be evaluated

    # ---- numbers -------------------------------------------------------------------------------------------------------------

    def number(self, depth: int) -> Piece:
        """An expression for one number, at most `depth` levels deep."""
        if depth <= 0 or self.copies > 300 or self.random.random() < 0.12:
            return self._leaf()
        weighted: list[tuple[Callable[[int], Piece], int]] = [
            (self._operation, 10),
            (self._call, 8),
            (self._reduction, 8),
            (self._chosen, 3),
            (self._element, 2),
            (self._loss, 2),
            (self._inner, 1 if self.inside < 2 else 0),
            (self._output, 3 if self.models else 0),
            (self._python, 1),
        ]
        makers, weights = zip(*weighted, strict=True)
        make: Callable[[int], Piece] = self.random.choices(makers, weights)[0]
        return make(depth - 1)

    def _leaf(self) -> Piece:
        choices = []
        if self.numbers:
            choices += [self.random.choice(self.numbers)] * 5
        if self.lists:
            name, length = self.random.choice(self.lists)
            choices += [f"{name}[{self.random.randrange(-length, length)}]"] * 2
        if self.matrices:
            name, rows, columns = self.random.choice(self.matrices)
            choices += [f"{name}[{self.random.randrange(-rows, rows)}][{self.random.randrange(-columns, columns)}]"] * 2
        if not choices or self.random.random() < 0.3:
            choices = [number_text(self.random)]
        return Piece("number", self.random.choice(choices).replace("{", "{{").replace("}", "}}"))

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
        if self.random.random() < 0.12 or (low, high, interval.hole) == (-1e3, 1e3, None):
            return piece
        if interval.hole is not None:
            return Piece("number", f"({interval.hole + 1.5} + softsign({{0}}))", (piece,))
        if high < 1e3:
            return Piece("number", f"({(low + high) / 2} + {0.45 * (high - low):.3g} * softsign({{0}}))", (piece,))
        return Piece("number", f"({low + 0.1} + square({{0}}))", (piece,))

    def _reduction(self, depth: int) -> Piece:
        kind = self.random.random()
        if kind < 0.3:
            return Piece("number", "sum({0})", (self.list(depth),))
        if kind < 0.8:
            name = self.random.choice(of_lists()["number"])
            given = self.list(depth)
            if name == "entropy":
                given = Piece("list", "softmax({0})", (given,), given.length)
            return Piece("number", f"{name}({{0}})", (given,))
        left = self.list(depth)
        right = self.list(depth, left.length)
        if self.random.random() < 0.5:
            return Piece("number", "dot({0}, {1})", (left, right))
        return Piece("number", "dot({0}, {1}, {2})", (left, right, self.number(depth - 1)))

    def truth(self, depth: int) -> Piece:
        """A comparison."""
        sign = self.random.choice(("<", ">", "<=", ">=", "<", ">", "<", ">", "==", "!="))
        right = self.number(depth) if self.random.random() < 0.4 else Piece("number", number_text(self.random))
        return Piece("truth", f"{{0}} {sign} {{1}}", (self.number(depth), right))

    def _chosen(self, depth: int) -> Piece:
        first, second = (self.random.choice(("{%d}", "lambda: {%d}")) % place for place in (1, 2))
        parts = self.truth(min(depth, 1)), self.number(depth), self.number(depth)
        if self.random.random() < 0.3:  # a branch that only the condition makes possible
            condition = Piece("truth", "{0} > 0.2", (parts[0].parts[0],))
            inside = self.random.choice([f for f in of_numbers() if len(f.domain) == 1 and 0.0 <= f.domain[0].low < 1.0] or of_numbers())
            places = [condition.parts[0]] * len(inside.domain)
            return Piece("number", "where({0}, lambda: {1}, {2})", (condition, Piece("number", inside.template, tuple(places)), parts[2]))
        return Piece("number", f"where({{0}}, {first}, {second})", parts)

    def _element(self, depth: int) -> Piece:
        given = self.list(depth)
        return Piece("number", f"{{0}}[{self.random.randrange(-given.length, given.length)}]", (given,))

    def _python(self, depth: int) -> Piece:
        self.guarded = True
        given = self.list(depth)
        return Piece("number", self.random.choice(("max({0})", "min({0})", "sorted({0})[0]")), (given,))

    def _output(self, depth: int) -> Piece:
        model = self.random.choice(self.models)
        if model.outputs > 1:
            given = self._outputs(model, depth)
            return Piece("number", f"{{0}}[{self.random.randrange(-model.outputs, model.outputs)}]", (given,))
        return Piece("number", f"{model.name}({{0}})", (self.list(depth, model.inputs),))

    def _outputs(self, model: Model, depth: int) -> Piece:
        given = self.list(depth, model.inputs)
        if self.random.random() < 0.15 and model.inputs == model.outputs > 1:
            given = Piece("list", f"{model.name}({{0}})", (given,), model.outputs)
        return Piece("list", f"{model.name}({{0}})", (given,), model.outputs)

    # ---- losses --------------------------------------------------------------------------------------------------------------

    def _loss(self, depth: int) -> Piece:
        kind = self.random.choice(("squares", "classes", "odds", "margin"))
        given = self.list(depth)
        if kind == "classes" and given.length > 1:
            return self._classes(given)
        if kind == "odds":
            targets = Piece("list", "[" + ", ".join(self.random.choice(("0.0", "1.0", "0.3", "1")) for _ in range(given.length)) + "]")
            if self.random.random() < 0.5:
                return Piece("number", "binary_cross_entropy_with_logits({0}, {1})", (given, targets))
            given = Piece("list", "[sigmoid(a) for a in {0}]", (given,), given.length)
            return Piece("number", "binary_cross_entropy({0}, {1})", (given, targets))
        if kind == "margin":
            targets = Piece("list", "[" + ", ".join(self.random.choice(("1", "-1")) for _ in range(given.length)) + "]")
            return Piece("number", self.random.choice(("hinge({0}, {1})", "hinge({0}, {1}, margin=0.5)")), (given, targets))
        form = self.random.choice(("half", "sum", "mean"))
        return Piece("number", f'squared_error({{0}}, {{1}}, form="{form}")', (given, self.list(depth, given.length)))

    def _classes(self, given: Piece) -> Piece:
        count, choice = given.length, self.random.random()
        right = self.random.randrange(count)
        targets = [
            str(right),
            f"([1 / {count}] * {count})",
            repr([float(place == right) for place in range(count)]),
            repr([0.5 + 0.5 / count if place == right else 0.5 / count for place in range(count)]),
        ]
        target = Piece("target", self.random.choice(targets))
        if choice < 0.6:
            return Piece("number", "cross_entropy({0}, {1})", (given, target))
        if choice < 0.7:
            soft = Piece("list", "softmax({0})", (self.list(0, count),), count)
            return Piece("number", "cross_entropy({0}, {1})", (given, soft))
        return Piece("number", "cross_entropy_of_probabilities(softmax({0}), {1})", (given, target))

    # ---- derivatives inside --------------------------------------------------------------------------------------------------

    def _inner(self, depth: int) -> Piece:
        a, b = self._fresh(), self._fresh(1)
        kind = self.random.randrange(6)
        if kind == 0:
            order = self.random.choice(("", ", order=2"))
            return Piece("number", f"derivative(lambda {a}: {{0}}{order})({{1}})", (self._under([a], depth), self.number(depth)))
        if kind == 1:
            template = f"grad(lambda {a}: {{0}})({{1}})"
            return Piece("number", template, (self._under([a], depth), self.number(depth)))
        if kind == 2:
            template = f"grad(lambda {a}, {b}: {{0}})({{1}}, {{2}})[{self.random.randrange(2)}]"
            return Piece("number", template, (self._under([a, b], depth), self.number(depth), self.number(depth)))
        if kind == 3:
            template = f"hessian(lambda {a}, {b}: {{0}})({{1}}, {{2}})[{self.random.randrange(2)}][{self.random.randrange(2)}]"
            return Piece("number", template, (self._under([a, b], depth), self.number(depth), self.number(depth)))
        if kind == 4:
            template = f"value_and_grad(lambda {a}: {{0}})({{1}})[{self.random.randrange(2)}]"
            return Piece("number", template, (self._under([a], depth), self.number(depth)))
        template = f"jacobian(lambda {a}: [{{0}}, {{1}}])({{2}})[{self.random.randrange(2)}][0]"
        return Piece("number", template, (self._under([a], depth), self._under([a], depth), self.number(depth)))

    def _fresh(self, further: int = 0) -> str:
        return _INNER[min(self.inside + further, len(_INNER) - 1)]

    def _under(self, names: list[str], depth: int, times: int = 4) -> Piece:
        """A number written with further names in scope, which will be evaluated that many times."""
        self.inside += len(names)
        self.numbers += names * 2
        copies, self.copies = self.copies, self.copies * times
        piece = self.number(max(depth, 1))
        del self.numbers[-2 * len(names) :]
        self.inside -= len(names)
        self.copies = copies
        return piece

    # ---- lists ---------------------------------------------------------------------------------------------------------------

    def list(self, depth: int, length: int | None = None) -> Piece:
        """An expression for a list of numbers; of that length, if one is given."""
        choice = self.random.random()
        if depth <= 0 or choice < 0.2:
            return self._plain_list(length)
        if choice < 0.55:
            return self._comprehension(depth - 1, length)
        if choice < 0.65:
            given = self.list(depth - 1, length)
            return Piece("list", f"{self.random.choice(of_lists()['list'])}({{0}})", (given,), given.length)
        if choice < 0.75:
            fitting = [model for model in self.models if model.outputs > 1 and length in (None, model.outputs)]
            if fitting:
                return self._outputs(self.random.choice(fitting), depth - 1)
        if choice < 0.8:
            count = length or self._length()
            return Piece("list", f"([{{0}}] * {count})", (self.number(depth - 1),), count)
        if choice < 0.83:
            given = self.list(depth - 1, length)
            return Piece("list", "list(reversed({0}))", (given,), given.length)
        if choice < 0.87:
            given = self.list(depth - 1)
            if length is None:
                start = self.random.randrange(given.length)
                return Piece("list", f"{{0}}[{start}:]", (given,), given.length - start)
            if length <= given.length:
                return Piece("list", f"{{0}}[-{length}:]", (given,), length)
        count = length or self.random.choice((1, 2, 3, 4))
        if count > 6:
            return self._comprehension(depth - 1, length)
        return Piece("list", "[" + ", ".join(f"{{{i}}}" for i in range(count)) + "]", tuple(self.number(depth - 1) for _ in range(count)), count)

    def _length(self) -> int:
        return self.random.choice(_LENGTHS if self.copies == 1 else _LENGTHS[:8])

    def _plain_list(self, length: int | None) -> Piece:
        fitting = [(name, size) for name, size in self.lists if length in (None, size)]
        fitting += [(f"{name}[{self.random.randrange(rows)}]", size) for name, rows, size in self.matrices if length in (None, size)]
        if length is not None:
            fitting += [(f"{name}[:{length}]", length) for name, size in self.lists if size > length]
        if fitting and self.random.random() < 0.85:
            name, size = self.random.choice(fitting)
            return Piece("list", name, (), size)
        count = length or self._length()
        if count > 6 and self.random.random() < 0.8:
            return self._comprehension(0, count)
        if count > 9:
            return Piece("list", f"[a % {self.random.choice((2, 3, 5, 50))} - 0.5 for a in range({count})]", (), count)
        return Piece("list", "[" + ", ".join(number_text(self.random) for _ in range(count)) + "]", (), count)

    def _comprehension(self, depth: int, length: int | None) -> Piece:
        a, b = self._fresh(), self._fresh(1)
        if self.random.random() < 0.3:
            count = length or self._length()
            start = self.random.choice((0, 1))
            return Piece("list", f"[{{0}} for {a} in range({start}, {count + start})]", (self._under([a], depth, count),), count)
        source = self._plain_list(length) if self.inside > 1 else self.list(depth - 1, length)
        if self.random.random() < 0.3:
            other = self._plain_list(source.length)
            return Piece("list", f"[{{0}} for {a}, {b} in zip({{1}}, {{2}})]", (self._under([a, b], depth, source.length), source, other), source.length)
        return Piece("list", f"[{{0}} for {a} in {{1}}]", (self._under([a], depth, source.length), source), source.length)

    # ---- statements ----------------------------------------------------------------------------------------------------------

    def statement(self, name: str, depth: int) -> Piece:
        """Lines that give `name` a number or a list, which is in scope from then on."""
        choice = self.random.random()
        if choice < 0.45:
            piece = Piece("lines", f"{name} = {{0}}", (self.number(depth),))
            self.numbers.append(name)
        elif choice < 0.7:
            given = self.list(depth)
            piece = Piece("lines", f"{name} = {{0}}", (given,))
            self.lists.append((name, given.length))
        else:
            piece = self._block(name, depth - 1)
            self.numbers.append(name)
        return piece

    def _block(self, name: str, depth: int) -> Piece:
        choice, first = self.random.random(), self.number(depth)
        a = self._fresh()
        if choice < 0.4:
            given = self.list(depth)
            return Piece("lines", f"{name} = {{0}}\nfor {a} in {{1}}:\n    {name} = {{2}}", (first, given, self._under([a, name], depth, given.length)))
        if choice < 0.5:
            count = self.random.choice((2, 3, 9, 20))
            step = self._under([name], depth, count)
            return Piece("lines", f"{name} = {{0}}\nfor _ in range({count}):\n    {name} = softsign({{1}})", (first, step))
        if choice < 0.7:
            self.guarded = True
            template = f"{name}, k = {{0}}, 0\nwhile {name} > 0.4 and k < 9:\n    {name} = {name} * 0.7\n    k += 1\n{name} = {name} * {{1}} + k"
            return Piece("lines", template, (first, self.number(depth)))
        if choice < 0.9:
            self.guarded = True
            template = f"if {{0}}:\n    {name} = {{1}}\nelse:\n    {name} = {{2}}"
            return Piece("lines", template, (self.truth(1), first, self.number(depth)))
        self.detached = True
        return Piece("lines", f"with no_grad():\n    {name} = {{0}}", (first,))

"""A case: a program as Python text, built from pieces, with the arguments it is traced with and the rows it is replayed for.

The text is the case: what is compiled is what is printed. It is built by `grammar.py` from this library's own functions and from
numbers; nothing from outside is ever in it.
"""

import linecache
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from autograd_lite.calculus import jacobian
from autograd_lite.engine.value import Value
from autograd_lite.nn.module import Module
from autograd_lite.testing.numeric.arguments import flat

HEADER = "from autograd_lite import *\nfrom autograd_lite.nn import *\nfrom autograd_lite.program import trace"
_numbers = count()


@dataclass(frozen=True)
class Piece:
    """A part of a program's text.

    Attributes:
        kind: "number", "list", "matrix", "truth" or "lines".
        template: the text, with {0}, {1}, ... where the parts stand.
        parts: the pieces inside.
        length: how many elements a list has.
    """

    kind: str
    template: str
    parts: tuple["Piece", ...] = ()
    length: int = 0

    def __str__(self) -> str:
        texts = [str(part).replace("\n", "\n    ") if part.kind == "lines" else str(part) for part in self.parts]
        return self.template.format(*texts)


@dataclass(frozen=True)
class NamedExample:
    """An argument of the program: its name, and its example: a number, a list, a list of lists; or a model, by its name."""

    name: str
    example: Any


@dataclass(frozen=True)
class Case:
    """A random program with the numbers to try it on.

    Attributes:
        seed: what it was made from.
        setup: lines before the function: models and parameters.
        arguments: of the function.
        body: the statements of the function; the last one returns.
        parameters: the text of what `trace` takes as `parameters`; "" for nothing.
        rows: further arguments to replay, each as one example per argument that is no model.
        guarded: whether Python may choose a branch by comparing numbers.
        detached: whether a number leaves the graph on purpose, so that derivatives are not those of the values.
    Example:
        >>> from autograd_lite.testing.fuzzing.case import NamedExample
        >>> case = Case("by hand", arguments=(NamedExample("x", 3.0),), body=("y = exp(x)", "return y * y"), rows=((1.0,),))
        >>> print(case.source)
        def f(x):
            y = exp(x)
            return y * y
        >>> case.call(), case.example, case.differentiates, case.ready().apply([0.0])
        ('trace(f, 3.0)', [3.0], False, 1.0)
        >>> case.reproduction("program(1.0)").splitlines()[-2:]
        ['program = trace(f, 3.0)', 'print(program(1.0))']
    """

    seed: Any
    setup: tuple[str, ...] = ()
    arguments: tuple[NamedExample, ...] = ()
    body: tuple[Piece, ...] = ()
    parameters: str = ""
    rows: tuple[Any, ...] = ()
    guarded: bool = False
    detached: bool = False

    @property
    def source(self) -> str:
        """The function, after the lines that it needs."""
        names = ", ".join(argument.name for argument in self.arguments)
        lines = [line for piece in self.body for line in str(piece).split("\n")]
        return "\n".join([*self.setup, f"def f({names}):", *(f"    {line}" for line in lines)])

    @property
    def example(self) -> list[Any]:
        """The arguments that are no models."""
        return [argument.example for argument in self.arguments if not isinstance(argument.example, str)]

    @property
    def differentiates(self) -> bool:
        """Whether derivatives are taken inside."""
        return re.search(r"\b(grad|derivative|hessian|jacobian|hvp)\(", self.source) is not None

    def call(self, further: str = "") -> str:
        """The text of the call of `trace`, with `further` arguments."""
        given = [argument.example if isinstance(argument.example, str) else repr(argument.example) for argument in self.arguments]
        options = [f"parameters={self.parameters}"] if self.parameters else []
        return f"trace({', '.join(['f', *given, *options, *([further] if further else [])])})"

    def reproduction(self, last: str, further: str = "") -> str:
        """A script of its own that shows what is wrong, with `further` arguments of `trace`; `last` is what it prints.

        That is an expression with the program as `program`.
        """
        numbers = "from math import inf, nan\n" if re.search(r"\b(inf|nan)\b", last) else ""
        return f"{numbers}{HEADER}\n{self.source}\nprogram = {self.call(further)}\nprint({last})"

    def ready(self) -> "Ready":
        """The function, compiled, with fresh parameters."""
        return Ready(self)


@cache
def _library() -> dict[str, Any]:
    """The names that a text finds: those that its own first lines bring."""
    scope: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
    exec(HEADER, scope)
    return scope


@dataclass
class Ready:
    """A case that can be called.

    Attributes:
        case: the case. given: what `trace` takes as example. parameters: the Values that are parameters, in any order.
        owned: what `trace` takes as `parameters`.
    """

    case: Case
    function: Any = None
    given: list[Any] = field(default_factory=list)
    parameters: list[Value] = field(default_factory=list)
    owned: list[Value] | None = None

    def __post_init__(self) -> None:
        scope, source = dict(_library()), self.case.source
        name = f"<case {next(_numbers) % 8}>"  # a few names in turn, so that messages find their line and the cache stays small
        exec(compile(source, name, "exec"), scope)
        linecache.cache[name] = len(source), None, source.splitlines(True), name
        self.function = scope["f"]
        for argument in self.case.arguments:
            self.given.append(scope[argument.example] if isinstance(argument.example, str) else argument.example)
        if self.case.parameters:
            self.owned = list(eval(self.case.parameters, scope))
        found = [*(self.owned or []), *(value for model in self.given if isinstance(model, Module) for value in model.parameters())]
        self.parameters = list({id(value): value for value in found}.values())

    def apply(self, arguments: Sequence[Any]) -> Any:
        """The function of its arguments, where those that are models stand by themselves."""
        rest = iter(arguments)
        return self.function(*(given if isinstance(given, Module) else next(rest) for given in self.given))

    def call(self, row: Sequence[Any]) -> tuple[Any, list[Value]]:
        """The result for one row, and the Values that stood for its numbers, in order.

        The function is called as `jacobian` calls it: inside a derivative, where derivatives taken inside are Values themselves.
        """
        result: Any = None
        inputs: list[Value] = []

        def function(*arguments: Any) -> list[Any]:
            nonlocal result
            inputs.extend(flat(arguments))
            result = self.apply(arguments)
            return []

        jacobian(function)(*row)
        return result, inputs

"""The engine's pass as a module of JavaScript: the value, the gradient, and every intermediate value with its adjoint."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from autograd_lite.calculus.javascript.library import functions, helpers
from autograd_lite.calculus.javascript.scripts import Script, partial_texts, value_text
from autograd_lite.calculus.javascript.translation import RESERVED, number_text, string_text
from autograd_lite.engine.text import ATOM, SIGN
from autograd_lite.program.capture.guards import Path, Turn
from autograd_lite.program.ir.engine_pass import Computed, EnginePass, GuardStep
from autograd_lite.program.ir.names import comment_text

_OWN: Final = {"value", "gradient", "valueAndGradient", "steps", "parameters", "seen", "given", "found"}
_TOGETHER: Final = 50  # names in one declaration, rows in one call
_SIGNS: Final = {"==": "===", "!=": "!=="}


def javascript_source(made: EnginePass, parameters: Sequence[float]) -> str:
    """The complete source of a module without imports.

    Args:
        made: what is computed. parameters: the numbers that the module shows its parameters with.
    """
    return _Module(made, parameters).source()


class _Module:
    def __init__(self, made: EnginePass, parameters: Sequence[float]) -> None:
        self.made, self.parameters = made, parameters
        self.names, self.given = made.named({*RESERVED, *functions(), *_OWN})
        self.operations = [step for step in made.forward if isinstance(step, Computed)]
        self.leaves = set(made.leaves)

    def source(self) -> str:
        """The whole module."""
        signature = ", ".join([*["parameters"] * bool(self.parameters), *self.given])
        seen = f"{signature}, seen" if signature else "seen"
        body = [*self._unpacked(), *self._forward()]
        results = self._listed(self._text(node) for node in self.made.outputs)
        result = self._text(self.made.outputs[0]) if self.made.single else results
        parts = [
            self._head(),
            _function("value", signature, [*body, f"return {result};"]),
            _function("valueAndGradient", seen, [*body, *self._gradients(result)]),
            "export const gradient = (...given) => valueAndGradient(...given)[1];",
            _function("steps", "...given", ["const seen = [];", f"valueAndGradient({self._all_given()}seen);", "return seen;"]),
        ]
        text = "\n\n".join(part for part in parts if part)
        return f"{parts[0]}\n{helpers(text)}{text.removeprefix(parts[0])}\n"

    def _head(self) -> str:
        lines = [f"// The function {_comment(self.made.name)} at one point, traced by autograd_lite; nothing else is needed."]
        if self.parameters:
            lines += ["", f"export const parameters = {self._listed(map(number_text, self.parameters))};"]
        return "\n".join(lines)

    def _all_given(self) -> str:
        count = len(self.given) + bool(self.parameters)
        return f"...Array.from({{ length: {count} }}, (_, place) => given[place]), " if count else ""

    def _unpacked(self) -> Iterator[str]:
        """The numbers of the arguments under names of their own."""
        whole: list[tuple[str, str, tuple[int, ...], Sequence[int]]] = []
        if self.parameters:
            whole.append(("parameters", "parameters", (len(self.parameters),), self.made.parameters))
        whole += [(name, *argument) for name, argument in zip(self.given, self.made.arguments, strict=True)]
        for name, told, shape, nodes in whole:
            if shape:
                yield f"const {name}$ = list({name}, {string_text(told)}, {', '.join(map(str, shape))});"
                parts = [f"{self.names[node]} = {name}$[{place}]" for place, node in enumerate(nodes)]
                yield from _declared(parts, "const")
            else:
                yield f"number({name}, {string_text(told)});"

    # ---- forward -------------------------------------------------------------------------------------------------------------

    def _forward(self) -> Iterator[str]:
        inside = [self.names[step.node] for step in self.operations if step.path]
        yield from _declared(inside)
        for path, steps in groupby(self.made.forward, key=lambda step: step.path):
            lines = [self._checked(step) if isinstance(step, GuardStep) else self._computed(step) for step in steps]
            yield from _block(f"if ({self._followed(path)})", lines) if path else lines

    def _computed(self, step: Computed) -> str:
        if step.turn is not None:
            x, y = (self._text(node) for node in step.operands[2:])
            text = f"{self._holds(step.turn)} ? {x} : {y}"
        else:
            text = value_text(step.primitive, list(map(self._script, step.operands))).text
        return f"{'' if step.path else 'const '}{self.names[step.node]} = {text};"

    def _checked(self, check: GuardStep) -> str:
        turn = check.turn
        outcome = str(turn.first).lower()
        return f"expect({self._compared(turn)}, {outcome}, {string_text(check.place)});"

    def _followed(self, path: Path) -> str:
        return " && ".join(map(self._holds, path))

    def _holds(self, turn: Turn) -> str:
        return self._compared(turn) if turn.first else f"!({self._compared(turn)})"

    def _compared(self, turn: Turn) -> str:
        return f"{self._text(turn.left)} {_SIGNS.get(turn.sign, turn.sign)} {self._text(turn.right)}"

    def _text(self, node: int) -> str:
        return self._script(node).text

    def _script(self, node: int) -> Script:
        if node in self.names:
            return Script(self.names[node])
        text = number_text(self.made.constants[node])
        return Script(text, SIGN if text.startswith("-") else ATOM)

    # ---- backward ------------------------------------------------------------------------------------------------------------

    def _gradients(self, result: str) -> Iterator[str]:
        if self.made.single:
            lines, adjoints = self._backward(self.made.outputs[0])
            yield from lines
            yield from self._shown(adjoints)
            yield f"return [{result}, {self._shaped(adjoints)}];"
            return
        yield "const found = [];"
        for output in self.made.outputs:
            lines, adjoints = self._backward(output)
            yield from ["{", *(f"  {line}" for line in lines), f"  found.push({self._shaped(adjoints)});", "}"]
        yield from self._shown(None)
        yield f"return [{result}, found];"

    def _backward(self, output: int) -> tuple[list[str], dict[int, str]]:
        """The reverse sweep from a result, and the text of the adjoint of each node that it reaches."""
        if output in self.made.constants:
            return [], {}
        order, sure = self.made.backward(output)
        reached = dict.fromkeys([output, *(node for step in order for _, node in step.edges)])
        plain = [node for node in reached if node in sure or node in self.leaves]
        start = {node: "1" if node == output else "0" for node in plain}
        adjoints = {node: f"d_{self.names[node]}" for node in reached}
        lines = [*_declared(f"{adjoints[node]} = {start[node]}" for node in plain)]
        lines += _declared(adjoints[node] for node in reached if node not in start)
        for step in order:
            contributions = list(self._contributions(step, adjoints, start))
            if step.node not in start:
                contributions = _block(f"if ({adjoints[step.node]} !== undefined)", contributions)
            lines += contributions
        return lines, {node: text if node in start else f"({text} ?? 0)" for node, text in adjoints.items()}

    def _contributions(self, step: Computed, adjoints: dict[int, str], plain: dict[int, str]) -> Iterator[str]:
        """What an operation gives to the adjoints of its operands, as the engine adds it up."""
        whole = Script(adjoints[step.node])
        if step.turn is not None:
            for place, node in step.edges:
                turn = self._holds(step.turn if place == 2 else replace(step.turn, first=False))
                yield f"if ({turn}) {_received(adjoints[node], whole, node in plain)}"
            return
        found = self._locals(step)
        if isinstance(found, Script):
            name = f"partials${self.names[step.node]}"
            yield f"const {name} = {found.text};"
            found = [Script(f"{name}[{place}]") for place in range(len(step.operands))]
        for node, local, asked in zip(step.operands, found, step.wanted, strict=True):
            if local is not None and asked:
                yield _received(adjoints[node], _times(local, whole), node in plain)
            elif local is not None and "(" in local.text:
                yield f"{local.text};"  # which may fail

    def _locals(self, step: Computed) -> list[Script | None] | Script:
        wanted = [True] * len(step.operands) if step.primitive.takes_list else step.wanted  # of a list the engine computes all
        operands, out = list(map(self._script, step.operands)), self._script(step.node)
        return partial_texts(step.primitive, operands, out, wanted)

    # ---- results -------------------------------------------------------------------------------------------------------------

    def _shaped(self, adjoints: dict[int, str]) -> str:
        """The derivatives by the parameters and by each argument, in its shape."""
        parts = [self._listed(adjoints.get(node, "0") for node in self.made.parameters)] if self.parameters else []
        for _, shape, nodes in self.made.arguments:
            texts = [adjoints.get(node, "0") for node in nodes]
            for length in reversed(shape):
                texts = [self._listed(texts[start : start + length]) for start in range(0, len(texts), length)]
            parts += texts
        return self._listed(parts)

    def _shown(self, adjoints: dict[int, str] | None) -> Iterator[str]:
        """The rows of `steps`: a name, the value, and the adjoint where there is one result."""
        rows = []
        for step in self.operations:
            name = string_text(self.made.labels.get(step.node) or self.names[step.node])
            row = [name, self.names[step.node], *([] if adjoints is None else [adjoints.get(step.node, "0")])]
            rows.append(self._listed(row))
        if rows:
            calls = [f"seen.push({', '.join(part)});" for part in _parts(rows)]
            yield from _block("if (seen)", calls)

    @staticmethod
    def _listed(texts: Iterable[str]) -> str:
        return f"[{', '.join(texts)}]"


def _times(local: Script, adjoint: Script) -> Script:
    """local * adjoint, without a factor of 1 or -1."""
    if local.text in ("1", "-1"):
        return adjoint if local.text == "1" else -adjoint
    product: Script = local * adjoint
    return product


def _received(name: str, part: Script, is_plain: bool) -> str:
    """The statement by which an adjoint grows; one that is not plain has no number before it is reached."""
    if not is_plain:
        return f"{name} = ({name} ?? 0) + {part.text};"
    if part.text.startswith("-"):  # a sum would stand in parentheses
        return f"{name} -= {part.text[1:]};"
    return f"{name} += {part.text};"


def _function(name: str, signature: str, body: Iterable[str]) -> str:
    return "\n".join([f"export const {name} = ({signature}) => {{", *(f"  {line}" for line in body), "};"])


def _block(head: str, lines: Iterable[str]) -> list[str]:
    return [f"{head} {{", *(f"  {line}" for line in lines), "}"]


def _declared(names: Iterable[str], kind: str = "let") -> Iterator[str]:
    yield from (f"{kind} {', '.join(part)};" for part in _parts(list(names)))


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (texts[start : start + _TOGETHER] for start in range(0, len(texts), _TOGETHER))


def _comment(text: str) -> str:
    return comment_text(text).replace("<", "(")

"""What the page asks of the library, in the browser: a sketch is run, moved, stepped, checked; JSON in and out.

Numbers travel as texts, since JSON has neither nan nor inf. Whatever goes wrong is part of an answer: `error` with its line.
"""

import json
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from html import escape
from io import StringIO
from typing import Any, Final

import autograd_lite
from autograd_lite.drawing import draw
from autograd_lite.engine.text import number_text
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.pages import document
from autograd_lite.playground.sketch import FILE, Runner, Sketch

MOST_DEEP: Final = (
    1_000  # operations in a row. Freeing some thousands at once ends the browser's Python, and with it the page's state
)
MOST_PRINTED: Final = 20_000  # characters
MOST_SHOWN: Final = 6
MOST_NAMED: Final = 40
MOST_INPUTS: Final = 40
MOST_SQUARED: Final = 12  # inputs of a Hessian


class SketchError(ValueError):
    """A sketch that runs, and of which there is nothing to show."""


class Session:
    """The sketch of one page, with its numbers.

    Args:
        compiled: from a text to what runs it; see `Sketch`.
    """

    def __init__(self, compiled: Callable[[str], Runner]) -> None:
        self._compiled = compiled
        self._sketch: Sketch | None = None
        self._numbers: dict[str, float] = {}
        self._views = {
            "passes": self._passes,
            "steps": self._steps,
            "check": self._check,
            "hessian": self._hessian,
            "source": self._source,
        }

    def answer(self, request: str) -> str:
        """The answer to one request of the page.

        Args:
            request: JSON: `do`, which is "passes", "steps", "check", "hessian" or "source"; `text`; `numbers`, texts by input.
        """
        asked, start = json.loads(request), time.perf_counter()
        printed = _Printed()
        with redirect_stdout(printed):
            try:
                found = self._answer(asked)
            except BaseException as error:  # of a student's text: whatever it may be, SystemExit and KeyboardInterrupt among them
                found = {"error": told(error), "inputs": self._inputs()}  # a slider may lead back to where there is an answer
        found |= {"printed": printed.getvalue(), "milliseconds": round(1000 * (time.perf_counter() - start), 1)}
        return json.dumps(found)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self._sketch is None or self._sketch.text != asked["text"]:
            self._sketch, self._numbers = None, {}
            self._sketch = Sketch(asked["text"], self._compiled)
        given = {name: float(number) for name, number in asked["numbers"].items()}
        self._numbers = self._sketch.inputs | {name: given[name] for name in self._sketch.inputs if name in given}
        return self._views[asked["do"]](self._sketch)

    # ---- both passes ---------------------------------------------------------------------------------------------------------

    def _passes(self, sketch: Sketch) -> dict[str, Any]:
        """Value, gradients, picture, and what was shown."""
        shown: list[str] = []
        if (count := len(self._numbers)) > MOST_INPUTS:
            raise SketchError(f"{count} inputs, and there is room for {MOST_INPUTS} sliders: give some of them a number")
        out, names = sketch.run(self._numbers, show=lambda thing: shown.append(page_of(thing)))
        inputs = self._inputs()
        found: dict[str, Any] = {"shown": shown[-MOST_SHOWN:], "inputs": inputs}
        if not isinstance(out, Value):
            if out is not None:
                found["shown"].append(page_of(out))
            return found
        order = topological_order(out)
        deep = depth(order)
        if deep > MOST_DEEP:
            del out
            names.clear()
            while order:  # node by node, users before operands: dropped whole, such a graph would end the browser's Python
                order.pop()
            raise SketchError(
                f"the result is {deep:,} operations deep, and this page shows {MOST_DEEP:,}: deeper ones would end the Python of a "
                "browser. Use fewer repetitions, or `total` for a sum; Python on a computer has no such limit."
            )
        return found | _pictured(out, order, names, inputs)

    def _inputs(self) -> list[dict[str, Any]]:
        own = self._sketch.own if self._sketch else set()
        return [{"name": name, "number": repr(x), "own": name in own} for name, x in self._numbers.items()][:MOST_INPUTS]

    def _value(self, sketch: Sketch) -> Value:
        out, _ = sketch.run(self._numbers, show=lambda thing: None)
        if not isinstance(out, Value):
            raise SketchError("the last line gives no Value: there is nothing to differentiate")
        return out

    # ---- the other views -----------------------------------------------------------------------------------------------------

    def _steps(self, sketch: Sketch) -> dict[str, Any]:
        out = self._value(sketch)
        for node in topological_order(out):
            node.grad = 0.0  # a sketch may have called `backward`
        return {"page": autograd_lite.record(out).html()}

    def _check(self, sketch: Sketch) -> dict[str, Any]:
        self._value(sketch)
        verdict = autograd_lite.check(sketch.function(), tuple(self._point(sketch)))
        rows = []
        for part in verdict.components:
            numbers = [number_text(part.claimed), number_text(part.expected.value), f"{part.bar:.1e}"]
            rows.append([part.name, *numbers, part.expected.method, part.outcome])
        return {"rows": rows, "outcome": verdict.outcome, "text": str(verdict)}

    def _hessian(self, sketch: Sketch) -> dict[str, Any]:
        self._value(sketch)
        names = list(sketch.inputs)
        if len(names) > MOST_SQUARED:
            raise SketchError(f"{len(names)} inputs make {len(names) ** 2} second derivatives, and {MOST_SQUARED} inputs are shown")
        rows = autograd_lite.hessian(sketch.function())(*self._point(sketch))
        return {"names": names, "rows": [[number_text(x) for x in row] for row in rows]}

    def _source(self, sketch: Sketch) -> dict[str, Any]:
        found: dict[str, Any] = {"script": sketch.script(self._numbers), "passes": str(autograd_lite.record(self._value(sketch)))}
        try:
            program = autograd_lite.trace(sketch.function(), *self._point(sketch))
            found["program"] = program.source
        except ModuleNotFoundError as error:  # NumPy
            found["needed"] = str(error)
        return found

    def _point(self, sketch: Sketch) -> list[float]:
        if not sketch.inputs:
            raise SketchError("no inputs to differentiate by: use a name that is given nowhere, or a line like a = Value(2)")
        return [self._numbers[name] for name in sketch.inputs]


def _pictured(out: Value, order: list[Value], names: Mapping[str, Any], inputs: list[dict[str, Any]]) -> dict[str, Any]:
    values = {name: thing for name, thing in names.items() if isinstance(thing, Value)}
    for node in order:
        node.grad = 0.0
    if out.requires_grad:
        out.backward()
    inside = {id(node) for node in order}
    leaves = {str(node.label): node for node in order if not node.operands}
    for each in inputs:
        leaf = values.get(each["name"]) or leaves.get(each["name"])
        each["grad"] = number_text(leaf.grad) if leaf is not None and id(leaf) in inside else "0"
    own = {each["name"] for each in inputs}
    named = [
        [name, number_text(value.data), number_text(value.grad) if id(value) in inside and value.requires_grad else ""]
        for name, value in values.items()
        if name not in own
    ]
    graph = draw(out)
    return {
        "root": str(out.label or "L"),
        "value": number_text(out.data),
        "named": named[:MOST_NAMED],
        "svg": graph.svg(),
        "tree": graph.text(),
        "operations": sum(bool(node.operands) for node in order),
    }


def depth(order: list[Value]) -> int:
    """The most operations in a row, of nodes in topological order.

    >>> depth(topological_order(Value(1.0) * 2.0 + 3.0))
    2
    """
    levels: dict[int, int] = {}
    for node in order:
        levels[id(node)] = 1 + max(levels[id(operand)] for operand in node.operands) if node.operands else 0
    return levels[id(order[-1])]


def page_of(thing: Any) -> str:
    """A page that shows a thing: its own if it has one, what a notebook would show, or its text."""
    if callable(getattr(thing, "html", None)):
        return str(thing.html())
    for name in ("_repr_html_", "_repr_svg_", "_repr_mimebundle_"):
        if callable(getattr(thing, name, None)):
            found = getattr(thing, name)()
            found = found.get("text/html") or found.get("image/svg+xml") if isinstance(found, dict) else found
            if found:
                return document("shown", ":root{color-scheme:light dark}body{font-family:sans-serif}", str(found))
    return document("shown", ":root{color-scheme:light dark}", f"<pre>{escape(str(thing))}</pre>")


def told(error: BaseException) -> dict[str, Any]:
    """The error as Python says it, and the line of the sketch that it came from."""
    if isinstance(error, NameError) and error.name:
        try:
            getattr(autograd_lite, error.name)
        except AttributeError as advice:
            if not str(advice).endswith(repr(error.name)):  # else it says no more than Python does
                error.add_note(str(advice))
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    if isinstance(error, SyntaxError) and error.filename == FILE:
        lines.append(error.lineno)
    text = "".join(traceback.format_exception_only(error)).strip()
    return {"text": text.removeprefix(f"{SketchError.__module__}.SketchError: "), "line": lines[-1] if lines else None}


class _Printed(StringIO):
    """What was printed, up to a length."""

    def write(self, text: str) -> int:
        left = MOST_PRINTED - self.tell()
        if left > 0:
            super().write(text if len(text) <= left else f"{text[:left]}\n... and more")
        return len(text)

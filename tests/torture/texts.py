"""Expressions, sound and not; and labels that would break out of whatever a graph is written as."""

import ast
import json
import re
from contextlib import suppress
from html.parser import HTMLParser
from random import Random
from xml.etree import ElementTree

from autograd_lite import Value, tanh
from autograd_lite.drawing import draw, why
from autograd_lite.expressions import Expression, ExpressionError, parse
from autograd_lite.functions import scalar_functions
from autograd_lite.stepping import record

from .cases import Case, generator
from .command_lines import STRANGERS, expression, spoiled

LABELS = [
    *STRANGERS,
    "</text><script>alert(1)</script>", "]]>", "<!--", "-->", "&amp;", "&#0;", "\x1b[31m", "\r\n", "\x07", '"];x[label="', "\\N", "\\",
    "{a|b}", "<b>", "\u2028", "\ufeff", "x" * 2000, "${x}", "`", "</style>", "'--", "\ud83d",
]  # fmt: skip


@generator("expressions")
def expressions(case: Case) -> None:
    """Refused with a place in the text, or computed to what Python's own tree of the text says."""
    for _ in range(50):
        text = spoiled(expression(case.random, 4), case.random)
        case.note(f"parse({text!r}, scalar_functions())")
        try:
            parsed = parse(text, scalar_functions())
        except ExpressionError as error:
            _check_place(error, text)
            continue
        try:
            with suppress(ArithmeticError, ValueError):
                _check_numbers(parsed)
        except TypeError as error:
            if "the order of polygamma must be a whole number" not in str(error):
                raise


def _check_numbers(parsed: Expression) -> None:
    result = parsed(dict.fromkeys(parsed.names, 0.75))
    assert isinstance(result, float)
    values = parsed({name: Value(0.75, label=name) for name in parsed.names})
    number = values.data if isinstance(values, Value) else values
    assert number == result or abs(number - result) <= 1e-12 * abs(result) or (number != number and result != result)


def _check_place(error: ExpressionError, text: str) -> None:
    assert 0 <= error.start <= error.end <= len(error.text) == len(text)
    assert len(str(error).splitlines()) == 3


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)


def _graph(labels: list[str | None]) -> Value:
    """The same graph whatever the labels."""
    a, b, c = (Value(number, label=label) for number, label in zip((0.5, -0.25, 2.0), labels, strict=False))
    product = a * b
    product.label = labels[3]
    return tanh(product + c) * a


def _label(random: Random) -> str:
    """With a letter before, so that it is a label, and no dots, which would make it a module's, with a frame of its own."""
    return "k" + "".join(random.choice(LABELS) for _ in range(random.randint(1, 3)))


@generator("hostile labels")
def labels(case: Case) -> None:
    """Every picture and page has the structure that it has with tame labels."""
    hostile: list[str | None] = [_label(case.random) for _ in range(4)]
    case.note(f"labels {hostile!r}")
    found, tame = _graph(hostile), _graph(["a", "b", "c", "d"])
    for root in (found, tame):
        root.backward()
    svg, svg_of_tame = (ElementTree.fromstring(draw(root).svg("builtin")) for root in (found, tame))
    assert [node.tag for node in svg.iter()] == [node.tag for node in svg_of_tame.iter()], "the picture has other elements"
    page, page_of_tame = (_Page(record(root).html()) for root in (found, tame))
    assert page.tags == page_of_tame.tags, "the page has other elements"
    source = draw(found).dot.source
    assert len(_unquoted(source).splitlines()) == len(_unquoted(draw(tame).dot.source).splitlines()), "the DOT text has other lines"
    for text in (draw(found).text(), str(why(found, found.operands[1])), svg_text(svg)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), "a control character is shown"
    assert json.dumps(source)
    assert ast.literal_eval(repr(source)) == source


def svg_text(svg: ElementTree.Element) -> str:
    return " ".join(svg.itertext())


def _unquoted(source: str) -> str:
    """DOT without what stands in quotes."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', '""', source, flags=re.DOTALL)

"""What a failed check tells: the numbers, the first node of the graph that is wrong, and three lines that show it again."""

import sys
from collections.abc import Mapping
from typing import Any

from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value
from autograd_lite.testing.checker.local import WrongEdge, first_wrong_edge
from autograd_lite.testing.checker.ties import labelled_graph
from autograd_lite.testing.checker.verdict import Component, Verdict
from autograd_lite.testing.graphs import importable, operand_numbers
from autograd_lite.testing.numeric.arguments import Target
from autograd_lite.testing.numeric.engines import OURS


def failure_report(verdict: Verdict, target: Target, options: Mapping[str, Any]) -> str:
    """The text of the AssertionError.

    Args:
        verdict: what the check found.
        target: the function at the point.
        options: those of the check. Without a `gradient`, the derivatives come from a graph of this engine, which can be searched.
    """
    worst, lines, own_graph = verdict.worst, facts(verdict), options.get("gradient") is None
    wrong = _search(target) if own_graph and worst.outcome == "disagrees" else None
    if worst.outcome == "inconclusive":
        lines += [f"  advice      {_advice(worst)}"]
    elif wrong is not None:
        lines += [f"  first wrong {wrong}"]
    elif own_graph and target.engine is OURS:
        lines += ["  first wrong none: every local derivative is right, so the graph or the sweep is at fault (is `.data` used?)"]
    to_run = _function_lines(target, options) if wrong is None else _primitive_lines(wrong)
    return "\n".join([*lines, "", "To see it again:", "", *(f"    {line}" for line in to_run)])


def facts(verdict: Verdict) -> list[str]:
    """The verdict and its numbers, line by line."""
    worst = verdict.worst
    lines = [str(verdict), "", f"  function    {verdict.expression}"]
    lines += [f"  point       {', '.join(f'{name} = {number!r}' for name, number in list(verdict.point.items())[:12])}"]
    lines += [f"  claimed     {worst.claimed!r}", f"  expected    {worst.expected.value!r} by {worst.expected.method}"]
    return [*lines, f"  error bar   {worst.bar:.3g}, and the two are {worst.gap:.3g} apart"]


def _advice(worst: Component) -> str:
    if worst.expected.is_jump:
        return "the function jumps here, so no derivative is right; move off the jump"
    if worst.gap > worst.bar:
        return "the number is off by what rounding may explain; compute it with fewer cancelling terms, or say precision="
    return "the bar is too wide to tell; let f take Values (its own `exp` for math.exp), install mpmath, or move off the kink"


def _search(target: Target) -> WrongEdge | None:
    found = (first_wrong_edge(output) for output in labelled_graph(target)[0] if isinstance(output, Value))
    return next((wrong for wrong in found if wrong is not None), None)


# ---- lines that run ----------------------------------------------------------------------------------------------------


def _primitive_lines(wrong: WrongEdge) -> list[str]:
    primitive = wrong.node.primitive
    assert primitive is not None
    numbers = tuple(operand_numbers(wrong.node))
    module, name = importable(primitive)
    return [
        f"from {module} import {name.partition('(')[0]}",
        "from autograd_lite.testing import as_function, check",
        f"print(check(as_function({name}), {numbers!r}))",
    ]


def _function_lines(target: Target, options: Mapping[str, Any]) -> list[str]:
    line, name = _imported("f", target.function)
    lines, arguments = [line, "from autograd_lite.testing import check"], [name, repr(target.arguments)]
    for option, given in options.items():
        if isinstance(given, int | float | str):
            arguments.append(f"{option}={given!r}")
        elif given is not None:
            line, name = _imported(option, given)
            lines.append(line)
            arguments.append(f"{option}={name}")
    return [*lines, f"print(check({', '.join(arguments)}))"]


def _imported(role: str, thing: Any) -> tuple[str, str]:
    """A line that brings something that a check was given, and its name there; a line to fill in where it stands in no module."""
    name, module = getattr(thing, "__qualname__", ""), getattr(thing, "__module__", None)
    if module and name.isidentifier() and getattr(sys.modules.get(module), name, None) is thing:
        return f"from {module} import {name}", name
    what = "the function under test" if role == "f" else f"what was given as {role}"
    return f"{role} = ...  # {what}, {shorten(repr(thing), 60)}", role

"""The error table behind `--grad-report`: what was checked, how it came out, and how exact every operation was.

The error of an operation is that of its recorded local derivatives, in units in the last place (ulp) of the exact one.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.files import write_whole
from autograd_lite.testing.checker.kinks import documented_point
from autograd_lite.testing.checker.ties import graph_if_any
from autograd_lite.testing.checker.verdict import Component, Verdict
from autograd_lite.testing.graphs import as_function, operand_numbers
from autograd_lite.testing.numeric.arguments import Target, arguments_of
from autograd_lite.testing.numeric.engines import PLAIN
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.oracles import probe

_MOST_NODES = 300  # of one graph; a network of a thousand neurons has a handful of operations


@dataclass
class Accuracy:
    """How exact the derivatives of one operation were.

    Attributes:
        name: of the primitive.
        derivatives: how many were measured.
        worst: the largest error, in ulp.
        at: the operands there.
    """

    name: str
    derivatives: int = 0
    worst: float = 0.0
    at: tuple[float, ...] = ()


class CheckedCase(NamedTuple):
    """One check of a test run.

    Attributes:
        test: its name.
        outcome: agrees, disagrees or inconclusive.
        on_kink: whether the point stands on a kink.
        worst: the derivative to look at first.
    """

    test: str
    outcome: str
    on_kink: bool
    worst: Component


@dataclass
class ErrorTable:
    """The cases of a test run.

    Example:
        >>> from autograd_lite.testing import check
        >>> table = ErrorTable()
        >>> table.add("square", lambda x: x * x, 3.0, check(lambda x: x * x, 3.0))
        >>> print("\\n".join(table.lines()))
        1 case: 1 agrees, 0 disagree, 0 inconclusive (0.0 %); 0 on a kink (0.0 %)
        operation  derivatives  worst error  at
        multiply             2      0.0 ulp  (3.0, 3.0)
    """

    cases: list[CheckedCase] = field(default_factory=list)
    operations: dict[str, Accuracy] = field(default_factory=dict)
    _known: set[tuple[str, tuple[float, ...]]] = field(default_factory=set)

    def add(self, name: str, function: Callable[..., Any], point: Any, verdict: Verdict) -> None:
        """Enters one case, and the operations of its graph."""
        self.enter(name, verdict)
        self.measure(function, point)

    def enter(self, name: str, verdict: Verdict) -> None:
        """Enters one case."""
        self.cases.append(CheckedCase(name, verdict.outcome, bool(verdict.kinks), verdict.worst))

    def measure(self, function: Callable[..., Any], point: Any) -> None:
        """Enters the operations of a function's graph."""
        outputs, _ = graph_if_any(Target(function, arguments_of(function, point), PLAIN))
        for output in outputs:
            for node in topological_order(output)[:_MOST_NODES] if isinstance(output, Value) else ():
                if node.primitive is not None:
                    self._measure(node.primitive, tuple(operand_numbers(node)), node.local_derivatives)

    def _measure(self, primitive: Primitive, operands: tuple[float, ...], recorded: Sequence[float | None]) -> None:
        if (primitive.name, operands) in self._known:
            return
        self._known.add((primitive.name, operands))
        operation = self.operations.setdefault(primitive.name, Accuracy(primitive.name))
        if documented_point(primitive, operands) is not None:
            return
        for index, local in enumerate(recorded):
            exact = None if local is None else _exact(primitive, operands, index)
            if local is None or exact is None or exact.is_kink or not math.isfinite(exact.error):
                continue
            operation.derivatives += 1
            ulps = abs(local - exact.value) / math.ulp(exact.value)
            if ulps > operation.worst or not operation.at:
                operation.worst, operation.at = ulps, operands

    def counts(self) -> dict[str, int]:
        """How many cases had each outcome, and how many stood on a kink.

        >>> ErrorTable().counts()
        {'agrees': 0, 'disagrees': 0, 'inconclusive': 0, 'kink': 0}
        """
        outcomes = [case.outcome for case in self.cases]
        counts = {outcome: outcomes.count(outcome) for outcome in ("agrees", "disagrees", "inconclusive")}
        return counts | {"kink": sum(case.on_kink for case in self.cases)}

    def lines(self) -> Iterator[str]:
        """The report, line by line."""
        counts, total = self.counts(), len(self.cases)
        agree = f"{counts['agrees']} agree{'s' if counts['agrees'] == 1 else ''}"
        disagree = f"{counts['disagrees']} disagree{'s' if counts['disagrees'] == 1 else ''}"
        unclear = f"{counts['inconclusive']} inconclusive ({counts['inconclusive'] / max(1, total):.1%})".replace("%", " %")
        kinks = f"{counts['kink']} on a kink ({counts['kink'] / max(1, total):.1%})".replace("%", " %")
        yield f"{total} case{'' if total == 1 else 's'}: {agree}, {disagree}, {unclear}; {kinks}"
        measured = sorted(self.operations.values(), key=lambda operation: -operation.worst)
        if measured:
            width = max(9, *(len(operation.name) for operation in measured))
            yield f"{'operation':{width}}  derivatives  worst error  at"
            for operation in measured:
                at = repr(operation.at) if operation.at else "documented points only"
                yield f"{operation.name:{width}}  {operation.derivatives:11}  {operation.worst:7.1f} ulp  {at}"

    def markdown(self) -> Iterator[str]:
        """The report as Markdown: the counts, and a row for each case, what needs a look first."""
        heading, *operations = self.lines()
        yield f"**Derivatives.** {heading}\n"
        yield "| test | outcome | derivative | claimed | expected | error bar | oracle |"
        yield "|---|---|---|---|---|---|---|"
        for case in sorted(self.cases, key=lambda case: case.worst.severity[0], reverse=True):
            worst, shown = case.worst, case.outcome if case.outcome == "agrees" else f"**{case.outcome}**"
            cells = [case.test, shown, worst.name, f"{worst.claimed:.9g}", f"{worst.expected.value:.9g}", f"{worst.bar:.1e}"]
            yield f"| {' | '.join(_cell(text) for text in [*cells, worst.expected.method])} |"
        if operations:
            yield "\n<details><summary>How exact the operations were</summary>\n\n```text"
            yield from operations
            yield "```\n\n</details>"

    def write(self, path: Path) -> Path:
        """Writes the report: Markdown if the file is called so, else JSON."""
        if path.suffix == ".md":
            return write_whole(path, "\n".join(self.markdown()) + "\n")
        cases = [{"test": each.test, "outcome": each.outcome, "on_kink": each.on_kink} for each in self.cases]
        operations = [
            {"name": each.name, "derivatives": each.derivatives, "worst_ulp": each.worst, "at": list(each.at)}
            for each in self.operations.values()
        ]
        return write_whole(path, json.dumps({"counts": self.counts(), "cases": cases, "operations": operations}, indent=1) + "\n")


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    return re.sub(r"([\\|*_`<>\[\]])", r"\\\1", " ".join(text.split())) if not text.startswith("**") else text


def _exact(primitive: Primitive, operands: tuple[float, ...], index: int) -> Estimate | None:
    """The sharpest answer about one local derivative; mpmath's is exact to a float."""
    if not all(map(math.isfinite, operands)):
        return None
    numerical = probe(Target(as_function(primitive), operands, PLAIN), 0, (index,))
    answers = (method() for method in (numerical.exact, numerical.analytic))
    return next((answer for answer in answers if math.isfinite(answer.error)), None)

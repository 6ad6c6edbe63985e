"""What rounding did to a value: a bound, an estimate, the digits that are certain, and where the others were lost."""

from collections.abc import Sequence
from html import escape
from math import floor, hypot, inf, isfinite
from typing import Any

from autograd_lite.calculus.rounding.analysis import DIGITS, HELD, NodeRounding, digits_of
from autograd_lite.engine.text import number_text, shorten, visible

_LOSES = 1.0  # digits: what is lost at less than that is left out of the text
_MATTERS = 0.01  # of the bound: errors that pass through a value below it are left out
_SHOWN = 5  # places
_LONGEST = 60  # letters of an expression
_SLACK = 1e-9  # relative: for the rounding of adjoints, and of the bound itself


class Rounding:
    """The rounding error of a value. Given by `rounding`; printed, it is a table.

    Attributes:
        value: the number.
        bound: how far it is off at most: the sum over all operations of |d value / d result| * (their rounding + bend).
        estimate: how far it probably is off: with the roundings themselves where exact arithmetic tells, the others at random.
        digits: how many decimal digits are certain, at most 15.95; 0 where `is_certain` is False.
        is_certain: whether the bound can be trusted; `notes` say why not.
        notes: what stands in the way, as sentences.
        nodes: a NodeRounding for every value of the graph, operands before users.
    Example:
        >>> from autograd_lite.calculus.rounding import rounding
        >>> found = rounding(lambda x: (1.0 + x) - 1.0, 1e-12)
        >>> found.value, round(found.digits, 1), found.is_certain, found.value - 1e-12 <= found.bound
        (1.000088900582341e-12, 4.0, True, True)
        >>> [node.text for node in found.lost], [node.text for node in found.made]
        (['1 + x - 1'], ['1 + x'])
        >>> found.summary
        '1.000088900582341e-12, off by 1.1e-16 at most, probably by 9e-17: 3 of 16 digits are certain'
        >>> [(what, how_much) for what, how_much, line in found.rows()]
        [('`1 + x - 1`', 'cancellation, 12 of 16 digits lost'), ('`1 + x`', 'rounded: 100 % of the bound')]
    """

    def __init__(self, value: float, nodes: Sequence[NodeRounding], doubts: Sequence[str]) -> None:
        self.value = value
        self.nodes = list(nodes)
        shares = [node.share for node in nodes]
        self.bound = sum(shares) * (1.0 + _SLACK) if all(map(isfinite, shares)) else inf
        known = sum(node.adjoint * node.made for node in nodes if node.made and isfinite(node.adjoint))
        spread = hypot(*(node.adjoint * node.spread for node in nodes if node.spread))
        self.estimate = hypot(known, spread) if isfinite(self.bound) else inf
        self.notes = tuple(doubts)
        self.is_certain = not doubts and isfinite(self.bound)
        self.digits = digits_of(value, self.bound) if self.is_certain else 0.0

    @property
    def lost(self) -> list[NodeRounding]:
        """The values in which a digit or more was lost, the most first; none where the result lacks none."""
        if digits_of(self.value, self.bound) > DIGITS - _LOSES:
            return []
        found = [node for node in self.nodes if node.lost >= _LOSES and node.through > _MATTERS * self.bound]
        return sorted(found, key=lambda node: -node.lost)

    @property
    def made(self) -> list[NodeRounding]:
        """The values whose own rounding moved the result, the most first."""
        return sorted((node for node in self.nodes if node.share), key=lambda node: -node.share)

    def rows(self) -> list[tuple[str, str, str]]:
        """The places that lost digits, then those whose roundings they made visible: what, how much, and the line."""
        found = [(_shown(node), node.loss, node.place) for node in _first(self.lost)]
        for node in _first(self.made):
            share = node.share / self.bound if isfinite(self.bound) else 1.0
            if share >= _MATTERS:
                what = "uncertain as given" if node.primitive is None else "rounded"
                found.append((_shown(node), f"{what}: {100.0 * share:.0f} % of the bound", node.place))
        return found

    @property
    def summary(self) -> str:
        """The result in a line."""
        if not self.bound and self.is_certain:
            return f"{self.value!r} is exact"
        sure = f"{floor(self.digits)} of {HELD} digits are certain" if self.is_certain else "not certain"
        return f"{self.value!r}, off by {number_text(float(f'{self.bound:.2g}'))} at most, probably by {self.estimate:.1g}: {sure}"

    def __repr__(self) -> str:
        lines = [self.summary]
        rows = self.rows()
        widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
        lines += [f"  {visible(a, 200):{widths[0]}}  {b:{widths[1]}}  {visible(c, 200)}".rstrip() for a, b, c in rows]
        return "\n".join([*lines, *(f"  note: {visible(note, 400)}" for note in self.notes)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(what.strip('`'))}</code></td><td>{escape(how)}</td><td>{escape(line)}</td></tr>"
            for what, how, line in self.rows()
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p><b>{escape(self.summary)}</b></p><table>{rows}</table>{notes}"


def _shown(node: NodeRounding) -> str:
    return f"`{shorten(node.text, _LONGEST)}`"


def _first(nodes: Sequence[NodeRounding]) -> list[NodeRounding]:
    """The first few; of those that one line made of one kind, the first."""
    found: dict[Any, NodeRounding] = {}
    for node in nodes:
        found.setdefault((node.place, node.primitive) if node.place else id(node), node)
    return list(found.values())[:_SHOWN]

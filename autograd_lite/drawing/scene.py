"""Scene: a picture as plain data, without a layout; every writer (SVG, DOT, text) reads it.

A scene holds texts and class names, no Values: it shows the graph as it was when the picture was asked for.

    node    a rounded box: one value, or a group of values drawn as one
    edge    operand -> user, by position in `nodes`; a repeated operand is two edges
    tint    what a box is filled with: pos1 .. pos4, neg1 .. neg4 (sign and size of the gradient), zero (exactly 0 after a
            backward pass), nan, or none (no backward pass yet, or a constant)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, isnan
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
DIGITS = 4
TINTS = ("none", "zero", "nan", "pos1", "pos2", "pos3", "pos4", "neg1", "neg2", "neg3", "neg4")
BUSY = 120  # edges; above it they are drawn thinner and let others shine through
WIDTHS = (0.7, 1.0, 1.6, 2.4, 3.4)  # of edges, in points, by `Edge.width`
_STEPS = (0.3, 0.03, 0.003)  # of the largest magnitude in the picture: each step down is one shade paler


@dataclass(frozen=True, slots=True)
class Node:
    """A box.

    Attributes:
        id: `n7` for the value at place 7 of `topological_order`, `g2` for a group.
        kind: "operation", "leaf" (of the user's), "constant", or "group".
        op: the operation, short; empty for leaves.
        label: the user's name for it, as it was given.
        data: what the line of the number says.
        grad: what the line of the gradient says; empty for constants.
        tint: one of TINTS.
        cluster: the place of its frame in `Scene.clusters`, or None.
        emphasis: "path" where highlighted, "dim" where something else is, else empty.
        detail: a longer text to show on hovering.
    """

    id: str
    kind: str
    op: str
    label: str
    data: str
    grad: str
    tint: str = "none"
    cluster: int | None = None
    emphasis: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A use of an operand: `e9_0` is operand 0 of the value n9.

    Attributes:
        operand, user: places in `Scene.nodes`.
        local: the local derivative as text; empty towards constants.
        width: 0 .. 4, by the size of its contribution to the operand's gradient; 1 before a backward pass.
        dead: whether the local derivative is exactly 0.
        emphasis: as for nodes.
        share: with a highlight, the part of the gradient that flows here, as text.
    """

    id: str
    operand: int
    user: int
    local: str
    width: int = 1
    dead: bool = False
    emphasis: str = ""
    share: str = ""

    @property
    def text(self) -> str:
        """What stands at the edge."""
        return f"{self.local}  {self.share}".strip()


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: boxes with their operands before them, edges by user and position, frames, a title, notes on what was left out.

    `root` is the last of the `roots`, of which there are several where several graphs are drawn together.
    """

    nodes: list[Node]
    edges: list[Edge]
    clusters: list[str]
    root: int
    title: str = ""
    notes: tuple[str, ...] = ()
    roots: tuple[int, ...] = ()

    def is_root(self, place: int) -> bool:
        """Whether what is drawn was asked for at this place."""
        return place == self.root or place in self.roots

    @property
    def busy(self) -> bool:
        """Whether there are so many edges that they would hide each other."""
        return len(self.edges) > BUSY


def legend(scene: Scene) -> list[tuple[str, str]]:
    """What the colours of a picture say: pairs of a class and words; nothing before a backward pass.

    >>> legend(Scene([Node("n0", "leaf", "", "x", "1", "2", "pos4")], [], [], 0))
    [('pos3', 'grad > 0'), ('', 'the darker, the larger')]
    """
    tints = {node.tint[:3] for node in scene.nodes}
    signs = [(f"{sign}3", f"grad {than} 0") for sign, than in (("pos", ">"), ("neg", "<")) if sign in tints]
    found = [*signs, ("", "the darker, the larger")] if signs else []
    found += [("zero", "grad = 0")] if "zer" in tints else []
    found += [("nan", "grad is nan")] if "nan" in tints else []
    return found + ([("dead", "local derivative 0")] if found and any(edge.dead for edge in scene.edges) else [])


def family(name: str) -> tuple[str, int] | None:
    """A name that ends in a number, as the name of its family and the number; families keep their order in a picture.

    >>> family("layer0.neuron12"), family("heads[3]"), family("tanh")
    (('layer0.neuron', 12), ('heads[', 3), None)
    """
    found = re.fullmatch(r"(.+?)(\d+)\]?", name)
    return (found[1], int(found[2])) if found else None


def number(x: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits; zero has no sign.

    >>> number(0.25973), number(-0.0), number(1e-9)
    ('0.2597', '0', '1e-09')
    """
    return f"{x + 0.0:.{digits}g}"


def largest(magnitudes: Iterable[float]) -> float:
    """The largest finite magnitude, or 0.0.

    >>> largest([0.5, -2.0, float("inf")])
    2.0
    """
    return max([size for x in magnitudes if (size := abs(x)) < inf], default=0.0)


def by_key(pairs: Iterable[tuple[K, V]], keys: Iterable[K] = ()) -> dict[K, list[V]]:
    """The values of each key, in their order; of `keys` also those that have none.

    >>> by_key([("a", 1), ("b", 2), ("a", 3)]), by_key([(0, 1)], range(2))
    ({'a': [1, 3], 'b': [2]}, {0: [1], 1: []})
    """
    found: dict[K, list[V]] = {key: [] for key in keys}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def shade(x: float, top: float) -> int:
    """How dark |x| is on a logarithmic scale that ends at `top`: 4 down to 1, and 0 for exactly nothing.

    >>> [shade(x, 1.0) for x in (1.0, -0.1, 0.01, 1e-9, 0.0)]
    [4, 3, 2, 1, 0]
    """
    return 4 - sum(abs(x) < step * top for step in _STEPS) if x else 0


def tint(gradient: float, top: float) -> str:
    """The tint of a value whose gradient is known; `top` is the largest magnitude in the picture, 0.0 before a backward pass.

    >>> tint(1.0, 1.0), tint(-0.1, 1.0), tint(0.0, 1.0), tint(0.0, 0.0)
    ('pos4', 'neg3', 'zero', 'none')
    """
    if isnan(gradient):
        return "nan"
    if gradient == 0.0:
        return "zero" if top else "none"
    return f"{'pos' if gradient > 0 else 'neg'}{shade(gradient, top)}"

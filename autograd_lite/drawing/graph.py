"""draw: the picture of a graph, in the view that fits."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from autograd_lite.drawing.live.branches import computed
from autograd_lite.drawing.live.movable import Movable, movable
from autograd_lite.drawing.picture import Graph
from autograd_lite.drawing.scene import DIGITS, Scene
from autograd_lite.drawing.view.collapse import collapsed, functions_folded
from autograd_lite.drawing.view.composites import Composite, composites
from autograd_lite.drawing.view.focus import focus
from autograd_lite.drawing.view.full import full_scene
from autograd_lite.drawing.view.grouped import grouped_scene
from autograd_lite.drawing.view.highlight import GradientFlow, highlighted, place_of
from autograd_lite.drawing.view.homes import ModulePath, homes
from autograd_lite.drawing.view.partition import Partition
from autograd_lite.drawing.view.rounded import filled_by
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.engine.value import Value

CUT_OVER: Final = 150  # values; above it the picture is collapsed


def draw(
    value: Value | Sequence[Value] | Callable[[], Value | Sequence[Value]],
    *,
    depth: int | None = None,
    highlight: Value | None = None,
    max_nodes: int | None = CUT_OVER,
    title: str | None = None,
    digits: int = DIGITS,
    color: str = "gradient",
) -> Graph:
    """The picture of everything that a value was computed from, as it is now.

    One box per value: operation, label, data, grad; the local derivative on every edge. The fill is the gradient: orange above 0,
    blue below, the darker the larger (logarithmically); grey and dashed where it is exactly 0 after a backward pass.

    Args:
        value: the root, usually the loss; or a list of roots, drawn together; or a function of no arguments that computes either,
            whose comparisons are noted: the live page then says when a moved leaf would turn one of them.
        depth: draw modules as one box each: 1 for layers, 2 for their neurons. Modules are read off the parameters' labels.
        highlight: a value of the graph whose ways to the root stand out, with their share of its gradient.
        max_nodes: above so many values modules are collapsed; without modules only the values round the root are shown. What is
            left out is written below the picture. A softmax or cross-entropy is one box. None draws every value.
        title: stands above the picture.
        digits: significant digits of all numbers.
        color: what boxes are filled by; "rounding" for how many of their digits are certain, the darker the fewer.
    Returns:
        A Graph: shows itself in notebooks; `save("x.svg")` writes it.
    Raises:
        TypeError: if `value` or `highlight` is not a Value.
        ValueError: if the list is empty, or `depth`, `max_nodes` or `digits` is not positive, or `color` is another word.
        GraphError: if `highlight` is not in the graph.
    Example:
        >>> from autograd_lite import Value
        >>> x, w = Value(3.0, label="x"), Value(2.0, label="w")
        >>> loss = (w * x - 1.0) ** 2
        >>> loss.backward()
        >>> print(draw(loss).text())
        **  data 25, grad 1
          10 <- -  data 5, grad 10
            1 <- *  data 6, grad 10
              3 <- w  data 2, grad 30
              2 <- x  data 3, grad 20
            <- 1
          <- 2
    """
    value, branches = computed(value)
    roots = _roots(value)
    for name, count in (("depth", depth), ("max_nodes", max_nodes), ("digits", digits)):
        if count is not None and (not isinstance(count, int) or count < 1):
            raise ValueError(f"`{name}` is {count!r}: give a whole number from 1 on" + (", or None" if name != "digits" else ""))
    survey = Survey(*roots)
    ways = None if highlight is None else GradientFlow(survey, place_of(survey, highlight, "highlight"))
    view = _view(survey, ways, depth, max_nodes, title or "", digits)
    if color != "gradient":
        view = _View(filled_by(color, view.scene, view.partition, survey), view.partition)
    if ways is not None:
        return Graph(highlighted(view.scene, view.partition, ways, digits))
    live = Movable(survey, view.full, view.folded, branches, digits) if view.full and movable(survey) else None
    return Graph(view.scene, live)


def _roots(value: Any) -> Sequence[Value]:
    """One root or several."""
    if isinstance(value, Value):
        return (value,)
    if not isinstance(value, list | tuple):
        raise TypeError(f"draw takes a Value, or a list of Values, got {type(value).__name__} {value!r:.60}")
    if not value:
        raise ValueError("draw takes a Value, or a list of Values, got an empty one")
    for place, root in enumerate(value):
        if not isinstance(root, Value):
            raise TypeError(f"draw takes a list of Values, got {type(root).__name__} {root!r:.60} at place {place}")
    return value


class _View(NamedTuple):
    """What is drawn: a scene, the values behind its boxes; and, if that is not too much, every value in a box of its own.

    `folded` are the frames of the latter that are drawn as one box in the former.
    """

    scene: Scene
    partition: Partition
    full: Scene | None = None
    folded: tuple[int, ...] = ()


def _view(survey: Survey, ways: GradientFlow | None, depth: int | None, max_nodes: int | None, title: str, digits: int) -> _View:
    """The view that fits: full, with functions folded, collapsed by modules, or focused on the root."""
    count = len(survey)
    most = count if max_nodes is None else max_nodes
    home = homes(survey)
    modules = any(home)
    functions = [] if max_nodes is None else composites(survey)
    if count > most or (depth is not None and modules):
        partition = (
            collapsed(survey, home, functions, depth, most)
            if modules
            else focus(survey, most, () if ways is None else ways.forward)
        )
        return _View(grouped_scene(survey, partition, digits=digits, title=title), partition)
    names, frames = _frames(home, functions)
    scene = full = full_scene(survey, digits=digits, title=title, clusters=names, cluster_of=frames)
    partition = functions_folded(survey, functions)
    if functions:
        names, frames = _frames(home)
        folded = grouped_scene(survey, partition, digits=digits, title=title, clusters=names, cluster_of=frames)
        scene = replace(folded, notes=partition.notes)  # nothing that was asked for is left out
    if depth is not None:
        scene = replace(scene, notes=("depth has no effect: no label names a module, as layer0.w does",))
    return _View(scene, partition, replace(full, notes=scene.notes), tuple(range(len(scene.clusters), len(full.clusters))))


def _frames(home: Sequence[ModulePath], functions: Sequence[Composite] = ()) -> tuple[list[str], list[int | None]]:
    """The names of the frames, and per value the place of its own: round modules, and round functions outside of them."""
    names: dict[object, int] = {}
    frames = [names.setdefault(path, len(names)) if path else None for path in home]
    titles = [".".join(path) for path in dict.fromkeys(home) if path]
    for function in functions:
        if not any(home[i] for i in function.members):
            for i in function.members:
                frames[i] = len(titles)
            titles.append(function.name)
    return titles, frames if titles else []

"""Pictures of computation graphs: `draw` them, ask `why` a gradient is what it is, and read the `equation`.

graph       `draw`; picture: the `Graph` that it gives; rendering: Graphviz, in its own process
view/       what is shown
    survey      the graph in flat arrays, walked once
    homes       which module a value belongs to; composites: which function
    partition, collapse, focus, grouped, full    which values become one box
    highlight   the paths of one value; rounded: boxes filled by the digits that are certain
scene       the picture as plain data, which every writer reads
svg, dot, tree   the writers; palette: their colours
layout/     where the boxes stand: layered, by layering, ordering, placement and routing; labels, metrics: texts
live/       pages whose leaves move: movable, table, names, numbers, branches, page
why, equation    a gradient path by path; a graph as a formula
"""

from autograd_lite.drawing.equation import Formula, equation
from autograd_lite.drawing.graph import draw
from autograd_lite.drawing.picture import Graph
from autograd_lite.drawing.rendering import RenderError
from autograd_lite.drawing.why import Explanation, GradientPath, why

__all__ = ["Explanation", "Formula", "GradientPath", "Graph", "RenderError", "draw", "equation", "why"]

"""Pictures of computation graphs: `draw` them, ask `why` a gradient is what it is, and read the `equation`.

survey      the graph in flat arrays, walked once
homes       which module a value belongs to
partition, collapse, focus, grouped, full    which values become one box
scene       the picture as plain data, which every writer reads
svg, dot, tree                               the writers
layout      where the boxes stand; layering, ordering, placement and routing are its steps
"""

from autograd_lite.drawing.equation import Formula, equation
from autograd_lite.drawing.graph import Graph, draw
from autograd_lite.drawing.rendering import RenderError
from autograd_lite.drawing.why import Explanation, GradientPath, why

__all__ = ["Explanation", "Formula", "GradientPath", "Graph", "RenderError", "draw", "equation", "why"]

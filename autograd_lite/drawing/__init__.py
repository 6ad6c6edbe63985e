"""Pictures of computation graphs: `draw` them, ask `why` a gradient is what it is, and read the `equation`.

survey      the graph in flat arrays, walked once
homes       which module a value belongs to
partition, collapse, focus, grouped, full    which values become one box
scene       the picture as plain data, which every writer reads
svg, dot, tree                               the writers
layout      where the boxes stand; layering, ordering, placement and routing are its steps
"""

from autograd_lite.drawing.equation import Equation as Equation
from autograd_lite.drawing.equation import equation as equation
from autograd_lite.drawing.graph import Graph as Graph
from autograd_lite.drawing.graph import draw as draw
from autograd_lite.drawing.rendering import RenderError as RenderError
from autograd_lite.drawing.why import Explanation as Explanation
from autograd_lite.drawing.why import GradientPath as GradientPath
from autograd_lite.drawing.why import why as why

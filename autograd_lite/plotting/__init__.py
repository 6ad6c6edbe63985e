"""Charts, drawn with matplotlib from the `viz` extra: one plain style, colours all can tell apart, the same bytes every time.

style       colours, and Picture: what every chart is; a notebook shows it, `save` writes it
curves      lines and points in one panel or several
maps        the output of a network over two inputs, as shades
film        the same over the course of training, in one HTML page with a slider; needs no matplotlib
"""

from autograd_lite.plotting.curves import Curve, Panel, chart, save_cost_curve
from autograd_lite.plotting.film import Film, Frame
from autograd_lite.plotting.maps import Map, maps
from autograd_lite.plotting.style import COLORS, STYLE, Picture, available, picture

__all__ = [
    "COLORS",
    "STYLE",
    "Curve",
    "Film",
    "Frame",
    "Map",
    "Panel",
    "Picture",
    "available",
    "chart",
    "maps",
    "picture",
    "save_cost_curve",
]

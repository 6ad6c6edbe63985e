"""Charts, drawn with matplotlib from the `viz` extra: one plain style, colours all can tell apart, the same bytes every time.

style       colours, and Picture: what every chart is; a notebook shows it, `save` writes it
curves      lines and points in one panel or several
maps        the output of a network over two inputs, as shades
regions     the classes of a network over two inputs, as areas
classes     how often each class occurs, and which is taken for which
pictures    grey pictures, one large or many on a sheet
film        maps over the course of training, in one HTML page with a slider (film_page, page); needs no matplotlib
sparklines, tables   curves and numbers as text
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

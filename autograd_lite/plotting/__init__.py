"""Charts, drawn with matplotlib from the `viz` extra: one plain style, colours all can tell apart, the same bytes every time.

style       colours, and Picture: what every chart is; a notebook shows it, `save` writes it
curves      lines and points in one panel or several
maps        the output of a network over two inputs, as shades
film        the same over the course of training, in one HTML page with a slider; needs no matplotlib
"""

from autograd_lite.plotting.curves import Curve as Curve
from autograd_lite.plotting.curves import Panel as Panel
from autograd_lite.plotting.curves import chart as chart
from autograd_lite.plotting.curves import save_cost_curve as save_cost_curve
from autograd_lite.plotting.film import Film as Film
from autograd_lite.plotting.film import Frame as Frame
from autograd_lite.plotting.maps import Map as Map
from autograd_lite.plotting.maps import maps as maps
from autograd_lite.plotting.style import COLORS as COLORS
from autograd_lite.plotting.style import STYLE as STYLE
from autograd_lite.plotting.style import Picture as Picture
from autograd_lite.plotting.style import available as available
from autograd_lite.plotting.style import picture as picture

"""The table of primitives, at the path that users import from; the code is `engine/primitives.py`."""

from autograd_lite.engine.primitives import *
from autograd_lite.engine.primitives import TABLE as TABLE

globals().update(TABLE)  # with those that only rules call, such as `slope`

"""The classes that primitives derive from, at the path that users import from; the code is `engine/primitive.py`."""

from autograd_lite.engine.primitive import *

"""`Value` and what makes one, at the path that users import from; the code is `engine/value.py`."""

from autograd_lite.engine.value import *

"""The exceptions and warnings, at the path that users import from; the code is `engine/errors.py`."""

from autograd_lite.engine.errors import *

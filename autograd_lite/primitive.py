"""The classes that primitives derive from by the path that users and pickles name: the module `engine/primitive.py`."""

import sys

from autograd_lite.engine import primitive
from autograd_lite.engine.primitive import *

sys.modules[__name__] = primitive

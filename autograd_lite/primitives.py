"""The table of primitives by the path that users and pickles name: the module `engine/primitives.py`."""

import sys

from autograd_lite.engine import primitives
from autograd_lite.engine.primitives import *
from autograd_lite.engine.primitives import TABLE as TABLE

sys.modules[__name__] = primitives

"""`Value` by the path that users and pickles name: the module `engine/value.py`."""

import sys

from autograd_lite.engine import value
from autograd_lite.engine.value import *

sys.modules[__name__] = value

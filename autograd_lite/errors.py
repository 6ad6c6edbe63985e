"""The exceptions and warnings by the path that users and pickles name: the module `engine/errors.py`."""

import sys

from autograd_lite.engine import errors
from autograd_lite.engine.errors import *

sys.modules[__name__] = errors

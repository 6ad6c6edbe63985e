"""Other libraries' worlds, for code that looks into them: `autograd_lite.compat.micrograd`."""

import autograd_lite.compat.micrograd as micrograd

__all__ = ["micrograd"]

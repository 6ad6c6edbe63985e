"""Other libraries' worlds, for code that looks into them: `autograd_lite.compat.micrograd`."""

from autograd_lite.compat import micrograd

__all__ = ["micrograd"]

"""Imported first by what works on arrays throughout: where NumPy is not installed, one line says so."""

from autograd_lite.engine.extras import needed

needed("numpy")

"""Derivatives from values alone, with error bars: differences, complex steps, many digits."""

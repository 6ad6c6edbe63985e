"""JavaScript: the rules of the table and of users' own primitives in the language of pages."""

from autograd_lite.calculus.javascript.rules import Rules, rules

__all__ = ["Rules", "rules"]

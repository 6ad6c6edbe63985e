"""Gives the compiled classes the docstrings that stand in their source, which mypyc leaves out; `help(tanh)` is as it was."""

import re
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import Final

from autograd_lite import primitive, primitives, value
from autograd_lite.kinds import source_of

# Parsing the sources would say the same and take as long as everything else that happens when the package is imported.
_MODULE: Final = re.compile(r'"""(.*?)"""', re.DOTALL)
_CLASS: Final = re.compile(r'^class (\w+)[^\n]*:\n    """(.*?)"""', re.DOTALL | re.MULTILINE)


def restore(module: ModuleType) -> None:
    """Sets the docstrings of a compiled module and its classes from the source beside it; an interpreted module has its own."""
    source = source_of(module.__name__.rpartition(".")[2])
    if source == Path(str(module.__file__)) or not source.exists():
        return
    text = source.read_text(encoding="utf-8")
    of_module = _MODULE.match(text)
    module.__doc__ = of_module and cleandoc(of_module[1])
    for name, docstring in _CLASS.findall(text):
        getattr(module, name).__doc__ = cleandoc(docstring)


for _module in (primitive, primitives, value):
    restore(_module)

"""The methods of Values, one for every function of one number: the module autograd_lite/engine/methods.py, written from the table.

Run `python -m tests.value_methods` to write it, with `--check` to compare the module in the repository with a new one.
"""

import argparse
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

from autograd_lite.engine.number_types import source_of
from autograd_lite.engine.primitive import Unary
from autograd_lite.functions import scalar_functions

COMMAND = "python -m tests.value_methods"
TOP = '''"""The functions of one number as methods: `v.sin()` is `sin(v)`.

This module is written by `{command}`, from the table and `functions.py`: change these.
"""

from collections.abc import Callable
from typing import Any, Final, Self

from autograd_lite.engine import primitives as table
from autograd_lite.engine.primitive import Primitive, Recorder

__all__ = ["FUNCTIONS", "Functions"]

FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {{}}  # by name; `functions.py`, which stands above, enters them


class Functions(Recorder):
    """What records operations has every function of one number as a method; `Value` writes some out again, for speed."""

    __slots__ = ()

    def _recorded(self, primitive: Primitive) -> Self:
        out: Self = self.record(primitive, (self,))
        return out

    def _composed(self, name: str) -> Self:
        out: Self = FUNCTIONS[name](self)
        return out
'''
METHOD = '''
    def {name}(self) -> Self:
        """{sentence}"""
        return self.{call}
'''


def of_one_number() -> dict[str, Callable[..., Any]]:
    """The public functions whose one required argument is x: first those of the table."""
    functions = {name: function for name, function in scalar_functions().items() if _required(function) == ["x"]}
    return dict(sorted(functions.items(), key=lambda item: not isinstance(item[1], Unary)))


def _required(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]


def sentence_of(function: Callable[..., Any]) -> str:
    """The first sentence of its docstring."""
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def text() -> str:
    """The module as it should be."""
    return TOP.format(command=COMMAND) + "".join(_methods())


def _methods() -> Iterator[str]:
    for name, function in of_one_number().items():
        call = f"_recorded(table.{name})" if isinstance(function, Unary) else f'_composed("{name}")'
        yield METHOD.format(name=name, sentence=sentence_of(function).replace("\\", "\\\\"), call=call)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true", help="write nothing; fail if the module is out of date")
    page = source_of("methods")
    if not options.parse_args().check:
        page.write_text(text(), encoding="utf-8")
    elif page.read_text(encoding="utf-8") != text():
        print(f"{page} is out of date; run {COMMAND}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

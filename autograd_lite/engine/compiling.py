"""What the sources tell mypyc; running them needs nothing of it, nor that it is installed."""

from collections.abc import Callable
from typing import TypeVar

try:
    from mypy_extensions import mypyc_attr as mypyc_attr
except ImportError:  # a clone that runs without having been installed
    Class = TypeVar("Class", bound=type)

    def _unread(**_: bool) -> Callable[[Class], Class]:
        return lambda cls: cls

    mypyc_attr = _unread  # type: ignore[assignment]

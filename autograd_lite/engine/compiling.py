"""What the sources tell mypyc; running them needs nothing of it, nor that it is installed."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr
else:

    def mypyc_attr(**_: Any) -> Any:
        """What only mypyc reads."""
        return lambda cls: cls

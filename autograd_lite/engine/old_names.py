"""Class attributes that were renamed: what sets or reads the old name sets or reads the new one."""

from typing import Any

__all__ = ["OldName", "renamed"]


class OldName:
    """The old name of a class attribute, for its class, subclasses and instances."""

    def __init__(self, new: str) -> None:
        self.new = new

    def __get__(self, instance: object, owner: type) -> Any:
        return getattr(owner if instance is None else instance, self.new)

    def __set__(self, instance: object, value: Any) -> None:
        setattr(instance, self.new, value)


def renamed(cls: type, old: str, new: str) -> None:
    """Gives an attribute that a class body set by its old name the new one.

    Raises:
        TypeError: if the body sets both.
    """
    if old in vars(cls):
        if new in vars(cls):
            raise TypeError(f"{cls.__name__} sets both `{new}` and `{old}`, its old name; keep `{new}`")
        setattr(cls, new, vars(cls)[old])
        delattr(cls, old)

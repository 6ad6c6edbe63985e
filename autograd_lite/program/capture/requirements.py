"""What losses refuse, and of which numbers that must be asked in each row."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from autograd_lite.engine.primitive import Interval
from autograd_lite.engine.value import Value


class Requirement(NamedTuple):
    """What a loss refuses: operands of which `refused` is true, by the message `told`; both take their numbers."""

    operands: Sequence[Any]
    refused: Callable[..., Any]
    told: Callable[..., str]

    @property
    def is_of_whole(self) -> bool:
        """Whether operands that are not refused are parts of a whole: they add up to 1, nearly."""
        return bool(getattr(self.refused, "is_of_whole", False))

    @property
    def classes(self) -> int:
        """Of how many classes an operand that is not refused is the index; 0 where it is none."""
        return int(getattr(self.refused, "classes", 0))


def can_be_refused(operand: Any, refused: Callable[..., Any]) -> bool:
    """Whether an operand may be refused in another sample: no plain number is, nor what always lies where it is `allowed` to."""
    if not isinstance(operand, Value):
        return False
    allowed = getattr(refused, "allowed", None)
    return not isinstance(allowed, Interval) or not _lies_in(operand, allowed)


def _lies_in(node: Value, allowed: Interval) -> bool:
    if node.primitive is None:
        return False
    image = node.primitive.image
    if allowed.low <= image.low and image.high <= allowed.high:
        return True
    return allowed.low <= 0.0 and allowed.high >= 1.0 and _is_share(node)


def _is_share(node: Value) -> bool:
    """Whether a number is one of several that are not negative, divided by their sum, as those of a softmax are."""
    if node.primitive is None or node.primitive.structure != "quotient":
        return False
    part, whole = node.operands
    adds = whole.primitive is not None and whole.primitive.structure == "sum"
    terms = whole.operands if adds else ()
    return any(part is term for term in terms) and all(
        term.primitive is not None and term.primitive.image.low >= 0.0 for term in terms
    )

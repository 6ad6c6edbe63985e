"""Strategies for hypothesis: functions of your own primitives, points for them, and points of somebody's arrays.

    from hypothesis import given
    from autograd_lite.testing import assert_gradients, check_torch
    from autograd_lite.testing.hypothesis import functions, points_like

    @given(functions(versine, ag.exp, ag.multiply))
    def test_mixtures(case):
        assert_gradients(*case)

    @given(points_like((torch.ones(3), torch.ones(3, 2))))
    def test_my_layer(point):
        assert check_torch(MyLayer, point)

Needs hypothesis, which nothing else of the library imports.
"""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from autograd_lite.engine.primitive import Primitive
from autograd_lite.testing.generate.straight_line import StraightLine
from autograd_lite.testing.generate.strategies import networks, operands, points, programs, special_floats
from autograd_lite.testing.libraries.array_function import tree_filled, tree_leaves

__all__ = ["functions", "networks", "operands", "points", "points_like", "programs", "special_floats"]

_MOST_DRAWN = 16  # numbers of an array that are drawn one by one; they are repeated in larger ones
_LANDMARKS = (0.0, 1.0, -1.0, 0.5, 2.0)


@st.composite
def functions(draw: st.DrawFn, *primitives: Primitive, max_nodes: int = 6, smooth: bool = False) -> tuple[StraightLine, Any]:
    """A function made of primitives, and a point inside its domain: what `check` and `assert_gradients` take.

    Args:
        primitives: of your own, or of the table; the first of them is always among those that are used.
        max_nodes: the most operations.
        smooth: leave out primitives with kinks and steps.
    Returns:
        A strategy of pairs: the function, and the point as a tuple of numbers.
    Raises:
        ValueError: when it is drawn from, if there is no primitive.
    Example:
        >>> from hypothesis import find
        >>> from autograd_lite import exp, sin
        >>> find(functions(sin, exp), lambda case: True)
        (StraightLine(1, [(ag.sin, 0)]), (0.0,))
    """
    if not primitives:
        raise ValueError("functions needs at least one primitive")
    drawn = draw(programs(primitives, max_nodes=max_nodes, smooth=smooth))
    if not any(primitive is primitives[0] for primitive, *_ in drawn.steps):
        last = drawn.inputs + len(drawn.steps) - 1
        count = len(draw(operands(primitives[0])))
        drawn = StraightLine(drawn.inputs, [*drawn.steps, (primitives[0], *[last] * count)]).guarded()
    return drawn, draw(points(drawn))


def points_like(point: Any, low: float = -2.0, high: float = 2.0) -> st.SearchStrategy[Any]:
    """Points with the structure, shapes and dtypes of another one, and other numbers of floating point.

    Args:
        point: floats, and arrays of NumPy, PyTorch or JAX, in tuples, lists and dictionaries.
        low: the least number.
        high: the largest.
    Example:
        >>> import numpy
        >>> from hypothesis import find
        >>> find(points_like({"w": numpy.ones(2), "n": 3}), lambda point: True)
        {'w': array([0., 0.]), 'n': 3}
    """
    numbers = st.floats(low, high, allow_nan=False, allow_infinity=False, allow_subnormal=False, width=32)
    landmarks = [number for number in _LANDMARKS if low <= number <= high]
    each = st.one_of(st.sampled_from(landmarks), numbers) if landmarks else numbers
    leaves = st.tuples(*(_like(leaf, each) for _, leaf in tree_leaves(point)))
    return leaves.map(lambda drawn: tree_filled(point, iter(drawn)))


def _like(leaf: Any, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    if isinstance(leaf, float) and not hasattr(leaf, "dtype"):
        return numbers
    if "float" not in str(getattr(leaf, "dtype", "")):
        return st.just(leaf)
    count = 1
    for length in leaf.shape:
        count *= length
    shortest = min(count, _MOST_DRAWN)
    return st.lists(numbers, min_size=shortest, max_size=shortest).map(lambda row: _filled(leaf, row, count))


def _filled(leaf: Any, row: Sequence[float], count: int) -> Any:
    """An array like the leaf, of these numbers again and again."""
    import numpy

    made = numpy.resize(numpy.array(row, dtype=float), count).reshape(leaf.shape) if count else numpy.zeros(leaf.shape)
    if hasattr(leaf, "requires_grad"):
        return leaf.detach().clone().copy_(leaf.new_tensor(made)).requires_grad_(leaf.requires_grad)
    if isinstance(leaf, numpy.ndarray):
        return made.astype(leaf.dtype)
    return leaf.at[...].set(made.astype(leaf.dtype))  # JAX

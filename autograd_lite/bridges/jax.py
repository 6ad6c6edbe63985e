"""A function written for JAX as a graph of Values.

JAX says what the function is made of, the table's primitives compute it once more, number by number, and the answer is held against
JAX's own, derivatives too. Values are doubles: the function is traced with JAX's numbers of 64 bits, whatever is set.
"""

import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import cos, isfinite, prod
from typing import Any, Final, NamedTuple

import numpy

from autograd_lite.bridges.jaxprs import JaxEvaluation
from autograd_lite.bridges.object_arrays import Failed, as_objects, has_values, of_objects
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.extras import needed
from autograd_lite.engine.primitives import total
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.value import Value, constant, topological_order

__all__ = ["MOST", "graph_of", "values_of"]

MOST: Final = 100_000  # operands, above which a graph is nothing to look at
_RESOLUTION: Final = 1e4  # units in the last place of the largest number on the way, by which JAX may differ


def values_of(tree: Any, label: str = "x") -> Any:
    """The tree with a labelled Value for each real number: Values, and arrays of objects, which `graph_of` takes.

    Args:
        tree: lists, dictionaries and whatever else JAX takes for a tree; arrays of whole numbers stay as they are.
        label: before the labels, which are "x['w'][0,1]" and the like.
    Example:
        >>> values_of({"w": [0.5, 2.0]}, "model")["w"][1].label  # doctest: +SKIP
        "model['w'][1]"
    """
    tree_util = needed("jax").tree_util
    return tree_util.tree_map_with_path(
        lambda path, leaf: _values(leaf, label + tree_util.keystr(path))[()] if _is_real(leaf) else leaf, tree
    )


def graph_of(
    function: Callable[..., Any],
    *arguments: Any,
    part: Callable[..., Any] | None = None,
    most: int = MOST,
    verify: bool = True,
) -> Any:
    """What a function of JAX gives at these arguments, as Values that remember how it was computed.

    Every real number of the arguments becomes a Value, labelled by its place; a Value, or an array of them as `values_of` makes,
    is taken as it is. Whole numbers, truths and what is no number are given to the function as they are. What depends on no Value
    is computed by JAX. Functions inside (`jit`, `custom_jvp`, `custom_vjp`, `checkpoint`) are written out, and so are a `cond` on
    the side that is taken and a `scan` or `while_loop` turn by turn. An operation that has no number, as the logarithm of -1,
    raises what it raises for Values, if the result needs it.

    Args:
        function: of numbers, arrays and trees of them, as `jax.grad` takes it.
        arguments: where it is computed.
        part: a function of the arguments that gives the part whose numbers become Values; all others stay JAX's. So one layer of
            a large network is shown alone.
        most: how many operands the graph may have.
        verify: hold the results and their derivatives against JAX's, up to rounding.
    Returns:
        The results in the form in which the function gives them: a Value for a number, an array of objects for an array.
    Raises:
        ModuleNotFoundError: if JAX is not installed.
        GraphError: if an operation has no form in Values; if the graph would be too large; if no argument is a real number; if the
            derivatives are not those that JAX computes, as of a `custom_vjp` that is not the derivative of its formula.
        OperationError: if a result has no number.
    Example:
        >>> import jax  # doctest: +SKIP
        >>> from autograd_lite.drawing import equation  # doctest: +SKIP
        >>> print(equation(graph_of(lambda x: jax.nn.sigmoid(2.0 * x), 0.5)).text)  # doctest: +SKIP
        sigmoid(2 * x)
    """
    jax = needed("jax")
    name = getattr(function, "__name__", type(function).__name__)
    leaves, tree = jax.tree_util.tree_flatten(arguments)
    labels = _labels(function, arguments, jax)
    wanted = _wanted(part, leaves, tree, jax)
    places = [place for place, leaf in enumerate(leaves) if _is_real(leaf)]
    if not places:
        raise GraphError(f"`{name}` is given no real number, and only such become Values: write 2.0 for 2")
    given = [_values(leaves[place], labels[place], wanted.get(place)) for place in places]

    def of_reals(*numbers: Any) -> Any:
        whole = list(leaves)
        for place, number in zip(places, numbers, strict=True):
            whole[place] = number
        return function(*jax.tree_util.tree_unflatten(tree, whole))

    with jax.enable_x64(True):
        made, form = _traced(jax, of_reals, given, [leaves[place] for place in places])
        evaluation = JaxEvaluation(name, most)
        evaluation.count_on(sum(each.size for each in given if has_values(each)), "arguments")
        if verify:
            _verified(jax, name, of_reals, made, given, most)
        found = [_answered(each) for each in evaluation.run(made.jaxpr, made.consts, given)]
    if evaluation.narrow:
        warnings.warn(f"{evaluation.narrow} in JAX; its Values are doubles, and keep the digits that are lost there", stacklevel=2)
    return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(form), [_as_given(each) for each in found])


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def _is_real(leaf: Any) -> bool:
    """Whether it is a real number, a Value, or an array of those."""
    dtype = getattr(leaf, "dtype", None)
    if isinstance(leaf, complex) or (isinstance(dtype, numpy.dtype) and dtype.kind == "c"):
        raise TypeError(f"Values are real numbers, got {'a complex one' if dtype is None else f'an array of {dtype}'}")
    if dtype is None:
        return isinstance(leaf, float | Value)
    return isinstance(dtype, numpy.dtype) and dtype.kind in "OfV"  # V: what NumPy does not know, as bfloat16


def _values(leaf: Any, label: str, wanted: Any = None) -> Any:
    """The array of objects that stands for a number or an array; as it is, where none of it is wanted."""
    shape = numpy.shape(leaf) if not isinstance(leaf, Value) else ()
    if wanted is not None and not wanted.any() and not isinstance(leaf, Value):
        return leaf if has_values(leaf) else numpy.asarray(leaf, float)
    items = [leaf] if isinstance(leaf, Value) else list(as_objects(leaf).ravel())
    made = []
    for number, (item, index) in enumerate(zip(items, numpy.ndindex(shape), strict=True)):
        if isinstance(item, Value) or (wanted is not None and not wanted.ravel()[number]):
            made.append(item)
        else:
            made.append(Value(item, label=label + (f"[{','.join(map(str, index))}]" if index else "")))
    return of_objects(made, shape)


def _labels(function: Callable[..., Any], arguments: Sequence[Any], jax: Any) -> list[str]:
    """What the leaves of the arguments are called."""
    try:
        names = list(inspect.signature(function).bind(*arguments).arguments)
    except (TypeError, ValueError):
        names = []
    if len(names) != len(arguments):
        names = [f"x{place}" for place in range(1, len(arguments) + 1)]
    util = jax.tree_util
    named = zip(names, arguments, strict=True)
    return [name + util.keystr(path) for name, given in named for path, _ in util.tree_flatten_with_path(given)[0]]


class _Place(NamedTuple):
    """Stands for a number of the arguments while a part of them is taken."""

    leaf: int
    number: int


def _wanted(part: Callable[..., Any] | None, leaves: Sequence[Any], tree: Any, jax: Any) -> dict[int, Any]:
    """By its place, which numbers of a leaf the part contains; nothing where all are asked for."""
    if part is None:
        return {}
    wanted, stand_ins = {}, list(leaves)
    for leaf, array in ((leaf, array) for leaf, array in enumerate(leaves) if _is_real(array)):
        shape = () if isinstance(array, Value) else numpy.shape(array)
        wanted[leaf] = numpy.zeros(prod(shape), bool)
        stand_ins[leaf] = of_objects([_Place(leaf, number) for number in range(prod(shape))], shape)[()]
    given = part(*jax.tree_util.tree_unflatten(tree, stand_ins))
    for chosen in jax.tree_util.tree_leaves(given, is_leaf=lambda each: isinstance(each, _Place)):
        for place in chosen.ravel() if has_values(chosen) else [chosen]:
            if not isinstance(place, _Place):
                raise TypeError(f"part gives {place!r:.60}, and is to give real numbers of the arguments: some of them, or slices")
            wanted[place.leaf][place.number] = True
    return wanted


def _traced(jax: Any, function: Callable[..., Any], given: Sequence[Any], leaves: Sequence[Any]) -> tuple[Any, Any]:
    """What JAX makes of the function of doubles; of a function that insists on other numbers, of those that it was given."""
    doubles = [jax.ShapeDtypeStruct(each.shape, numpy.float64) for each in given]
    try:
        found: tuple[Any, Any] = jax.make_jaxpr(function, return_shape=True)(*doubles)
    except jax.errors.ConcretizationTypeError as error:
        error.add_note(
            "graph_of traces the function as jax.jit does: write jnp.where or jax.lax.cond for `if`, or give a whole number"
        )
        raise
    except TypeError:
        as_given = [numpy.float64 if has_values(leaf) else getattr(leaf, "dtype", numpy.float64) for leaf in leaves]
        if all(dtype == numpy.float64 for dtype in as_given):
            raise
        found = jax.make_jaxpr(function, return_shape=True)(
            *(jax.ShapeDtypeStruct(each.shape, dtype) for each, dtype in zip(given, as_given, strict=True))
        )
    return found


# ---- results -----------------------------------------------------------------------------------------------------------------


def _answered(found: Any) -> Any:
    """A result, whose numbers are there."""
    for each in found.ravel() if has_values(found) else ():
        if isinstance(each, Failed):
            raise each.error
    return found


def _as_given(found: Any) -> Any:
    """A result as the function gives it: a Value, an array of them, or what has no derivatives."""
    if not has_values(found):
        if not _is_real(found):
            return found if hasattr(found, "ravel") else numpy.asarray(found)[()]
        found = of_objects(numpy.asarray(found, float).ravel().tolist(), numpy.shape(found))
    items = [constant(each) if isinstance(each, float) else each for each in found.ravel()]
    return of_objects(items, found.shape) if found.shape else items[0]


# ---- held against JAX --------------------------------------------------------------------------------------------------------


def _verified(jax: Any, name: str, function: Callable[..., Any], made: Any, given: Sequence[Any], most: int) -> None:
    """Compares the numbers, and the derivatives of a sum of the results with different weights, of Values that are nobody's.

    Raises:
        GraphError: if they differ by more than rounding.
    """
    evaluation = JaxEvaluation(name, most)
    with enable_grad(), observed(None):
        fresh = [_fresh(array) for array in given]
        found = [_answered(each) for each in evaluation.run(made.jaxpr, made.consts, fresh)]
        outputs = [(place, number, each) for place, array in enumerate(found) for number, each in _reals_in(array)]
        inputs = [(place, number, each) for place, array in enumerate(fresh) for number, each in _values_in(array)]
        if not outputs or not inputs:
            return
        weights = [cos(place) for place in range(len(outputs))]
        mixed = total([each * weight for (_, _, each), weight in zip(outputs, weights, strict=True)])
        if mixed.requires_grad:
            mixed.backward()
    nodes = topological_order(mixed)  # what cancels is as exact as what it is made of
    largest = _largest(node.data for node in nodes)
    steepest = _largest(node.grad * local for node in nodes for local in node.local_derivatives if local is not None)

    def of_jax(*numbers: Any) -> Any:
        results = jax.tree_util.tree_leaves(function(*numbers))
        terms = [jax.numpy.ravel(results[place])[number] for place, number, _ in outputs]
        return sum(term * weight for term, weight in zip(terms, weights, strict=True)), terms

    every, numbers = tuple(range(len(given))), list(map(_numbers_of, given))
    slopes: Any = None
    try:
        (_, terms), slopes = jax.value_and_grad(of_jax, argnums=every, has_aux=True)(*numbers)
    except (TypeError, ValueError):  # it has no derivative by a backward pass there, as of a `while_loop`
        terms = of_jax(*numbers)[1]
    close = float(numpy.finfo(numpy.float32 if evaluation.narrow else numpy.float64).eps) * _RESOLUTION
    values = [(f"result {place + 1}", each.data, float(term)) for (place, _, each), term in zip(outputs, terms, strict=True)]
    _compared(name, values, close * largest, "")
    if slopes is None:
        return
    rows = [
        (f"the derivative by {each.label or f'number {k + 1}'}", each.grad, float(numpy.ravel(slopes[place])[number]))
        for k, (place, number, each) in enumerate(inputs)
    ]
    own = f" Derivatives of their own have: {', '.join(f'`{each}`' for each in dict.fromkeys(evaluation.own))}."
    _compared(name, rows, close * steepest, own * bool(evaluation.own))


def _compared(name: str, rows: Sequence[tuple[str, float, float]], bar: float, told: str) -> None:
    for what, found, right in rows:
        if numpy.isfinite(right) and not abs(found - right) <= bar:
            raise GraphError(
                f"{what} of `{name}` is {found!r} by its formula, and {right!r} in JAX.{told} At a kink conventions may differ; "
                "verify=False shows the formula all the same."
            )


def _largest(numbers: Iterable[float]) -> float:
    return max((abs(number) for number in numbers if isfinite(number)), default=0.0)


def _values_in(array: Any) -> Iterator[tuple[int, Value]]:
    if has_values(array):
        yield from ((number, each) for number, each in enumerate(array.ravel()) if isinstance(each, Value))


def _reals_in(array: Any) -> Iterator[tuple[int, Value]]:
    """All real numbers of a result, those that hold no Value, too: of `ldexp`, computed from bits, JAX has a derivative."""
    for number, each in enumerate(numpy.ravel(array)) if _is_real(array) else ():
        yield number, each if isinstance(each, Value) else constant(float(each))


def _numbers_of(array: Any) -> Any:
    if not has_values(array):
        return array
    return numpy.array([each._data if isinstance(each, Value) else each for each in array.ravel()], float).reshape(array.shape)


def _fresh(array: Any) -> Any:
    """The same numbers, and Values where there are some."""
    if not has_values(array):
        return array
    items = [Value(each._data, label=each.label) if isinstance(each, Value) else each for each in array.ravel()]
    return of_objects(items, array.shape)

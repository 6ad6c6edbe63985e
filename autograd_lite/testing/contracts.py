"""Tests that are written already: derive a class, say what is to be tested, and pytest runs them.

    from autograd_lite.testing.contracts import PrimitiveContract, TorchContract

    class TestVersine(PrimitiveContract):
        primitive = versine
        reference = staticmethod(lambda x: 1.0 - math.cos(x))

    class TestMySoftplus(TorchContract):
        function = MySoftplus
        points = [torch.tensor([0.5, -1.0]), torch.zeros(3, 2)]

`JaxContract` is the same for a function with `custom_vjp` or `custom_jvp`.
"""

from collections.abc import Callable, Iterable, Sequence
from inspect import getattr_static
from typing import Any, ClassVar

from autograd_lite.engine.extras import needed
from autograd_lite.engine.primitive import Primitive
from autograd_lite.testing.checker.failure import facts
from autograd_lite.testing.libraries.array_function import tree_filled, tree_leaves
from autograd_lite.testing.libraries.dispatch import check_of
from autograd_lite.testing.primitives.checks import check_primitive
from autograd_lite.testing.primitives.mutation import mutants


class PrimitiveContract:
    """What must hold for a primitive of your own.

    Attributes:
        primitive: the primitive.
        points: where its derivatives are examined; by default six points well inside the domain.
        reference: the same function by other means, on floats: without it, a wrong `forward` with a rule to match is not noticed.
    Example:
        >>> import autograd_lite as ag
        >>> class TestNegate(PrimitiveContract):  # pytest finds the two tests in it
        ...     primitive = ag.negate
        >>> TestNegate().test_it_is_right_in_every_way()
        >>> TestNegate().test_a_wrong_rule_would_be_noticed()
    """

    primitive: ClassVar[Primitive]
    points: ClassVar[Iterable[Sequence[float]] | None] = None
    reference: ClassVar[Callable[..., Any] | None] = None

    def test_it_is_right_in_every_way(self) -> None:
        """Values, derivatives, texts, arrays, errors: `check_primitive`."""
        check_primitive(self.primitive, self.points, reference=type(self).reference)

    def test_a_wrong_rule_would_be_noticed(self) -> None:
        """Its rule, broken on purpose in every way known, is found out each time."""
        report = mutants(self.primitive)
        assert not report.survivors, str(report)


class ArrayContract:
    """What must hold for a function of somebody's arrays with a gradient of its own; `TorchContract` and `JaxContract` are such.

    Attributes:
        function: what to test: an autograd.Function, a module, a function with `custom_vjp` or `custom_jvp`.
        points: where: each a tuple of arguments, or the one argument.
        order: 2, or 1 for a function that is not to be differentiated twice.
        resolution: as for `check`.
    Example:
        >>> class TestSquare(TorchContract):  # pytest finds the tests in it
        ...     function = staticmethod(lambda x: x * x)
        >>> for test in (
        ...     TestSquare().test_its_derivatives_are_right_in_double_precision,
        ...     TestSquare().test_its_derivatives_are_right_in_single_precision,
        ...     TestSquare().test_its_second_derivatives_are_right,
        ... ):
        ...     try:
        ...         test()
        ...     except AssertionError as error:
        ...         print(str(error).splitlines()[0])
        say at which points: points = [...]
        say at which points: points = [...]
        say at which points: points = [...]
    """

    library: ClassVar[str]
    function: ClassVar[Any]
    points: ClassVar[Sequence[Any]] = ()
    order: ClassVar[int] = 2
    resolution: ClassVar[float | None] = None

    def test_its_derivatives_are_right_in_double_precision(self) -> None:
        """In reverse mode, linear, without side effects, and in forward mode where there is one."""
        self._check(1, "float64")

    def test_its_derivatives_are_right_in_single_precision(self) -> None:
        """To the rounding of single precision."""
        self._check(1, "float32")

    def test_its_second_derivatives_are_right(self) -> None:
        """Its gradient, differentiated again."""
        if self.order > 1:
            self._check(2, "float64")

    def _check(self, order: int, dtype: str | None, prepare: Callable[[Any], Any] = lambda leaf: leaf) -> None:
        for point in self._all_points():
            prepared = tree_filled(point, (prepare(_in_precision(leaf, dtype)) for _, leaf in tree_leaves(point)))
            verdict = check_of(self.library)(self._function(), prepared, order, resolution=self.resolution)
            assert verdict, "\n".join(facts(verdict))

    def _function(self) -> Any:
        """What is to be tested; a function that stands in a class is no method of it."""
        found = getattr_static(type(self), "function")
        return found.__func__ if isinstance(found, staticmethod) else found

    def _all_points(self) -> Sequence[Any]:
        assert len(self.points), "say at which points: points = [...]"
        return self.points


class TorchContract(ArrayContract):
    """What must hold for an `autograd.Function`, or any function of tensors.

    >>> import torch  # doctest: +SKIP
    >>> class TestSquare(TorchContract):  # doctest: +SKIP
    ...     function = staticmethod(lambda x: x * x)
    ...     points = [torch.tensor([1.0, -2.0])]
    >>> test = TestSquare()  # doctest: +SKIP
    >>> test.test_its_derivatives_are_right_in_double_precision()  # doctest: +SKIP
    >>> test.test_its_derivatives_are_right_in_single_precision()  # doctest: +SKIP
    >>> test.test_its_arguments_need_not_be_contiguous()  # doctest: +SKIP
    """

    library = "torch"

    def test_its_arguments_need_not_be_contiguous(self) -> None:
        """The same numbers, laid out with gaps."""
        self._check(1, None, lambda leaf: needed("torch").stack((leaf, leaf), -1)[..., 0] if hasattr(leaf, "stride") else leaf)


class JaxContract(ArrayContract):
    """What must hold for a function with `custom_vjp` or `custom_jvp`, or any function of JAX's arrays.

    >>> import numpy  # doctest: +SKIP
    >>> class TestSquare(JaxContract):  # doctest: +SKIP
    ...     function = staticmethod(lambda x: x * x)
    ...     points = [numpy.array([1.0, -2.0])]
    >>> test = TestSquare()  # doctest: +SKIP
    >>> test.test_its_second_derivatives_are_right()  # doctest: +SKIP
    >>> test.test_it_is_the_same_compiled_and_mapped()  # doctest: +SKIP
    """

    library = "jax"

    def test_it_is_the_same_compiled_and_mapped(self) -> None:
        """`jit` changes neither results nor gradients, and `vmap` over two copies of the point gives both of them twice."""
        from autograd_lite.testing.libraries.jax import JaxFunction

        for point in self._all_points():
            differences = JaxFunction(self._function(), point if isinstance(point, tuple) else (point,)).changes_when_transformed()
            assert list(differences) == []


def _in_precision(leaf: Any, dtype: str | None) -> Any:
    """An array of floating point in another precision; in double, one of NumPy, where JAX might not keep it."""
    if dtype is None or "float" not in str(getattr(leaf, "dtype", "")):
        return leaf
    if hasattr(leaf, "requires_grad"):
        return leaf.detach().to(getattr(needed("torch"), dtype)).requires_grad_(leaf.requires_grad)
    return needed("numpy").asarray(leaf).astype(dtype)

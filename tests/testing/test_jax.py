"""`check_jax`: rules of somebody's own, in both modes and precisions, are acquitted or convicted by the index of what is wrong."""

from typing import Any

import numpy
import pytest

from autograd_lite.engine.extras import advice, is_here

if not is_here("jax"):
    pytest.skip(advice("jax"), allow_module_level=True)

import jax
import jax.numpy as jnp

from autograd_lite.testing import check_jax
from autograd_lite.testing.contracts import JaxContract
from tests.skipped_examples import run_example


def of_vjp(forward: Any, backward: Any) -> Any:
    """A function with a rule for reverse mode; `backward(arguments, g)` gives a tuple."""

    @jax.custom_vjp
    def made(*x: Any) -> Any:
        return forward(*x)

    made.defvjp(lambda *x: (forward(*x), x), backward)
    return made


def of_jvp(forward: Any, slope: Any) -> Any:
    """A function of one number with a rule for forward mode."""

    @jax.custom_jvp
    def made(x: Any) -> Any:
        return forward(x)

    made.defjvp(lambda primals, tangents: (forward(*primals), slope(*primals, *tangents)))
    return made


@pytest.mark.parametrize(("dtype", "factor"), [(numpy.float64, 1 + 2e-9), (numpy.float32, 1 + 33 * 2.0**-23)])
def test_a_factor_beyond_the_resolution_is_convicted_in_both_precisions(dtype: Any, factor: float) -> None:
    x = numpy.array([0.5, -1.25], dtype)
    for size, outcome in ((1.0, "agrees"), (factor, "disagrees")):
        assert check_jax(of_vjp(jnp.sin, lambda x, g, size=size: (g * jnp.cos(*x) * size,)), x).outcome == outcome
        assert check_jax(of_jvp(jnp.sin, lambda x, t, size=size: t * jnp.cos(x) * size), x).outcome == outcome


def test_arrays_of_jax_are_judged_by_their_own_precision_and_numpy_s_doubles_by_theirs() -> None:
    seen = set()

    def function(x: Any) -> Any:
        seen.add(str(x.dtype))
        return jnp.tanh(x)

    verdict = check_jax(function, jnp.array([0.5]))
    assert verdict, verdict
    assert seen == {"float32", "float64"}
    assert "in double precision" in verdict.oracle
    seen.clear()
    assert check_jax(function, numpy.array([0.5]))
    assert seen == {"float64"}
    assert check_jax(function, 0.5)
    assert not jax.config.jax_enable_x64


def test_trees_are_named_by_their_keys() -> None:
    def loss(parameters: Any, x: Any) -> Any:
        return jnp.sum(product(x, parameters["layers"][0]["w"]) + parameters["b"])

    def backward(x: Any, g: Any) -> Any:
        return g @ x[1].T, (x[0].T @ g).at[1, 0].multiply(1 + 1e-5)

    product = of_vjp(jnp.matmul, backward)
    tree = {"layers": [{"w": numpy.array([[0.5, 1.0], [2.0, 3.0]])}], "b": numpy.array([0.1, 0.2])}
    verdict = check_jax(loss, (tree, numpy.array([[1.0, 2.0]])))
    assert verdict.outcome == "disagrees"
    assert verdict.worst.name == "d/d parameters['layers'][0]['w'][1, 0]"
    assert {name.split("[")[0] for name in verdict.point} == {"parameters", "x"}


def test_a_rule_that_only_forward_mode_shows_is_convicted() -> None:
    verdict = check_jax(of_jvp(jnp.sin, lambda x, t: t * jnp.cos(x) * (1 + 1e-7)), numpy.array(0.5))
    assert verdict.outcome == "disagrees"
    assert [each.outcome for each in verdict.components] == ["disagrees", "disagrees"]
    assert verdict.components[1].name == "d/d x, in forward mode"


def test_kinks_conventions_and_steps() -> None:
    assert check_jax(jax.nn.relu, numpy.array([0.0, 1.0]))
    assert check_jax(jnp.abs, numpy.array([0.0, -1.0]))
    ste = of_vjp(jnp.round, lambda x, g: (g,))
    verdict = check_jax(ste, numpy.array([0.3]))
    assert (verdict.outcome, verdict.claimed, verdict.expected) == ("disagrees", 1.0, 0.0)


def test_a_rule_that_forgets_its_gradient_or_is_not_linear_is_convicted() -> None:
    for backward in (
        lambda x, g: (jnp.cos(*x),),
        lambda x, g: (abs(g) * jnp.cos(*x),),
        lambda x, g: (g / jnp.linalg.norm(g) * jnp.cos(*x),),
    ):
        assert check_jax(of_vjp(jnp.sin, backward), numpy.array([0.5, 1.0])).outcome == "disagrees"


def test_functions_that_cannot_be_compiled_or_mapped() -> None:
    def in_numpy(factor: float) -> Any:
        """Its rule computes in NumPy, with concrete numbers: it is neither compiled nor mapped."""
        return of_vjp(
            lambda x: jnp.asarray(numpy.sin(numpy.asarray(x))),
            lambda x, g: (jnp.asarray(numpy.asarray(g) * numpy.cos(x[0]) * factor),),
        )

    assert check_jax(in_numpy(1.0), numpy.array([0.5, 1.0]))
    assert check_jax(in_numpy(1.0 + 1e-8), numpy.array([0.5, 1.0])).outcome == "disagrees"


def test_integers_static_arguments_and_several_results() -> None:
    def function(x: Any, index: Any, power: int, name: str) -> Any:
        return {"power": x[index] ** power, "name": name, "where": jnp.argmax(x), "sum": jnp.sum(x)}

    verdict = check_jax(
        lambda x, i: {k: v for k, v in function(x, i, 3, "cube").items() if k != "name"}, (jnp.array([1.0, 2.0]), jnp.array([1]))
    )
    assert verdict, verdict
    assert {each.name.partition("/")[0] for each in verdict.components} >= {"d out['power'][0]", "d out['sum']"}
    with pytest.raises(TypeError, match="the point holds none"):
        check_jax(jnp.sin, jnp.array([1, 2]))
    with pytest.raises(TypeError, match="real numbers"):
        check_jax(jnp.sin, jnp.array([1j]))
    with pytest.raises(ValueError, match="finite numbers"):
        check_jax(jnp.sin, jnp.array([jnp.inf]))
    with pytest.raises(ValueError, match="order 1 or 2, got 0"):
        check_jax(jnp.sin, jnp.array([1.0]), 0)


def test_chance_from_outside_is_inconclusive() -> None:
    random = numpy.random.default_rng(0)
    for draw in (lambda: numpy.random.random(), random.random):
        verdict = check_jax(lambda x, draw=draw: x * (1.0 + (draw() < 0.5)) ** 2 * draw(), numpy.array([0.5]))
        assert verdict.outcome == "inconclusive"
        assert "random numbers" in str(verdict) or "is there chance in the function" in str(verdict)
    key = jax.random.key(0)
    assert check_jax(lambda x: x * jax.random.normal(key, (1,)), numpy.array([0.5]))


def test_second_derivatives() -> None:
    assert check_jax(lambda x, y: x**3 * jnp.sin(y), (numpy.array(0.5), numpy.array(1.0)), 2)
    stopped = of_vjp(jnp.exp, lambda x, g: (g * jax.lax.stop_gradient(jnp.exp(*x)),))
    assert check_jax(stopped, numpy.array(0.5))
    verdict = check_jax(stopped, numpy.array(0.5), 2)
    assert verdict.outcome == "disagrees"
    assert verdict.claimed == 0.0


def test_a_rule_that_cuts_its_gradient_off_has_wrong_second_derivatives() -> None:
    cut = of_vjp(jnp.exp, lambda x, g: (jax.lax.stop_gradient(g) * jnp.exp(x[0]),))
    verdict = check_jax(cut, numpy.array([0.5, -1.0]), order=2)
    assert verdict.outcome == "disagrees" and "the gradient of out[" in verdict.worst.name, verdict


def test_many_numbers() -> None:
    x = numpy.random.default_rng(0).normal(size=(9, 8))
    right = of_vjp(jnp.tanh, lambda x, g: (g / jnp.cosh(*x) ** 2,))
    assert check_jax(right, x)
    wrong = of_vjp(jnp.tanh, lambda x, g: ((g / jnp.cosh(*x) ** 2).at[7, 3].multiply(1.001),))
    verdict = check_jax(wrong, x)
    assert verdict.outcome == "disagrees"
    assert verdict.worst.name == "d out[7, 3]/d x[7, 3]"


def test_the_examples_of_docstrings_run() -> None:
    run_example(check_jax)
    run_example(JaxContract)

"""Functions of JAX as graphs of Values: the numbers and the derivatives are those of JAX, and what cannot be shown is refused."""

import doctest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest

import autograd_lite as al
from autograd_lite import Value
from autograd_lite.drawing import draw, equation, why
from autograd_lite.engine.errors import DomainError, GraphError
from autograd_lite.engine.extras import is_here
from autograd_lite.program import trace
from autograd_lite.stepping import record
from tests.processes import REPOSITORY
from tests.skipped_examples import run_example

if not is_here("jax"):
    pytest.skip('JAX is not installed: pip install "autograd_lite[jax]"', allow_module_level=True)

import jax
import jax.numpy as jnp
from jax.extend.core import jaxprs_in_params

from autograd_lite.bridges.jax import graph_of, values_of

CLOSE = 1e-15  # relative to the largest derivative


@pytest.fixture(autouse=True)
def _doubles() -> Iterator[None]:
    with jax.enable_x64(True):
        yield


def _numbers(*shape: int, seed: int = 0) -> Any:
    return numpy.random.default_rng(seed).normal(size=shape)


@jax.custom_vjp
def _squared(x: Any) -> Any:
    return x * x


_squared.defvjp(lambda x: (x * x, x), lambda x, slope: (2.0 * x * slope,))


@jax.custom_jvp
def _softly(x: Any) -> Any:
    return jnp.log(1.0 + jnp.exp(x))


_softly.defjvp(lambda given, slopes: (_softly(given[0]), jax.nn.sigmoid(given[0]) * slopes[0]))


def _network(activation: Callable[[Any], Any]) -> Callable[..., Any]:
    def loss(layers: Any, x: Any, y: Any) -> Any:
        for weights, bias in layers[:-1]:
            x = activation(x @ weights + bias)
        weights, bias = layers[-1]
        return -(y * jax.nn.log_softmax(x @ weights + bias)).sum()

    return loss


def _attention(x: Any, w: Any) -> Any:
    q, k, v = jnp.split(x @ w, 3, axis=1)
    scores = jnp.where(jnp.tril(jnp.ones((3, 3), bool)), q @ k.T / 2.0, -jnp.inf)
    return jnp.tanh(jax.nn.softmax(scores, axis=1) @ v).sum()


def _recurrent(w: Any, x: Any) -> Any:
    def step(h: Any, row: Any) -> Any:
        h = jnp.tanh(w @ h + row)
        return h, h.sum()

    return jax.lax.scan(step, jnp.zeros(2), x)[1].sum()


LAYERS = [(_numbers(2, 3), _numbers(3, seed=1)), (_numbers(3, 2, seed=2), _numbers(2, seed=3))]
POINT = numpy.array([0.5, -1.0])
TARGET = numpy.array([0.0, 1.0])
CORPUS: dict[str, tuple[Callable[..., Any], list[Any]]] = {
    "neuron": (lambda w, x, b: jnp.tanh(w * x + b), [-3.0, 2.0, 6.8]),
    "rosenbrock": (lambda x: 100.0 * (x[1] - x[0] ** 2) ** 2 + (1.0 - x[0]) ** 2, [_numbers(2)]),
    "beale": (lambda x, y: sum((c - x * (1.0 - y**k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))), [1.5, -0.3]),
    "relu network": (_network(jax.nn.relu), [LAYERS, POINT, TARGET]),
    "tanh network": (_network(jnp.tanh), [LAYERS, POINT, TARGET]),
    "gelu network": (_network(jax.nn.gelu), [LAYERS, POINT, TARGET]),
    "silu network": (_network(jax.nn.silu), [LAYERS, POINT, TARGET]),
    "elu network": (_network(jax.nn.elu), [LAYERS, POINT, TARGET]),
    "softplus network": (_network(jax.nn.softplus), [LAYERS, POINT, TARGET]),
    "attention": (_attention, [_numbers(3, 2), _numbers(2, 6, seed=1)]),
    "recurrent": (_recurrent, [_numbers(2, 2), _numbers(4, 2, seed=1)]),
    "layer norm": (lambda x: jnp.square(jax.nn.standardize(x)[0]), [_numbers(4)]),
    "log-sum-exp": (lambda x: jax.nn.logsumexp(x), [_numbers(5)]),
    "norm": (lambda x: jnp.linalg.norm(x), [_numbers(4)]),
    "matrix": (lambda a, b: jnp.trace(a @ b @ a.T), [_numbers(2, 2), _numbers(2, 2, seed=1)]),
    "batches of products": (lambda a, b: jnp.einsum("bij,bjk->bik", a, b).sum(), [_numbers(2, 2, 3), _numbers(2, 3, 2, seed=1)]),
    "outer": (lambda x, y: jnp.sin(jnp.outer(x, y)).mean(), [_numbers(2), _numbers(3)]),
    "transposes and slices": (lambda x: (x.T[1:, ::2] * x[0, 1]).sum(), [_numbers(3, 3)]),
    "concatenate and pad": (
        lambda x, y: jnp.prod(jnp.pad(jnp.concatenate([x, y]), 1, constant_values=2.0)),
        [_numbers(2), _numbers(2)],
    ),
    "flip, roll, repeat": (lambda x: (jnp.flip(x) * jnp.roll(x, 1) * jnp.repeat(x, 2)[:3]).sum(), [_numbers(3)]),
    "gather": (lambda x: x[jnp.array([2, 0, 2])] @ jnp.array([1.0, 2.0, 3.0]) + x[5], [_numbers(4)]),
    "at, set": (lambda x: (x.at[1].set(x[0] * x[2]) ** 3).sum(), [_numbers(3)]),
    "largest and smallest": (lambda x: x.max() * x.min() + jnp.argmax(x) * x[0], [_numbers(5)]),
    "sort": (lambda x: jnp.sort(x) @ jnp.arange(5.0), [_numbers(5)]),
    "the largest two": (lambda x: jax.lax.top_k(x, 2)[0] @ jnp.array([1.0, 3.0]), [_numbers(5)]),
    "so far": (lambda x: jnp.cumsum(x)[3] * jnp.cumprod(x)[2] + jax.lax.cummax(x).sum(), [_numbers(5)]),
    "where": (lambda x: jnp.where(x > 0.0, jnp.log(x), jnp.exp(x)).sum(), [_numbers(4)]),
    "clip": (lambda x: (jnp.clip(x, -0.3, 0.3) * x).sum(), [_numbers(4)]),
    "cond": (lambda x: jax.lax.cond(x > 0.0, jnp.sin, jnp.cos, x), [0.75]),
    "switch": (lambda x: jax.lax.switch(jnp.int32(x), [jnp.sin, jnp.cos, jnp.exp], x), [1.5]),
    "loop of so many turns": (lambda x: jax.lax.fori_loop(0, 5, lambda k, y: jnp.sin(y) + x, x), [0.3]),
    "custom vjp": (lambda x: _squared(jnp.sin(x)), [0.75]),
    "custom jvp": (lambda x: _softly(x * x), [0.75]),
    "checkpoint": (lambda x: jax.checkpoint(lambda y: jnp.sin(jnp.sin(y)))(x), [0.75]),
    "jit in jit": (jax.jit(lambda x: jax.jit(jnp.tanh)(x) * x), [0.75]),
    "vmap": (lambda w, x: jax.vmap(lambda row: jax.nn.sigmoid(row @ w))(x).prod(), [_numbers(2), _numbers(3, 2, seed=1)]),
    "derivative": (lambda x: jax.grad(lambda y: jnp.exp(jnp.sin(y)))(x), [0.75]),
    "Hessian": (lambda x: jax.hessian(lambda y: jnp.sin(y[0] * y[1]))(x).sum(), [_numbers(2)]),
    "stop gradient": (lambda x: x * jax.lax.stop_gradient(jnp.sin(x)), [0.75]),
    "elementary": (
        lambda x: sum(f(x) for f in (jnp.exp2, jnp.log2, jnp.log1p, jnp.expm1, jnp.sqrt, jnp.cbrt, jax.lax.rsqrt)),
        [0.75],
    ),
    "angles": (
        lambda x: sum(f(x) for f in (jnp.arcsin, jnp.arccos, jnp.arctan, jnp.sinh, jnp.arcsinh, jnp.arctanh, jnp.tan)),
        [0.5],
    ),
    "two operands": (lambda x, y: jnp.arctan2(x, y) + jnp.hypot(x, y) + jnp.logaddexp(x, y) + x**y, [0.75, 1.25]),
    "whole numbers": (lambda x: jnp.floor(x) * x + jnp.round(x) * x + jnp.sign(x) * x + jnp.abs(x) + x % 0.7, [2.25]),
    "dictionary": (lambda p: p["a"] * p["b"][0] - p["b"][1], [{"a": 2.0, "b": (3.0, 4.0)}]),
}


JOINED = {
    "scatter-add": (lambda x: (x.at[jnp.array([0, 0, 2])].add(x[1] * x) ** 2).sum(), [_numbers(3)]),
    "convolution": (lambda x: jnp.tanh(jnp.convolve(x, jnp.array([1.0, -2.0, 0.5]))).sum(), [_numbers(4)]),
    "pooling": (lambda x: (jax.lax.reduce_window(x, 0.0, jax.lax.add, (2,), (2,), "VALID") ** 2).sum(), [_numbers(4)]),
}
CORPUS |= JOINED


def _derivatives(tree: Any) -> list[float]:
    leaves = [each for leaf in jax.tree_util.tree_leaves(tree) for each in (leaf.ravel() if hasattr(leaf, "ravel") else [leaf])]
    return [float(each.grad) if isinstance(each, Value) else float(each) for each in leaves]


@pytest.mark.parametrize("name", CORPUS)
def test_the_derivatives_are_those_of_jax(name: str) -> None:
    function, arguments = CORPUS[name]
    places = tuple(range(len(arguments)))
    right, slopes = jax.jit(jax.value_and_grad(function, argnums=places))(*arguments)
    given = [values_of(argument) for argument in arguments]
    found = graph_of(function, *given, verify=False)
    found.backward()
    assert found.data == pytest.approx(float(right), rel=1e-15, abs=1e-15)
    ours, theirs = _derivatives(given), _derivatives(slopes)
    assert max(abs(one - other) for one, other in zip(ours, theirs, strict=True)) <= CLOSE * max(map(abs, theirs))


def test_there_are_thirty_functions_and_nearly_all_words_are_used() -> None:
    from autograd_lite.bridges.jax_words import ALONG, EACH, MOVES, SO_FAR

    def names(jaxpr: Any) -> Iterator[str]:
        for each in jaxpr.eqns:
            yield each.primitive.name
            for inner in jaxprs_in_params(each.params):
                yield from names(inner)

    assert len(CORPUS) >= 30
    used = {name for function, given in CORPUS.values() for name in names(jax.make_jaxpr(function)(*given).jaxpr)}
    words = {*EACH, *ALONG, *SO_FAR, *MOVES}
    assert len(words & used) >= 0.6 * len(words)


ALONE = {
    "acosh": (jnp.arccosh, 1.5),
    "digamma": (jax.scipy.special.digamma, 1.5),
    "erf": (jax.scipy.special.erf, 0.5),
    "erf_inv": (jax.scipy.special.erfinv, 0.5),
    "erfc": (jax.scipy.special.erfc, 0.5),
    "lgamma": (jax.scipy.special.gammaln, 1.5),
    "polygamma": (lambda x: jax.scipy.special.polygamma(2, x), 1.5),
    "ceil": (lambda x: jnp.ceil(x) * x, 1.25),
    "round": (lambda x: jax.lax.round(x) * x, 2.5),
    "clamp": (lambda x: jax.lax.clamp(0.0, x, 2.0) * x, 1.5),
    "cumlogsumexp": (lambda x: jax.lax.cumlogsumexp(jnp.stack([x, x * x]))[1], 1.5),
    "cummin": (lambda x: jax.lax.cummin(jnp.stack([x, x * x, -x]), reverse=True).sum(), 1.5),
    "reduce_precision": (lambda x: jax.lax.reduce_precision(x, 11, 52) * x, 1.5),
}


@pytest.mark.parametrize("name", ALONE)
def test_the_words_that_networks_seldom_use(name: str) -> None:
    function, point = ALONE[name]
    x = Value(point)
    graph_of(function, x).backward()
    assert x.grad == pytest.approx(float(jax.grad(function)(point)), rel=1e-14)


# ---- what is shown -----------------------------------------------------------------------------------------------------------


def _mlp() -> tuple[Any, Value]:
    layers = values_of(LAYERS, "mlp")
    loss: Value = graph_of(_network(jax.nn.relu), layers, POINT, TARGET)
    loss.backward()
    return layers, loss


def test_a_network_of_somebody_is_drawn_recorded_and_asked() -> None:
    layers, loss = _mlp()
    picture = draw(loss).text()
    assert "mlp[0][0][0,1]" in picture
    assert "relu" in picture
    assert len(record(loss).backward) > 50
    assert "mlp[1][1][0]" in str(why(loss, layers[1][1][0]))
    slopes = jax.grad(_network(jax.nn.relu))(LAYERS, POINT, TARGET)
    ours, theirs = _derivatives(layers), _derivatives(slopes)
    assert max(abs(one - other) for one, other in zip(ours, theirs, strict=True)) <= CLOSE


def test_a_page_is_told_of_comparisons(tmp_path: Path) -> None:
    x = Value(0.5, label="x")
    page = draw(lambda: graph_of(lambda x: jnp.where(x > 0.0, jnp.sin(x), jnp.cos(x)), x)).save(tmp_path / "page.html").read_text()
    assert "1 comparison was noted while recording" in page


def test_a_function_of_jax_becomes_a_program() -> None:
    program = trace(lambda x: graph_of(lambda x: jnp.where(x > 0.0, jnp.sin(x), jnp.cos(x)), x), 0.5)
    values, slopes = program.value_and_grad([0.5, -0.5])
    assert values.tolist() == pytest.approx([numpy.sin(0.5), numpy.cos(-0.5)])
    assert slopes.ravel().tolist() == pytest.approx([numpy.cos(0.5), -numpy.sin(-0.5)])


def test_a_program_follows_no_place_that_numbers_decide() -> None:
    with pytest.raises(GraphError, match=r"JAX makes of `x\[0\]` would be kept from the example"):
        trace(lambda x: graph_of(lambda x: jnp.argmax(x) * x[0], numpy.array(x, object)), [0.5, 1.0])


def test_labels_are_the_places_of_numbers() -> None:
    found = graph_of(lambda model, x: model["w"][0, 1] * x, {"w": numpy.ones((1, 2))}, 3.0)
    assert equation(found).text == "model['w'][0,1] * x"
    assert equation(graph_of(jnp.hypot, Value(3.0, label="one"), 4.0)).text.count("one") > 0


def test_values_of_a_tree() -> None:
    tree = values_of({"a": 1, "b": 1.0, "c": jnp.arange(3), "d": numpy.ones((1, 2)), "e": Value(2.0, label="own")}, "p")
    assert (tree["a"], tree["b"].label, tree["c"].dtype.kind, tree["d"][0, 1].label) == (1, "p['b']", "i", "p['d'][0,1]")
    assert tree["e"].label == "own"


def test_results_have_the_form_in_which_the_function_gives_them() -> None:
    found = graph_of(lambda x: {"a": x[0] * 2.0, "b": (x, x.astype(int), None), "c": 3.0}, numpy.array([1.5, 2.5]))
    assert isinstance(found["a"], Value)
    assert [each.data for each in found["b"][0]] == [1.5, 2.5]
    assert found["b"][1].tolist() == [1, 2]
    assert found["b"][2] is None
    assert not found["c"].requires_grad


def test_arrays_without_numbers_and_numbers_without_arrays() -> None:
    assert graph_of(lambda x, y: x.sum() + y, numpy.ones((0, 3)), 2.0).data == 2.0
    assert graph_of(lambda x: x.prod(axis=0), numpy.ones((0, 2)))[1].data == 1.0
    assert graph_of(lambda x, n, mode: x**n if mode == "power" else x, 1.5, 2, "power").data == 2.25
    assert graph_of(lambda x, key: x + jax.random.normal(key), 1.5, jax.random.key(0)).data != 1.5


def test_places_outside_of_an_array() -> None:
    x = numpy.array([3.0, 1.0, 2.0])
    assert graph_of(lambda x: x.at[7].get(mode="fill", fill_value=0.5) * x[0], x).data == 1.5
    assert graph_of(lambda x: x.at[7].get(mode="fill", fill_value=-0.0) + x[0], x).data == 3.0
    assert numpy.isnan(graph_of(lambda x: x.at[7].get(mode="fill") + x[0], x).data)
    assert graph_of(lambda x: x.at[7].get(mode="clip") + x[0], x).data == 5.0
    assert graph_of(lambda x: x.at[7].set(9.0).sum(), x).data == 6.0


def test_values_are_taken_as_they_are() -> None:
    x = Value(2.0, label="x")
    assert equation(graph_of(lambda a, b: a * b, x, x)).text == "x * x"
    assert equation(graph_of(jnp.sin, x * 3.0)).text == "sin(x * 3)"
    with al.no_grad():
        assert not graph_of(jnp.sin, x).requires_grad


def test_the_page_and_its_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOGRAD_LITE_RENDERER", "builtin")
    with jax.enable_x64(False):  # as users have it
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        found = doctest.testfile(str(REPOSITORY / "docs" / "bridges.md"), module_relative=False, optionflags=flags)
    assert (found.attempted, found.failed) == (21, 0)
    assert (tmp_path / "jax.svg").read_bytes() == (REPOSITORY / "docs" / "jax.svg").read_bytes()


# ---- what is not computed ----------------------------------------------------------------------------------------------------


def test_what_a_choice_leaves_out_may_fail() -> None:
    x = Value(-1.0, label="x")
    assert graph_of(lambda x: jnp.where(x > 0.0, jnp.log(x), 2.0 * x), x).data == -2.0
    with pytest.raises(DomainError, match=r"`log\(x\)` is not defined at x = -1.0"):
        graph_of(jnp.log, x)


def test_a_part_is_shown_and_the_rest_left_to_jax() -> None:
    def deep(matrices: Any, x: Any) -> Any:
        for matrix in matrices:
            x = jnp.tanh(matrix @ x)
        return x.sum()

    matrices = [_numbers(300, 400) / 20.0, _numbers(5, 300, seed=1) / 17.0]
    x = _numbers(400, seed=2)
    with pytest.raises(GraphError, match=r"more than 100,000 operands: .* `arguments`, which has 121,900\. Let Values stand"):
        graph_of(deep, matrices, x)
    found = graph_of(deep, matrices, x, part=lambda matrices, x: matrices[1][0, :2])
    leaves = {node.label: node for node in al.topological_order(found) if node.label}
    assert list(leaves) == ["matrices[1][0,0]", "matrices[1][0,1]"]
    found.backward()
    right = jax.grad(deep)(matrices, x)[1][0]
    assert leaves["matrices[1][0,1]"].grad == pytest.approx(float(right[1]), rel=1e-13)


@pytest.mark.parametrize("part", [lambda x, n: 0.5, lambda x, n: n, lambda x, n: [x[0], "x"]])
def test_a_part_that_is_none_is_refused(part: Any) -> None:
    with pytest.raises(TypeError, match=r"^part gives .*, and is to give real numbers of the arguments"):
        graph_of(lambda x, n: x.sum() * n, numpy.ones(2), 3, part=part)
    with pytest.raises(TypeError, match=r"unsupported operand|can't multiply|can only concatenate"):
        graph_of(lambda x: x.sum(), numpy.ones(2), part=lambda x: x[0] + 1)
    assert not graph_of(lambda x, y: x * y, 1.5, 2.0, part=lambda x, y: []).requires_grad
    assert equation(graph_of(lambda x, y: x * y, 1.5, Value(2.0, label="y"), part=lambda x, y: x)).text == "x * y"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: jnp.linalg.inv(x).sum(), "lu"),
        (lambda x: jnp.abs(jnp.fft.fft(x)).sum(), "fft"),
        (lambda x: jnp.correlate(x[0], x[1]).sum(), "conv_general_dilated"),
    ],
)
def test_what_has_no_form_is_refused_by_its_name(function: Any, name: str) -> None:
    with pytest.raises(GraphError, match=rf"^`{name}` of JAX.* has no form in Values\. Compute it from what is no Value") as caught:
        graph_of(function, numpy.eye(2))
    assert caught.value.primitive == name  # type: ignore[attr-defined]


def test_a_loop_without_end_is_left() -> None:
    with pytest.raises(GraphError, match="more than 1,000 operands"):
        graph_of(lambda x: jax.lax.while_loop(lambda y: y < 10.0, lambda y: y * 1.0, x), 1.5, most=1000)
    assert graph_of(lambda x: jax.lax.while_loop(lambda y: y < 10.0, lambda y: y * 2.0, x), 1.5).data == 12.0


def test_a_derivative_that_is_not_of_its_formula_is_refused() -> None:
    @jax.custom_vjp
    def straight(x: Any) -> Any:
        return jnp.round(x)

    straight.defvjp(lambda x: (jnp.round(x), None), lambda _, slope: (slope,))
    with pytest.raises(
        GraphError,
        match=r"derivative by x of `<lambda>` is 1\.0 by its formula, and 2\.25 in JAX\. Derivatives of their own have: `straight`",
    ):
        graph_of(lambda x: straight(x) * x, 1.25)
    assert graph_of(lambda x: straight(x) * x, 1.25, verify=False).data == 1.25


@pytest.mark.parametrize("function", [lambda x: jnp.ldexp(x, 3), lambda x: jnp.frexp(x)[0], lambda x: (x, jnp.ldexp(x, 3))])
def test_a_derivative_of_what_is_computed_from_bits_is_refused(function: Any) -> None:
    with pytest.raises(GraphError, match="the derivative by "):
        graph_of(function, numpy.array([0.25, 1.5]))


def test_results_without_a_slope_are_numbers() -> None:
    found = graph_of(lambda x: (jnp.ones(2), x.astype(int).astype(float)), numpy.array([0.25, 1.5]))
    assert [[each.data for each in array] for array in found] == [[1.0, 1.0], [0.0, 1.0]]


def test_what_cancels_is_no_difference() -> None:
    x = values_of(numpy.array([0.3, 0.1, -0.7]))
    graph_of(lambda x: jax.nn.softmax(x).sum(), x).backward()
    assert max(abs(each.grad) for each in x) < 1e-15
    assert abs(graph_of(lambda x: (x + 1.0) - x - 1.0, 0.3).data) < 1e-15


def test_kinks_with_another_convention_are_told() -> None:
    zero = Value(0.0)
    graph_of(jax.nn.relu, zero).backward()
    assert zero.grad == 0.0
    with pytest.raises(GraphError, match=r"is 0\.25 by its formula, and 0\.333\d* in JAX\. At a kink conventions may differ"):
        graph_of(lambda x: x.max(), numpy.zeros(3))


def test_numbers_that_jax_makes_narrow_are_told() -> None:
    with pytest.warns(UserWarning, match=r"`convert_element_type` at .* computes in float32 in JAX; its Values are doubles"):
        found = graph_of(lambda x: x.astype(jnp.float32) / 3.0, 1.0)
    assert found.data == 1.0 / 3.0
    with jax.enable_x64(False):
        assert graph_of(lambda x: x / 3.0, jnp.ones(())).data == 1.0 / 3.0  # traced with numbers of 64 bits, whatever is set
        assert jnp.ones(()).dtype == "float32"


def test_arguments_that_are_no_real_numbers() -> None:
    with pytest.raises(GraphError, match=r"`<lambda>` is given no real number, and only such become Values: write 2\.0 for 2"):
        graph_of(lambda x: x * 2, 2)
    with pytest.raises(TypeError, match="Values are real numbers, got an array of complex128"):
        graph_of(jnp.abs, numpy.ones(2, complex))
    with pytest.raises(jax.errors.TracerBoolConversionError) as caught:
        graph_of(lambda x: x if x > 0 else -x, 1.0)
    assert "write jnp.where or jax.lax.cond for `if`" in "".join(caught.value.__notes__)


def test_the_examples_of_docstrings_run() -> None:
    run_example(graph_of, jax=jax)
    run_example(values_of)

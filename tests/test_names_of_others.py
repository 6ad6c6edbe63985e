"""Names of other libraries: what errors say where somebody writes one, and that what they say is there."""

import copy
import importlib
import inspect
import pickle
import pydoc
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as al
from autograd_lite import Value, expressions, names_of_others
from autograd_lite.functions import scalar_functions
from autograd_lite.names_of_others import ATTRIBUTES, FUNCTIONS, OF_NETWORKS, OF_OPTIMIZERS, PLACES
from autograd_lite.nn import MLP, Layer, Module, Neuron
from autograd_lite.optim import SGD, Adam
from tests.processes import run_python

# ---- the tables --------------------------------------------------------------------------------------------------------------


def _found(path: str) -> Any:
    """What a path such as `autograd_lite.optim.SGD` names."""
    thing: Any = importlib.import_module("autograd_lite")
    for name in path.split(".")[1:]:
        thing = getattr(thing, name)
    return thing


def _said() -> list[str]:
    return [text for table in (PLACES, ATTRIBUTES) for text in table.values()]


def test_whatever_the_messages_name_is_there() -> None:
    paths = {path for text in _said() for path in re.findall(r"autograd_lite(?:\.\w+)*", text)}
    assert len(paths) > 30
    assert all(_found(path) is not None for path in paths)
    v = Value(1.0)
    own = {name for text in ATTRIBUTES.values() for name in re.findall(r"`(\w+)(?:\(\)| = [^`]+)?`", text)}
    assert own > {"data", "grad", "operands", "primitive", "label", "item"}
    assert all(hasattr(v, name) for name in own)
    for text in FUNCTIONS.values():
        assert expressions.parse(
            text.format(
                x="x"
                if not text.startswith(("atan2", "power", "max", "min", "clamp", "betaln"))
                else "x, y"
                if "clamp" not in text
                else "x, 0, 1"
            ),
            scalar_functions(),
        )


def test_no_name_of_others_is_one_of_ours() -> None:
    """Else nobody would ever read what is said of it: take it out of the table."""
    functions = scalar_functions()
    assert not FUNCTIONS.keys() & functions.keys()
    assert not [name for name in PLACES if hasattr(al, name)]
    assert not [name for name in ATTRIBUTES if hasattr(Value(1.0), name) or hasattr(Value, name)]
    for table, classes in ((OF_NETWORKS, (Neuron, Layer, MLP)), (OF_OPTIMIZERS, (SGD, Adam))):
        taken = {name for cls in classes for name in inspect.signature(cls).parameters}
        assert not table.keys() & taken
        assert {name for text in table.values() for name in re.findall(r"`(\w+)`", text)} <= taken


# ---- modules -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: al.mse,
            r"^module 'autograd_lite' has no attribute 'mse': here it is `autograd_lite\.losses\.squared_error`, with",
        ),
        (lambda: al.losses.mse_loss, r"^module 'autograd_lite\.losses' has no .*`autograd_lite\.losses\.squared_error`"),
        (
            lambda: al.nn.Linear,
            r"^module 'autograd_lite\.nn' has no attribute 'Linear': here it is `autograd_lite\.nn\.Layer`, with",
        ),
        (lambda: al.Linear, r"here it is `autograd_lite\.nn\.Layer`"),
        (lambda: al.nn.ReLU, r'activation="relu"$'),
        (lambda: al.optim.StepLR, r"here it is `autograd_lite\.optim\.StepDecay`, as learning rate$"),
        (lambda: al.arcsin, r"'arcsin': here it is `autograd_lite\.asin`$"),
        (lambda: al.ln, r"here it is `autograd_lite\.log`$"),
        (lambda: al.sec, r"here it is `1/cos\(x\)`$"),
        (lambda: al.SGD, r"here it is `autograd_lite\.optim\.SGD`$"),
        (lambda: al.nn.tanh, r"module 'autograd_lite\.nn' has no attribute 'tanh': it is `autograd_lite\.tanh`$"),
        (lambda: al.tanhh, r"^module 'autograd_lite' has no attribute 'tanhh'; near names are `tanh`, "),
        (lambda: al.optim.adam, r"near names are `Adam`, `AdamW`$"),
        (lambda: al.nn.Mlp, r"near names are `MLP`$"),
        (lambda: al.qqqqqqq, r"^module 'autograd_lite' has no attribute 'qqqqqqq'$"),
        (lambda: al._tanh, r"^module 'autograd_lite' has no attribute '_tanh'$"),
    ],
)
def test_a_module_says_where_to_find_it(ask: Callable[[], Any], message: str) -> None:
    with pytest.raises(AttributeError, match=message) as raised:
        ask()
    assert raised.value.name in str(raised.value)
    assert raised.value.obj in (al, al.nn, al.losses, al.optim)


def test_a_name_that_is_not_there_is_not_there() -> None:
    assert not hasattr(al, "mse")
    assert not hasattr(al.nn, "Linear")
    assert getattr(al.losses, "mse", None) is None
    with pytest.raises(ImportError, match="Linear"):
        from autograd_lite.nn import Linear  # noqa: F401
    assert not hasattr(al.nn, "__wrapped__")


def test_nothing_is_loaded_for_a_near_name_but_what_finds_it() -> None:
    printed = run_python(
        """
        import autograd_lite as al
        before = set(sys.modules)
        try:
            al.mse
        except AttributeError:
            print(sorted(name for name in set(sys.modules) - before if name.startswith("autograd_lite")))
        """
    )
    assert printed == "[]\n"


# ---- Values ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_of_other_libraries_is_answered(name: str) -> None:
    v = Value(2.0)
    for ask in (lambda: getattr(v, name), lambda: setattr(v, name, 1.0), lambda: delattr(v, name)):
        with pytest.raises(AttributeError, match=f"^'Value' object has no attribute '{name}': ") as raised:
            ask()
        assert raised.value.name == name
        assert raised.value.obj is v
    with pytest.raises(AttributeError, match=f"^type object 'Value' has no attribute '{name}'"):
        getattr(Value, name)
    assert not hasattr(v, name)
    assert name not in dir(v)


def test_a_value_is_as_it_was() -> None:
    v = Value(2.0, "v")
    assert "Adds d self / d leaf" in pydoc.render_doc(Value)
    assert (np.sum(v).data, np.mean([v, v]).data) == (2.0, 2.0)  # NumPy asks for `sum`, and goes its own way
    assert {"data", "grad", "sin", "backward"} <= set(dir(v))
    assert copy.copy(v).data == pickle.loads(pickle.dumps(v)).data == 2.0
    with pytest.raises(AttributeError):
        v.gradd  # type: ignore[attr-defined] # noqa: B018


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda v, w: v ^ 2, r"^`v \^ 2` is the exclusive or of whole numbers in Python\. Write `v \*\* 2` for the power\.$"),
        (lambda v, w: 2 ^ v, r"^`2 \^ v` is .* Write `2 \*\* v`"),
        (lambda v, w: v ^ w, r"Write `v \*\* w`"),
        (lambda v, w: v + 1 ^ w - 1, r"^`v \+ 1 \^ w - 1` is .* Write `\(v \+ 1\) \*\* \(w - 1\)`"),
        (lambda v, w: np.float64(2.0) ^ v, r"Write `2 \*\* v`"),
        (lambda v, w: v @ w, r"^`v @ w` is a product of matrices in Python, and a Value is one number\. Write `v \* w`, or `dot"),
        (lambda v, w: 3.0 @ v, r"Write `3 \* v`"),
        (lambda v, w: v @ np.ones(3), r"does not combine with an array of shape \(3,\)"),
        (lambda v, w: np.ones(3) @ v, r"does not combine with an array of shape \(3,\)"),
        (lambda v, w: v ^ "a", r"unsupported operand"),
        (lambda v, w: {1} ^ v, r"unsupported operand"),
        (lambda v, w: al.jvp(lambda x: x ^ 2, 3.0, 1.0), r"Write `3 \*\* 2`"),
        (lambda v, w: al.taylor(lambda x: 2 ^ x, 3.0, 2), r"Write `2 \*\* 3`"),
        (lambda v, w: al.grad(lambda x: x ^ 2)(3.0), r"Write `3 \*\* 2`"),
        (lambda v, w: al.trace(lambda x: x @ x, 3.0), r"Write `x \* x`"),
        (
            lambda v, w: Value(2.0, (v, w)),
            r"^a label is a string or None, got \(.*micrograd's Value\(data, children, operation\) is auto",
        ),
    ],
)
def test_operators_and_arguments_that_mean_something_else_say_what_to_write(
    attempt: Callable[[Any, Any], Any], message: str
) -> None:
    v, w = Value(2.0, "v"), Value(3.0, "w")
    with pytest.raises(TypeError, match=message):
        attempt(v, w)


def test_an_operator_of_a_stranger_is_its_own() -> None:
    class Stranger:
        def __rxor__(self, other: Any) -> str:
            return "xor"

        def __matmul__(self, other: Any) -> str:
            return "matmul"

    v: Any = Value(2.0)
    stranger: Any = Stranger()
    assert (v ^ stranger, stranger @ v) == ("xor", "matmul")
    rows: Any = np.array([[Value(1.0), Value(2.0)]])
    assert (rows @ np.array([1.0, 2.0]))[0].data == 5.0


# ---- arguments ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda **named: SGD([Value(1.0)], **named), {"lr": r"SGD has no `lr`: here it is `learning_rate`"}),
        (lambda **named: Adam([Value(1.0)], 0.1, **named), {"betas": r"Adam has no `betas`: here it is `beta1` and `beta2`"}),
        (lambda **named: MLP(3, [4, 1], **named), {"nonlin": r"MLP has no `nonlin`: here it is `activation`, a name such as"}),
        (lambda **named: Neuron(2, **named), {"nonlin": r"Neuron has no `nonlin`"}),
        (lambda **named: Layer(**named), {"in_features": r"Layer has no `in_features`: here it is `n_inputs`"}),
        (lambda **named: MLP(2, **named), {"nouts": r"here it is `sizes`, the outputs' last"}),
    ],
)
def test_arguments_of_other_libraries_are_answered(make: Callable[..., Any], message: dict[str, str]) -> None:
    [(name, expected)] = message.items()
    with pytest.raises(TypeError, match=expected):
        make(**{name: 1})


def test_what_a_class_takes_by_no_name_is_left_to_python() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'lr'"):
        MLP(2, [1], lr=1)  # type: ignore[call-arg]


def test_a_class_of_one_s_own_may_take_them() -> None:
    class Net(Module):
        def __init__(self, nonlin: bool = True) -> None:
            self.nonlin = nonlin

    class Open(Module):
        def __init__(self, **options: Any) -> None:
            self.options = options

    assert Net(nonlin=False).nonlin is False
    assert Open(lr=1.0).options == {"lr": 1.0}
    assert copy.deepcopy(Net(nonlin=False)).nonlin is False
    assert pickle.loads(pickle.dumps(MLP(2, [1], seed=0))).state_dict() == MLP(2, [1], seed=0).state_dict()


# ---- expressions -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sin x", "`sin x` lacks brackets - write `sin(x)`"),
        ("2*sqrt 2", "`sqrt 2` lacks brackets - write `sqrt(2)`"),
        ("ln x", "`ln x` lacks brackets - write `log(x)`"),
        ("ln(2*x)", "`ln` is not a function here - write log(2*x)"),
        ("1 + arcsin(x/2)", "`arcsin` is not a function here - write asin(x/2)"),
        ("arctan2(y, x)", "`arctan2` is not a function here - write atan2(y, x)"),
        ("sec(x)", "`sec` is not a function here - write 1/cos(x)"),
        ("tan^-1(x)", "`^` is not the power in Python - write atan(x)"),
        ("sinh^- 1 x", "`^` is not the power in Python - write asinh(x)"),
        ("sin^2(x)", "`^` is not the power in Python - write `**`, as in sin(x)**2"),
        ("y^3", "`^` is not the power in Python - write `**`, as in y**3"),
        ("x^-1", "`^` is not the power in Python - write `**`, as in x**-1"),
        ("(x + 1)^(2)", "`^` is not the power in Python - write `**`, as in x**2"),
        ("^", "`^` is not the power in Python - write `**`, as in x**2"),
        ("2x", "`2x` lacks an operator - write `2*x`"),
        ("foo x", "`foo x` lacks an operator - write `foo*x`"),
        (f"ln({'x+' * 100}x)", f"`ln` is not a function here - write log({'x+' * 16}x..."),
        ("ln(\nx)", "`ln` is not a function here - write log( x)"),
    ],
)
def test_expressions_as_books_write_them(text: str, message: str) -> None:
    with pytest.raises(expressions.ExpressionError) as raised:
        expressions.parse(text, scalar_functions())
    assert raised.value.message == message


def test_e_is_a_constant_and_other_functions_than_ours_are_not_named() -> None:
    assert expressions.parse("e", {})({}) == pytest.approx(2.718281828459045)
    with pytest.raises(expressions.ExpressionError, match=r"write sin, or ln\*"):
        expressions.parse("ln(x)", {"sin": al.sin})
    with pytest.raises(expressions.ExpressionError, match=r"`ln x` lacks an operator"):
        expressions.parse("ln x", {"sin": al.sin})


def test_the_table_is_light() -> None:
    assert not {"difflib", "inspect"} & set(vars(names_of_others))
    assert sys.getsizeof(ATTRIBUTES) < 10_000


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("lgamma", "autograd_lite.gammaln"),
        ("psi", "autograd_lite.digamma"),
        ("trigamma", "polygamma(1, x)"),
        ("gamma", "exp(gammaln(x))"),
        ("ndtr", "autograd_lite.norm_cdf"),
        ("ndtri", "autograd_lite.norm_ppf"),
        ("deg2rad", "autograd_lite.radians"),  # and not near `grad`
        ("remat", "autograd_lite.checkpoint"),
    ],
)
def test_functions_of_statistics_and_of_gamma_by_the_names_of_others(name: str, here: str) -> None:
    with pytest.raises(AttributeError, match=rf"has no attribute '{name}': here it is `{re.escape(here)}`$"):
        getattr(al, name)


def test_asking_for_a_name_of_others_asks_nothing_of_the_number() -> None:
    """A trace would note that the number is not 0, and refuse rows in which it is."""

    def asked(x: Any) -> Any:
        return x * 2.0 if not hasattr(x, "tolist") else x

    assert al.trace(asked, 1.5)([1.5, 0.0]).tolist() == [3.0, 0.0]

"""What other libraries and books call what stands here under another name, for the messages of errors; nothing else reads it."""

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, Final, NoReturn


def _by_name(said: Mapping[str, str]) -> dict[str, str]:
    """What is said of each name, where it is said of several at once."""
    return {name: text for names, text in said.items() for name in names.split()}


# Functions of numbers: how a call of them is written here.
FUNCTIONS: Final = _by_name(
    {
        "arcsin arc_sin arsin": "asin({x})",
        "arccos arc_cos arcos": "acos({x})",
        "arctan arc_tan arctg": "atan({x})",
        "arctan2": "atan2({x})",
        "arcsinh arsinh argsinh": "asinh({x})",
        "arccosh arcosh argcosh": "acosh({x})",
        "arctanh artanh argtanh": "atanh({x})",
        "sen": "sin({x})",
        "tg": "tan({x})",
        "sh": "sinh({x})",
        "ch": "cosh({x})",
        "th": "tanh({x})",
        "cot ctg cotan": "1/tan({x})",
        "sec": "1/cos({x})",
        "csc cosec": "1/sin({x})",
        "coth": "1/tanh({x})",
        "csch": "1/sinh({x})",
        "ln": "log({x})",
        "lg": "log10({x})",
        "ld lb": "log2({x})",
        "ln1p": "log1p({x})",
        "logistic expit": "sigmoid({x})",
        "fabs absolute": "abs({x})",
        "sgn signum": "sign({x})",
        "root": "sqrt({x})",
        "sqr": "square({x})",
        "pow": "power({x})",
        "max": "maximum({x})",
        "min": "minimum({x})",
        "clip": "clamp({x})",
        "neg": "-({x})",
        "ceiling": "ceil({x})",
        "swish": "silu({x})",
        "gauss": "gaussian({x})",
        "hardtanh": "hard_tanh({x})",
        "logsigmoid log_expit": "log_sigmoid({x})",
        "lgamma loggamma gamma_ln": "gammaln({x})",
        "gamma tgamma": "exp(gammaln({x}))",
        "psi": "digamma({x})",
        "trigamma": "polygamma(1, {x})",
        "lbeta": "betaln({x})",
        "ndtr": "norm_cdf({x})",
        "ndtri probit": "norm_ppf({x})",
        "rad2deg": "degrees({x})",
        "deg2rad": "radians({x})",
    }
)

# What stands in modules. Names of this library between backticks are there, which a test holds.
PLACES: Final = _by_name(
    {
        "mse mse_loss MSELoss mean_squared_error": '`autograd_lite.losses.squared_error`, with form="mean" for the mean',
        "mae l1_loss L1Loss mean_absolute_error": "`autograd_lite.mean` of abs(y - t)",
        "bce bce_loss BCELoss binary_crossentropy": "`autograd_lite.losses.binary_cross_entropy`",
        "bce_with_logits BCEWithLogitsLoss": "`autograd_lite.losses.binary_cross_entropy_with_logits`",
        "CrossEntropyLoss crossentropy categorical_crossentropy softmax_cross_entropy": "`autograd_lite.losses.cross_entropy`",
        "nll nll_loss NLLLoss": "`autograd_lite.losses.cross_entropy_of_probabilities`",
        "hinge_loss max_margin svm_loss": "`autograd_lite.losses.hinge`",
        "Linear Dense": "`autograd_lite.nn.Layer`, with activation=None for the sums alone",
        "ReLU Tanh Sigmoid Softplus GELU SiLU ELU Mish LeakyReLU": (
            'an argument of `autograd_lite.nn.Layer` and `autograd_lite.nn.MLP`, as in activation="relu"'
        ),
        "Softmax": "the function `autograd_lite.softmax`, of a list",
        "Sequential": "`autograd_lite.nn.MLP`, or a `autograd_lite.nn.Module` whose __call__ applies its parts in turn",
        "functional": "`autograd_lite` itself: the functions stand there",
        "init": "an argument, as in initializer=`autograd_lite.nn.He`()",
        "Tensor tensor Variable Parameter Scalar": "`autograd_lite.Value`",
        "MLP MultiLayerPerceptron": "`autograd_lite.nn.MLP`",
        "Layer": "`autograd_lite.nn.Layer`",
        "Neuron Perceptron": "`autograd_lite.nn.Neuron`",
        "Module": "`autograd_lite.nn.Module`",
        "SGD": "`autograd_lite.optim.SGD`",
        "Adam": "`autograd_lite.optim.Adam`",
        "AdamW": "`autograd_lite.optim.AdamW`",
        "RMSprop RMSProp Adagrad Adadelta LBFGS Nadam": "`autograd_lite.optim.Optimizer` with a rule of your own",
        "lr_scheduler LambdaLR": "the learning rate itself: a schedule such as `autograd_lite.optim.StepDecay`",
        "StepLR MultiStepLR": "`autograd_lite.optim.StepDecay`, as learning rate",
        "ExponentialLR": "`autograd_lite.optim.Exponential`, as learning rate",
        "CosineAnnealingLR": "`autograd_lite.optim.Cosine`, as learning rate",
        "clip_grad_norm clip_grad_norm_": "`autograd_lite.optim.clip_gradient_norm`",
        "clip_grad_value clip_grad_value_": "`autograd_lite.optim.clip_gradient_value`",
        "fit": "`autograd_lite.training.fit`",
        "jit vmap compile": "`autograd_lite.trace`, whose program takes rows of samples",
        "gradient elementwise_grad egrad": "`autograd_lite.grad`",
        "value_and_gradient": "`autograd_lite.value_and_grad`",
        "hessian_vector_product make_hvp": "`autograd_lite.hvp`",
        "make_jvp": "`autograd_lite.jvp`",
        "make_vjp": "`autograd_lite.vjp`",
        "stop_gradient detach": "`autograd_lite.Value.detach`",
        "gradcheck check_grads check_gradients": "`autograd_lite.check`",
        "draw_dot make_dot": "`autograd_lite.draw`",
        "remat": "`autograd_lite.checkpoint`",
        "sum": "`autograd_lite.total`, of a list",
        "micrograd": "`autograd_lite.compat.micrograd`",
    }
)

_FOREIGN: Final = "autograd_lite.compat.micrograd.Value has micrograd's names, and takes attributes of one's own"
# What Values of others have.
ATTRIBUTES: Final = _by_name(
    {
        "numpy tolist": "the number is `data`, or `item()`",
        "cpu cuda to sum mean reshape view": "a Value is one number of Python, `data`, without axes and on no device",
        "value val primal _value": "the number is `data`",
        "gradient derivative adjoint tangent": "the derivative is `grad`, after `backward()`",
        "name": "the name is `label`",
        "clone": "`identity()` is a node of its own with the same number, `detach()` a constant",
        "grad_fn": "what made it is `primitive`, and from what `operands`",
        "is_leaf": "the `primitive` of a leaf is None",
        "requires_grad_": "set `requires_grad`",
        "retain_grad": "every value keeps its `grad`, interior ones too",
        "zero_ zero_grad_": "write `grad = 0.0`, or `zero_grad()` for all that it was computed from",
        "detach_": "`detach()` gives the number as a constant",
        "parents children inputs args": "what it was computed from is `operands`",
        "op": "what made it is `primitive`",
        "add sub mul div pow": "Python's operators do that: + - * / **",
        "ln": "the natural logarithm is `log()`",
        "clamp clip": "write clamp(x, low, high)",
        "softmax": "write softmax(values), of a list",
        "_prev _children": f"what it was computed from is `operands`; {_FOREIGN}",
        "_op": f"what made it is `primitive`; {_FOREIGN}",
        "_backward": f"its slopes by its operands are `local_derivatives`; {_FOREIGN}",
        "_vis_color m v": _FOREIGN,
    }
)

# Arguments of optimizers, and of networks.
OF_OPTIMIZERS: Final = _by_name(
    {
        "params": "`parameters`",
        "lr step_size": "`learning_rate`",
        "betas": "`beta1` and `beta2`, as in beta1=0.9, beta2=0.999",
        "b1": "`beta1`",
        "b2": "`beta2`",
        "eps": "`epsilon`",
    }
)
OF_NETWORKS: Final = _by_name(
    {
        "nonlin nonlinearity act activation_fn": '`activation`, a name such as "relu", or None',
        "nin n_in in_features input_size": "`n_inputs`",
        "nout n_out out_features units": "`n_outputs`",
        "nouts hidden_layer_sizes hidden_sizes layer_sizes": "`sizes`, the outputs' last",
        "use_bias": "`bias`",
        "init kernel_initializer": "`initializer`",
        "random_state rng": "`seed`",
    }
)


def written_here(name: str, argument: str, functions: Collection[str]) -> str | None:
    """How the function that others call by a name is written with the functions there are; None if it is not known.

    >>> written_here("ln", "2*x", {"log"}), written_here("log", "x", {"log"}), written_here("sec", "x", {"cos"})
    ('log(2*x)', 'log(x)', '1/cos(x)')
    """
    written = f"{name}({{x}})" if name in functions else FUNCTIONS.get(name.lower(), "")
    called = [word.strip("1/-") for word in written.split("(")[:1]]
    return written.format(x=argument) if written and all(word in functions for word in called if word) else None


def call_advice(name: str, inside: str, functions: Collection[str], near: Sequence[str]) -> str:
    """What to write for `name(inside)` where there is no such function, only those and some of near names."""
    meant = written_here(name, inside, functions)
    return _cut(meant) if meant else f"{', '.join(near or functions) or 'no function'}, or {name}*(...) for a product"


def lacking(left: str, right: str, functions: Collection[str]) -> str:
    """What two operands side by side lack: `sin x` brackets, `2 x` a sign.

    >>> lacking("ln", "x", {"log"}), lacking("2", "x", {})
    ('brackets - write `log(x)`', 'an operator - write `2*x`')
    """
    called = written_here(left, right, functions)
    return f"brackets - write `{_cut(called)}`" if called else f"an operator - write `{_cut(f'{left}*{right}')}`"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def power_advice(base: str, rest: str, functions: Collection[str]) -> str:
    """What to write for `base^rest`: sin^2(x) is a power of the value, sin^-1(x) the inverse function.

    >>> power_advice("tan", "-1(x)", {"tan", "atan"})
    'is not the power in Python - write atan(x)'
    """
    found = re.match(r" *(-? *[\w.]{1,9})", rest)
    exponent = found[1].replace(" ", "") if found else "2"
    called = written_here(base, "x", functions)
    inverse = written_here(f"arc{base}", "x", functions) if exponent == "-1" else None
    meant = inverse or f"`**`, as in {called or (base if base.isidentifier() and len(base) < 20 else 'x')}**{exponent}"
    return f"is not the power in Python - write {meant}"


def near_names(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names most like one that is not known, capitals apart."""
    from difflib import get_close_matches  # which takes long to load, for errors alone

    plain = {each.lower(): each for each in known if not each.startswith("_")}
    return [plain[each] for each in get_close_matches(name.lower(), plain, most, 0.7)]


def absent_from(module: str) -> Callable[[str], NoReturn]:
    """The `__getattr__` of a module: an AttributeError that says where to find what other libraries have by that name."""

    def absent(name: str) -> NoReturn:
        asked = sys.modules[module]
        message = f"module {module!r} has no attribute {name!r}"
        raise AttributeError(message if name.startswith("_") else message + _advice(name, asked), name=name, obj=asked)

    return absent


def _advice(name: str, asked: ModuleType) -> str:
    if name in PLACES:
        return f": here it is {PLACES[name]}"
    written = FUNCTIONS.get(name.lower())
    if written is not None:
        called = written.removesuffix("({x})")
        return f": here it is `{f'autograd_lite.{called}' if called.isidentifier() else written.format(x='x')}`"
    root = sys.modules["autograd_lite"]
    if asked is not root and name in root.__all__:
        return f": it is `autograd_lite.{name}`"
    near = near_names(name, dir(asked))
    return f"; near names are {', '.join(f'`{each}`' for each in near)}" if near else ""


class Absent:
    """In the place of an attribute that a class has not: whoever asks for it, or sets it, is told what there is instead."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> NoReturn:
        kind = f"type object {owner.__name__!r}" if instance is None else f"{owner.__name__!r} object"
        obj = owner if instance is None else instance  # without asking whether it is 0, which a trace would note
        raise AttributeError(f"{kind} has no attribute {self.name!r}: {ATTRIBUTES[self.name]}", name=self.name, obj=obj)

    def __set__(self, instance: object, value: Any) -> NoReturn:
        self.__get__(instance, type(instance))

    def __delete__(self, instance: object) -> NoReturn:
        self.__get__(instance, type(instance))


def with_absent(kind: type) -> None:
    """Lets a class of numbers say what it has instead of the attributes of others; `dir` does not list these."""

    def listed(self: object) -> Iterable[str]:
        return [name for name in object.__dir__(self) if name not in ATTRIBUTES]

    for name in ATTRIBUTES:
        setattr(kind, name, Absent(name))
    kind.__dir__ = listed  # type: ignore[method-assign, assignment]


def check_arguments(cls: Any, named: Collection[str], others: Mapping[str, str]) -> None:
    """Refuses arguments of a class by the names that other libraries give them, before Python says only that it does not know them.

    Raises:
        TypeError: if there are some which the class's own `__init__` does not take.
    """
    foreign = [name for name in named if name in others]
    if not foreign:
        return
    from inspect import Parameter, signature

    taken = signature(cls.__init__).parameters
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in taken.values()):
        return  # it may know the name
    foreign = [name for name in foreign if name not in taken]
    if foreign:
        raise TypeError("; ".join(f"{cls.__name__} has no `{name}`: here it is {others[name]}" for name in foreign))

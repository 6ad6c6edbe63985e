"""autograd_lite: a scalar reverse-mode automatic-differentiation engine to read, step through, draw and trust.

A `Value` remembers how it was computed, and `backward` applies the chain rule to every node:

>>> from autograd_lite import Value, tanh
>>> w, x, b = Value(2.0, label="w"), Value(0.5, label="x"), Value(1.0, label="b")
>>> y = tanh(w * x + b)
>>> y.backward()
>>> y.data, w.grad
(0.9640275800758169, 0.03532541242658224)

The nodes of the graph know their primitive, their operands and the local derivatives:

>>> y.primitive, [operand.data for operand in y.operands], y.local_derivatives
(<primitive tanh>, [2.0], (0.07065082485316448,))

Functions answer in kind, so one text serves floats, Values, NumPy arrays, complex and mpmath numbers:

>>> tanh(2.0)
0.9640275800758169

Derivatives of functions, of any order:

>>> from autograd_lite import derivative, grad, hessian
>>> grad(lambda x, y: x * x * y)(3.0, 2.0)
(12.0, 9.0)
>>> derivative(tanh, order=3)(0.0)
-2.0

Networks are Values with names:

>>> from autograd_lite.nn import MLP
>>> model = MLP(2, [3, 1], activation="sigmoid", seed=1)
>>> [parameter.label for parameter in model.parameters()][:4]
['layer0.neuron0.w[0]', 'layer0.neuron0.w[1]', 'layer0.neuron0.b', 'layer0.neuron1.w[0]']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd_lite import functions as _functions
from autograd_lite.calculus import transforms as _transforms
from autograd_lite.calculus.transforms import *
from autograd_lite.engine import copying as _copying  # noqa: F401 - teaches copy and pickle about graphs
from autograd_lite.engine import numpy_methods as _numpy_methods  # noqa: F401 - gives Values their methods
from autograd_lite.engine import primitives as _primitives
from autograd_lite.engine.build import engine_info
from autograd_lite.engine.collector import quiet_gc
from autograd_lite.engine.errors import DomainError, GraphError, NanGradientWarning, OperationError, PoleError, RangeError
from autograd_lite.engine.extras import called_without
from autograd_lite.engine.primitives import *
from autograd_lite.engine.recording import no_grad
from autograd_lite.engine.value import Value, constant, topological_order
from autograd_lite.functions import *
from autograd_lite.losses import formulas as _losses
from autograd_lite.losses.formulas import *
from autograd_lite.names_of_others import absent_from as _absent_from

if TYPE_CHECKING:  # what is loaded when it is first asked for
    from autograd_lite import bridges as bridges
    from autograd_lite import calculus as calculus
    from autograd_lite import compat as compat
    from autograd_lite import datasets as datasets
    from autograd_lite import drawing as drawing
    from autograd_lite import errors as errors
    from autograd_lite import functions as functions
    from autograd_lite import losses as losses
    from autograd_lite import nn as nn
    from autograd_lite import optim as optim
    from autograd_lite import plotting as plotting
    from autograd_lite import primitive as primitive
    from autograd_lite import primitives as primitives
    from autograd_lite import program as program
    from autograd_lite import stepping as stepping
    from autograd_lite import symbols as symbols
    from autograd_lite import systems as systems
    from autograd_lite import testing as testing
    from autograd_lite import training as training
    from autograd_lite import value as value
    from autograd_lite.calculus.rounding import rounding
    from autograd_lite.drawing import draw, why
    from autograd_lite.program import trace
    from autograd_lite.stepping import record
    from autograd_lite.testing import check

__version__ = "0.2.0"

# The public names, but for modules and `abs`, which `from autograd_lite import *` must not put in the place of Python's own.
__all__ = ["DomainError", "GraphError", "NanGradientWarning", "OperationError", "PoleError", "RangeError", "Value"]
__all__ += ["check", "constant", "draw", "engine_info", "no_grad", "quiet_gc", "record", "rounding", "topological_order"]
__all__ += ["trace", "why"]
__all__ += _primitives.__all__
__all__ += _functions.__all__
__all__ += _losses.__all__
__all__ += _transforms.__all__
__all__.remove("abs")

_ROOMS = (
    "bridges calculus compat datasets drawing errors functions losses nn optim plotting primitive primitives program stepping "
    "symbols systems testing training value"
).split()
_VERBS = {
    "draw": "drawing",
    "why": "drawing",
    "record": "stepping",
    "trace": "program",
    "check": "testing",
    "rounding": "calculus.rounding",
}


def __dir__() -> list[str]:
    return sorted({*__all__, "abs", *_ROOMS, *(name for name in globals() if name.startswith("__"))})


if not TYPE_CHECKING:  # or every misspelt name would have the type Any

    def __getattr__(name: str) -> Any:
        if name in _ROOMS:
            return import_module(f"{__name__}.{name}")
        if name in _VERBS:
            try:
                return getattr(import_module(f"{__name__}.{_VERBS[name]}"), name)
            except ModuleNotFoundError as error:  # so that a star import, which asks for every name, works without NumPy
                return called_without(name, error)
        return _absent_from(__name__)(name)

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

import autograd_lite.engine.copying  # teaches copy and pickle about graphs
import autograd_lite.engine.numpy_methods  # gives Values their methods
import autograd_lite.primitives  # noqa: F401 - `al.primitives` has those that only rules call
from autograd_lite.calculus import *
from autograd_lite.engine.build import engine_info as engine_info
from autograd_lite.engine.collector import quiet_gc as quiet_gc
from autograd_lite.engine.errors import DomainError as DomainError
from autograd_lite.engine.errors import GraphError as GraphError
from autograd_lite.engine.errors import NanGradientWarning as NanGradientWarning
from autograd_lite.engine.errors import OperationError as OperationError
from autograd_lite.engine.errors import PoleError as PoleError
from autograd_lite.engine.errors import RangeError as RangeError
from autograd_lite.engine.primitives import *
from autograd_lite.engine.recording import no_grad as no_grad
from autograd_lite.engine.value import Value as Value
from autograd_lite.engine.value import constant as constant
from autograd_lite.engine.value import topological_order as topological_order
from autograd_lite.functions import *
from autograd_lite.losses import *

__version__ = "0.1.0"

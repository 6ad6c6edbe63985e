"""Derivative tests with a verdict and an error bar, for this engine and for anyone's.

>>> from autograd_lite import exp
>>> verdict = check(lambda x, y: x * exp(-y), (2.0, 0.5))
>>> verdict.outcome, verdict.oracle
('agrees', 'complex step')
>>> numerical_grad(lambda x: x * x)(3.0).value
6.0
"""

from autograd_lite.testing.checker.checking import assert_gradients as assert_gradients
from autograd_lite.testing.checker.checking import check as check
from autograd_lite.testing.checker.kinks import Kink as Kink
from autograd_lite.testing.checker.kinks import kinks as kinks
from autograd_lite.testing.checker.local import WrongEdge as WrongEdge
from autograd_lite.testing.checker.local import first_wrong_edge as first_wrong_edge
from autograd_lite.testing.checker.verdict import Component as Component
from autograd_lite.testing.checker.verdict import Verdict as Verdict
from autograd_lite.testing.graphs import as_function as as_function
from autograd_lite.testing.numeric.differences import central as central
from autograd_lite.testing.numeric.differences import finite_differences as finite_differences
from autograd_lite.testing.numeric.differences import one_sided as one_sided
from autograd_lite.testing.numeric.differences import richardson as richardson
from autograd_lite.testing.numeric.engines import OURS as OURS
from autograd_lite.testing.numeric.engines import PLAIN as PLAIN
from autograd_lite.testing.numeric.engines import Engine as Engine
from autograd_lite.testing.numeric.estimates import Estimate as Estimate
from autograd_lite.testing.numeric.higher import complex_step as complex_step
from autograd_lite.testing.numeric.higher import multiprecision as multiprecision
from autograd_lite.testing.numeric.numerical import numerical_derivative as numerical_derivative
from autograd_lite.testing.numeric.numerical import numerical_grad as numerical_grad
from autograd_lite.testing.numeric.numerical import numerical_hessian as numerical_hessian
from autograd_lite.testing.numeric.numerical import numerical_jacobian as numerical_jacobian
from autograd_lite.testing.primitives.checks import check_primitive as check_primitive

"""Derivative tests with a verdict and an error bar, for this engine and for anyone's.

>>> from autograd_lite import exp
>>> verdict = check(lambda x, y: x * exp(-y), (2.0, 0.5))
>>> verdict.outcome, verdict.oracle
('agrees', 'complex step')
>>> numerical_grad(lambda x: x * x)(3.0).value
6.0
"""

from autograd_lite.testing.checking import assert_gradients as assert_gradients
from autograd_lite.testing.checking import check as check
from autograd_lite.testing.differences import central as central
from autograd_lite.testing.differences import finite_differences as finite_differences
from autograd_lite.testing.differences import one_sided as one_sided
from autograd_lite.testing.differences import richardson as richardson
from autograd_lite.testing.engines import OURS as OURS
from autograd_lite.testing.engines import PLAIN as PLAIN
from autograd_lite.testing.engines import Engine as Engine
from autograd_lite.testing.estimates import Estimate as Estimate
from autograd_lite.testing.graphs import as_function as as_function
from autograd_lite.testing.higher import complex_step as complex_step
from autograd_lite.testing.higher import multiprecision as multiprecision
from autograd_lite.testing.kinks import Kink as Kink
from autograd_lite.testing.kinks import kinks as kinks
from autograd_lite.testing.numerical import numerical_derivative as numerical_derivative
from autograd_lite.testing.numerical import numerical_grad as numerical_grad
from autograd_lite.testing.numerical import numerical_hessian as numerical_hessian
from autograd_lite.testing.numerical import numerical_jacobian as numerical_jacobian
from autograd_lite.testing.primitive_checks import check_primitive as check_primitive
from autograd_lite.testing.report import WrongEdge as WrongEdge
from autograd_lite.testing.report import first_wrong_edge as first_wrong_edge
from autograd_lite.testing.verdict import Component as Component
from autograd_lite.testing.verdict import Verdict as Verdict

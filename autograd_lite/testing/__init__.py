"""Derivative tests with a verdict and an error bar, for this engine and for anyone's.

checker/            `check`: checking has the steps; under_test, precision, ties, kinks, judging, verdict, local, failure
numeric/            derivatives from values alone
    differences, adaptive, samples, estimates   plain differences, and their error bars
    higher, opaque, oracles     complex step and mpmath, on numbers that cannot be dropped; who is believed
    numerical, arguments, engines   `numerical_grad` and its like; a function at a point; any library under test
primitives/         checks: `check_primitive`, by properties at points; mutation, wrong_rules: rules broken on purpose
generate/           what tests draw: strategies, straight_line, ranges; protocol, against duals
libraries/          `check_torch`, `check_jax`: functions of somebody's arrays
fuzzing/            random programs from seeds: generator, grammar, sentences, words; case, eager, likeness
graphs              what the checks ask of a recorded graph
hypothesis, contracts           strategies, and tests that one derives from
pytest_plugin, error_table      the mark `gradcheck` and `--grad-report`

>>> from autograd_lite import exp
>>> verdict = check(lambda x, y: x * exp(-y), (2.0, 0.5))
>>> verdict.outcome, verdict.oracle
('agrees', 'complex step')
>>> numerical_grad(lambda x: x * x)(3.0).value
6.0
"""

from autograd_lite.testing.checker.checking import assert_gradients, check
from autograd_lite.testing.checker.kinks import Kink, kinks
from autograd_lite.testing.checker.local import WrongEdge, first_wrong_edge
from autograd_lite.testing.checker.verdict import Component, Verdict
from autograd_lite.testing.graphs import as_function
from autograd_lite.testing.libraries.dispatch import check_jax, check_torch
from autograd_lite.testing.numeric.differences import central, finite_differences, one_sided, richardson
from autograd_lite.testing.numeric.engines import OURS, PLAIN, Engine
from autograd_lite.testing.numeric.estimates import Estimate
from autograd_lite.testing.numeric.higher import complex_step, multiprecision
from autograd_lite.testing.numeric.numerical import numerical_derivative, numerical_grad, numerical_hessian, numerical_jacobian
from autograd_lite.testing.primitives.checks import check_primitive

__all__ = [
    "OURS",
    "PLAIN",
    "Component",
    "Engine",
    "Estimate",
    "Kink",
    "Verdict",
    "WrongEdge",
    "as_function",
    "assert_gradients",
    "central",
    "check",
    "check_jax",
    "check_primitive",
    "check_torch",
    "complex_step",
    "finite_differences",
    "first_wrong_edge",
    "kinks",
    "multiprecision",
    "numerical_derivative",
    "numerical_grad",
    "numerical_hessian",
    "numerical_jacobian",
    "one_sided",
    "richardson",
]

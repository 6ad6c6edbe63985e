"""What importing the package costs: nothing that is not used."""

import subprocess
import sys

HEAVY = ("numpy", "graphviz", "pygraphviz", "matplotlib", "hypothesis", "mpmath", "tqdm", "pytest", "argparse")


def loaded_after(program: str) -> set[str]:
    program += f"\nimport sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    return set(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split())


def test_the_package_imports_nothing_heavy():
    assert loaded_after("import autograd_lite") == set()


def test_the_engine_networks_pictures_and_steps_run_without_numpy_and_graphviz():
    program = """
from autograd_lite import Value, grad, hessian, tanh
from autograd_lite.drawing import draw, equation, why
from autograd_lite.nn import MLP
from autograd_lite.optim import Adam
from autograd_lite.stepping import record
model = MLP(2, [3, 1], seed=0)
loss = model([1.0, 2.0]) ** 2
loss.backward()
draw(loss).svg(renderer="builtin"), why(loss, model.parameters()[0]), equation(loss).latex, record(loss).html()
Adam(model.parameters()).step()
hessian(lambda x: tanh(x))(0.5)
"""
    assert loaded_after(program) <= {"argparse"}


def test_numpy_is_loaded_by_the_first_array():
    assert "numpy" in loaded_after("import numpy, autograd_lite; autograd_lite.sin(numpy.zeros(2))")

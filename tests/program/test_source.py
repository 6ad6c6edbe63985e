"""The source of a program: the four equations of backpropagation, modules that stand alone, names and comments that are safe."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.losses import squared_error
from autograd_lite.nn import MLP, Layer
from autograd_lite.nn.module import Module
from autograd_lite.program import Program, trace
from tests.program.test_replay import beale, rosenbrock


def _network_loss(model: Any, x: Any, y: Any) -> Any:
    return squared_error(model(x), y)


def _sigmoid_network(inputs: int, sizes: list[int]) -> Program:
    model = MLP(inputs, sizes, "sigmoid", output_activation="sigmoid", seed=0)
    return trace(_network_loss, model, [0.1] * inputs, [0.5] * sizes[-1] if sizes[-1] > 1 else 0.5)


def _function(source: str, name: str = "_network_loss") -> ast.FunctionDef:
    [function] = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name]
    return function


def _parts(function: ast.FunctionDef) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements before and after `if gradient is None: return`."""
    [turn] = [place for place, statement in enumerate(function.body) if isinstance(statement, ast.If)]
    return function.body[:turn], function.body[turn + 1 :]


def _products(statements: list[ast.stmt]) -> list[str]:
    """Every matrix product, as it stands there."""
    found = []
    for node in [node for statement in statements for node in ast.walk(statement)]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "np.matmul":
            found.append(f"{ast.unparse(node.args[0])} @ {ast.unparse(node.args[1])}")
    return found


@pytest.mark.parametrize(("inputs", "sizes"), [(2, [2, 1]), (784, [30, 10])], ids=["2-2-1", "784-30-10"])
def test_the_four_equations_of_backpropagation(inputs: int, sizes: list[int]) -> None:
    """Nielsen, *Neural Networks and Deep Learning*, chapter 2: BP1 to BP4, from scalar neurons."""
    forward, backward = _parts(_function(_sigmoid_network(inputs, sizes).source))
    assert _products(forward) == ["X @ W1.T", "a1 @ W2.T"]
    assert sorted(_products(backward)) == ["d_z1.T @ X", "d_z2 @ W2", "d_z2.T @ a1"]  # nobody asked for the inputs' gradient
    lines = [ast.unparse(statement) for statement in backward]
    [bp1] = [line for line in lines if line.startswith("d_z2 = ")]
    assert "t1 / rows * a2 * sigmoid(-z2)" in bp1
    assert "d_z1 = d_z2 @ W2 * a1 * sigmoid(-z1)" in lines  # BP2, which stands there as (d_z2 @ W2) * ...
    assert {"d_z1.sum(axis=0, out=d_b1)", "d_z2.sum(axis=0, out=d_b2)"} <= set(lines)  # BP3
    assert {"np.matmul(d_z1.T, X, out=d_W1)", "np.matmul(d_z2.T, a1, out=d_W2)"} <= set(lines)  # BP4
    written = [ast.unparse(statement) for statement in forward]
    assert {"z1 = X @ W1.T + b1", "a1 = sigmoid(z1)", "z2 = a1 @ W2.T + b2", "a2 = sigmoid(z2)"} <= set(written)


def test_a_neuron_written_as_a_sum_is_the_same_product() -> None:
    class ByHand(Module):
        def __init__(self) -> None:
            self.w = [[Value(0.1 * (i + 1) * (j - 1)) for i in range(3)] for j in range(4)]
            self.b = [Value(0.2 * j) for j in range(4)]

        def __call__(self, x: Any) -> Any:
            return [ag.tanh(sum((wi * xi for wi, xi in zip(w, x, strict=True)), b)) for w, b in zip(self.w, self.b, strict=True)]

    class WithReduce(ByHand):
        def __call__(self, x: Any) -> Any:
            out = []
            for w, b in zip(self.w, self.b, strict=True):
                total: Any = 0.0
                for i in range(3):
                    total = total + x[i] * w[i]
                out.append(ag.tanh(total + b))
            return out

    for kind in (ByHand, WithReduce):
        source = trace(_network_loss, kind(), [0.1, 0.2, 0.3], [0.0] * 4).source
        assert "X @ W1.T + b1" in source
        assert source.count("@") == 1


def test_a_dense_layer_costs_the_same_statements_at_any_width() -> None:
    def lines(width: int) -> int:
        return len(_function(_sigmoid_network(20, [width, 10]).source).body)

    assert lines(10) == lines(40)


def test_rosenbrock_is_a_handful_of_statements() -> None:
    function = _function(trace(rosenbrock, [0.5] * 100).source, "rosenbrock")
    assert len(function.body) <= 12
    assert "X[:, :99]" in ast.unparse(function)
    assert "np.add.at" not in ast.unparse(function)


def test_no_zero_fills_and_no_dead_stores() -> None:
    for source in (_sigmoid_network(3, [4, 2]).source, trace(beale, 1.0, 2.0).source):
        assert "zeros" not in source
        for function in [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]:
            names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
            stored = {name.id for name in names if isinstance(name.ctx, ast.Store)}
            assert stored <= {name.id for name in names if isinstance(name.ctx, ast.Load)}


@pytest.mark.parametrize("program", [_sigmoid_network(3, [4, 2]), trace(beale, 1.0, 2.0), trace(rosenbrock, [0.5] * 20)])
def test_the_source_is_formatted(program: Program, tmp_path: Path) -> None:
    path = program.save(tmp_path / "step.py")
    assert path.read_text() == program.source
    for line in program.source.splitlines():
        assert line == line.rstrip() and len(line) <= 132
    ruff = Path(sys.executable).with_name("ruff")
    if ruff.exists():
        subprocess.run([ruff, "format", "--isolated", "--check", path], check=True, capture_output=True)
        subprocess.run([ruff, "check", "--isolated", path], check=True, capture_output=True)


def test_a_saved_module_needs_numpy_alone(tmp_path: Path) -> None:
    program = _sigmoid_network(3, [4, 2])
    program.save(tmp_path / "step.py")
    xs, ys = numpy.linspace(-1.0, 1.0, 15).reshape(5, 3), numpy.linspace(0.0, 1.0, 10).reshape(5, 2)
    numpy.savez(tmp_path / "data.npz", xs=xs, ys=ys, parameters=program.parameters)
    script = (
        "import sys, numpy, step\n"
        "data = numpy.load('data.npz')\n"
        "gradient = numpy.empty_like(data['parameters'])\n"
        "print(repr(float(step._network_loss(data['parameters'], data['xs'], data['ys'], gradient))))\n"
        "print(gradient.tolist())\n"
        "assert not any(name.startswith('autograd_lite') for name in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, env={**os.environ}
    )
    value, gradient = program.loss_and_gradient(xs, ys)
    lines = run.stdout.splitlines()
    assert float(lines[0]) == value
    assert ast.literal_eval(lines[1]) == gradient.tolist()


def test_the_same_function_gives_the_same_source() -> None:
    assert _sigmoid_network(3, [4, 2]).source == _sigmoid_network(3, [4, 2]).source


def test_arguments_may_be_called_like_functions() -> None:
    def floor(sigmoid: Any, exp: Any, INDEX1: Any) -> Any:
        return ag.sigmoid(sigmoid) * ag.exp(exp) + ag.floor(INDEX1)

    program = trace(floor, 0.5, 0.25, 1.5)
    expected, slopes = ag.value_and_grad(floor)(0.5, 0.25, 1.5)
    value, gradient = program.value_and_grad(numpy.array([[0.5, 0.25, 1.5]]))
    assert value[0] == pytest.approx(expected, rel=1e-14)
    assert gradient[0].tolist() == pytest.approx(list(slopes), rel=1e-13)
    assert program.value_and_grad([0.5, 0.25, 1.5])[0] == pytest.approx(expected, rel=1e-14)


WICKED = ['x"""\nimport os\n"""', "a\nimport os", "for", "gradient", "np", "d_t1", "1st", "é ü", "x'\\", "", "rows", "t1"]


@pytest.mark.parametrize("label", WICKED)
def test_labels_cannot_break_out_of_names_and_comments(label: str) -> None:
    class Labelled(Module):
        def __init__(self) -> None:
            self.a, self.b = Value(2.0, label), Value(3.0, label)

    def loss(model: Any, x: Any) -> Any:
        inner = ag.sin(model.a * x)
        inner.label = label
        return inner * inner * model.b + ag.cos(inner)

    model = Labelled()
    program = trace(loss, model, 0.5)
    assert "import os" not in [line.strip() for line in program.source.splitlines()]
    assert {type(node).__name__ for node in ast.parse(program.source).body} <= {"Expr", "Import", "Assign", "FunctionDef"}
    value, _ = program.loss_and_gradient(numpy.array([0.5]))
    assert value == pytest.approx(loss(model, 0.5).data, rel=1e-13)


def test_a_function_may_have_any_name() -> None:
    def function(x: Any) -> Any:
        return x * x

    for name in ("np", 'evil"""\nimport os\n', "gradient", "x", "lambda", "sigmoid"):
        function.__name__ = name
        program = trace(function, 3.0)
        assert program.gradient(numpy.array([[4.0]]))[0, 0] == 8.0
        assert program.gradient(4.0)[0] == 8.0
        assert "\nimport os" not in program.source


def test_printing_a_program_shows_its_statements_and_shapes() -> None:
    text = str(trace(_network_loss, Layer(3, 4, "tanh", seed=0), [0.1] * 3, [0.1] * 4))
    assert text.splitlines()[0] == "Program(_network_loss: 5 statements, 16 parameters)"
    assert "  (rows, 4)      z1 = X @ W1.T + b1\n  (rows, 4)      a1 = np.tanh(z1)\n  (rows, 4)      t1 = a1 - Y\n" in text
    assert text.splitlines()[-1].split() == ["result", "t2"]

"""What runs with Python alone: the core, the basic commands, and a line that says what to install for the rest."""

import contextlib
import io
import os
import sys
import tempfile
from importlib.util import find_spec

OTHERS = "numpy graphviz pygraphviz matplotlib sklearn tqdm mypy_extensions mpmath hypothesis pytest".split()
COMMANDS = {
    "eval": ["eval", "tanh(w*x + b)", "w=2", "x=0.5", "b=1", "--order", "2"],
    "draw": ["draw", "tanh(w*x)", "w=2", "x=1", "-o", "graph.svg"],
    "step": ["step", "tanh(w*x)", "w=2", "x=1", "--save", "steps.html"],
    "check": ["check", "x**2 * sin(y)", "x=1", "y=2"],
    "neuron": ["neuron"],
    "xor": ["xor", "--iterations", "20"],
}
REFUSED = {
    "moons": ["moons"],
    "fit": ["fit", "nist", "Misra1a"],
    "train": ["train", "digits"],
    "xor --film": ["xor", "--film"],
    "equations": ["equations"],
    "draw -o g.dot": ["draw", "tanh(w*x)", "w=2", "x=1", "-o", "g.dot"],
    "draw -o g.png": ["draw", "tanh(w*x)", "w=2", "x=1", "-o", "g.png"],
}


def library() -> None:
    """Values, derivatives, networks, pictures, steps and checks."""
    import autograd_lite as al

    everything: dict[str, object] = {}
    exec("from autograd_lite import *", everything)
    assert set(al.__all__) < set(everything)
    model = al.nn.MLP(2, [3, 1], seed=0)
    optimizer = al.optim.Adam(model.parameters())
    loss = al.losses.squared_error([model([1.0, 2.0])], [1.0])
    loss.backward()
    assert al.hessian(lambda x: al.tanh(x))(0.5)[0][0] < 0.0
    assert al.draw(loss).svg().startswith("<svg")
    assert al.why(loss, model.parameters()[0])
    assert al.drawing.equation(loss).text
    assert al.record(loss).backward
    assert al.record(loss).html()
    optimizer.step()
    assert al.check(lambda x, y: x * x * al.sin(y), (1.0, 2.0)).outcome == "agrees"
    assert al.check(lambda x: x * x, 3.0, gradient=lambda x: 2.001 * x).outcome == "disagrees"
    refused = []
    for attempt in (
        lambda: al.trace(lambda x: x * x, 1.0),
        lambda: al.program,
        lambda: al.training,
        lambda: al.datasets,
        lambda: model.save("model.npz"),
        lambda: model.load("model.npz"),
    ):
        try:
            attempt()
        except ModuleNotFoundError as error:
            refused.append(str(error))
    assert refused == ["NumPy is needed for this and is not installed: pip install numpy"] * 6


class Terminal(io.StringIO):
    """A stream on which progress would be shown as a bar."""

    def isatty(self) -> bool:
        return True


def said(words: list[str]) -> tuple[int, str, str]:
    """A command's exit code, and what it printed on its two streams."""
    from autograd_lite.commands.cli import main

    out, complaint = io.StringIO(), Terminal()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaint):
        code = main(words)
    return code, out.getvalue(), complaint.getvalue()


def main() -> None:
    found = [name for name in OTHERS if find_spec(name) is not None]
    assert not found, f"this is no bare environment: it has {', '.join(found)}"
    library()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, words in COMMANDS.items():
            code, out, complaint = said(words)
            assert (code, complaint) == (0, ""), f"{name}: {code} {complaint}"
            assert out, name
        for name, words in REFUSED.items():
            code, _, complaint = said(words)
            assert code in (1, 2), f"{name}: {code}"
            assert complaint.count("\n") == 1, f"{name}: {complaint}"
            assert "pip install" in complaint, f"{name}: {complaint}"
        os.chdir(os.path.dirname(folder))
    assert not [name for name in OTHERS if sys.modules.get(name)]
    print(f"{len(COMMANDS)} commands run with Python alone; {len(REFUSED)} say what to install")


if __name__ == "__main__":
    main()

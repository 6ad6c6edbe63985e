"""What a program costs as JavaScript: bytes of the module, and nanoseconds for a value with its gradient, in node.

python -m benchmarks.javascript
"""

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from autograd_lite import tanh
from autograd_lite.nn import MLP
from autograd_lite.program import trace

_CALLS = 5_000
_TIMED = """
import {{ valueAndGradient }} from "./{name}.mjs";
const [{names}] = {given};
const passes = (count) => {{
  let sum = 0;
  for (let call = 0; call < count; call++) sum += valueAndGradient({names})[0];
  return sum;
}};
passes({calls});
const times = Array.from({{ length: 300 }}, () => {{
  const start = process.hrtime.bigint();
  passes({calls});
  return Number(process.hrtime.bigint() - start) / {calls};
}});
console.log(Math.min(...times));
"""


class Measured(NamedTuple):
    """One program: bytes of its module, of the function for a value with its gradient alone, and nanoseconds of a call."""

    name: str
    module: int
    core: int
    nanoseconds: float


def neuron(x1: Any, x2: Any, w1: Any, w2: Any, b: Any) -> Any:
    """The neuron of the README."""
    return tanh(x1 * w1 + x2 * w2 + b)


def rosenbrock(x: Any, y: Any) -> Any:
    """A function for optimizers."""
    return (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2


def measured(calls: int = _CALLS) -> list[Measured]:
    """The figures of three programs; the smallest of three hundred times, so that what else runs on the machine counts little."""
    model = MLP(2, [8, 8, 1], "tanh", seed=0)

    def loss(model: Any, x: Any, y: Any) -> Any:
        return (model(x) - y) ** 2

    return [
        _one(neuron, [2.0, 0.0, -3.0, 1.0, 6.8813735870195432], calls),
        _one(rosenbrock, [1.2, 0.75], calls),
        _one(loss, [model, [0.5, -0.25], 1.0], calls),
    ]


def _one(function: Callable[..., Any], example: list[Any], calls: int) -> Measured:
    program = trace(function, *example)
    source = program.source_in("javascript")
    given = [each for each in example if not isinstance(each, MLP)]
    if len(program.parameters):
        given.insert(0, program.parameters.tolist())
    with tempfile.TemporaryDirectory() as folder:
        program.save(Path(folder) / f"{function.__name__}.mjs", dialect="javascript")
        script = Path(folder) / "timed.mjs"
        names = ", ".join(f"given{place}" for place in range(len(given)))
        text = _TIMED.format(name=function.__name__, names=names, given=json.dumps(given), calls=calls)
        script.write_text(text, encoding="utf-8")
        told = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True).stdout
    core = source.partition("export const valueAndGradient")[2].partition("\n};")[0]
    return Measured(function.__name__, len(source.encode()), len(core), float(told))


if __name__ == "__main__":
    for each in measured():
        print(f"{each.name:12} {each.module:7,} bytes, of which the pass {each.core:7,}  {each.nanoseconds:9.1f} ns")

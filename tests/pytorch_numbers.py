"""Numbers of PyTorch to compare with, kept in pytorch_numbers.json; run this where PyTorch is installed to make them again.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch && /tmp/torch/bin/python tests/pytorch_numbers.py

Optimizers walk 400 steps over a bent valley that is written below, as a gradient, in plain Python: nothing of it is computed by
PyTorch but the steps themselves. Losses and activations are asked at logits up to 700.
"""

import json
import math
from pathlib import Path
from typing import Any

HERE = Path(__file__).with_suffix(".json")
STEPS = 400
START = [1.5, -2.0, 0.25, 3.0]
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "descent": ("SGD", {"lr": 0.05}),
    "descent, decay": ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    "momentum": ("SGD", {"lr": 0.02, "momentum": 0.9}),
    "momentum, decay": ("SGD", {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}),
    "nesterov": ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    "nesterov, decay": ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    "adam": ("Adam", {"lr": 0.03}),
    "adam, decay": ("Adam", {"lr": 0.03, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.1}),
    "adamw": ("AdamW", {"lr": 0.03, "weight_decay": 0.0}),
    "adamw, decay": ("AdamW", {"lr": 0.03, "betas": [0.8, 0.99], "eps": 1e-6, "weight_decay": 0.1}),
}
LOGITS = [
    [0.0, 0.0, 0.0],
    [1.0, -2.0, 0.5],
    [-58.0, -5.7, -31.9],
    [30.0, 0.0, -30.0],
    [700.0, 0.0, -700.0],
    [699.0, 700.0, 698.5],
    [-700.0, -699.0, -698.0],
    [12.5, 12.5, -350.0],
]
SCORES = [-700.0, -350.0, -40.0, -20.0, -3.0, -1.0, -1e-8, 1e-8, 0.5, 2.0, 17.0, 36.0, 40.0, 350.0, 700.0]
SMOOTHINGS = [0.0, 0.1, 1.0]
ACTIVATIONS = [
    "tanh",
    "sigmoid",
    "relu",
    "softplus",
    "silu",
    "gelu",
    "elu",
    "leaky_relu",
    "softsign",
    "mish",
    "log_sigmoid",
    "hard_tanh",
]


def slopes(x: list[float], step: int) -> list[float]:
    """The gradient at x: of a valley that is bent, shaken a little from step to step."""
    shake = 0.3 * math.sin(0.7 * step)
    return [
        0.5 * x[0] + math.sin(3.0 * x[1]) + shake,
        2.0 * x[1] + 0.1 * x[1] ** 3 + 0.25 * x[0] * x[2],
        x[2] - math.cos(x[0]) - shake,
        0.01 * x[3] + 1e-4 * shake,
    ]


def _path(torch: Any, name: str, arguments: dict[str, Any]) -> list[list[str]]:
    x = [torch.nn.Parameter(torch.tensor(number, dtype=torch.float64)) for number in START]
    optimizer = getattr(torch.optim, name)(x, foreach=False, **arguments)
    found = []
    for step in range(STEPS):
        for parameter, slope in zip(x, slopes([each.item() for each in x], step), strict=True):
            parameter.grad = torch.tensor(slope, dtype=torch.float64)
        optimizer.step()
        if step % 40 == 39:
            found.append([each.item().hex() for each in x])
    return found


def _with_slopes(torch: Any, function: Any, x: Any) -> list[Any]:
    given = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    value = function(given)
    value.backward()
    return [value.item().hex(), [slope.hex() for slope in given.grad.reshape(-1).tolist()]]


def _numbers(torch: Any) -> dict[str, Any]:
    f = torch.nn.functional
    others = {"hard_tanh": f.hardtanh, "log_sigmoid": f.logsigmoid, "sigmoid": torch.sigmoid, "tanh": torch.tanh}

    def cross(target: Any, smoothing: float = 0.0) -> Any:
        wanted = torch.tensor(target, dtype=torch.float64 if isinstance(target, list) else torch.int64)
        return [_with_slopes(torch, lambda x: f.cross_entropy(x, wanted, label_smoothing=smoothing), x) for x in LOGITS]

    def binary(target: float) -> Any:
        wanted = torch.tensor(target, dtype=torch.float64)
        return [_with_slopes(torch, lambda x: f.binary_cross_entropy_with_logits(x, wanted), x) for x in SCORES]

    activations = {name: [_with_slopes(torch, others.get(name) or getattr(f, name), x) for x in SCORES] for name in ACTIVATIONS}
    return {
        "version": torch.__version__,
        "optimizers": {name: _path(torch, *made) for name, made in OPTIMIZERS.items()},
        "cross_entropy": {f"{smoothing} {t}": cross(t, smoothing) for smoothing in SMOOTHINGS for t in range(3)},
        "soft": cross([0.2, 0.5, 0.3]),
        "binary": {str(t): binary(t) for t in (0.0, 0.25, 1.0)},
        "activations": activations,
    }


if __name__ == "__main__":
    import torch  # type: ignore[import-not-found]

    HERE.write_text(json.dumps(_numbers(torch), indent=1) + "\n")

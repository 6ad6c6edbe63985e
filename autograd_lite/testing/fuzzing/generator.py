"""Cases from seeds: a program that eager evaluation can run at its example, and rows to replay it for."""

import math
import warnings
from itertools import pairwise
from random import Random
from typing import Any

from autograd_lite.engine.value import topological_order
from autograd_lite.nn.activations import activations
from autograd_lite.testing.fuzzing.case import Case, NamedExample, Piece
from autograd_lite.testing.fuzzing.eager import answer
from autograd_lite.testing.fuzzing.grammar import Model, Sampler
from autograd_lite.testing.fuzzing.sentences import FURTHER, statement
from autograd_lite.testing.fuzzing.words import AWKWARD, LABELS

_MOST_NODES = 1_500
_ATTEMPTS = 40
_ROWS = (1, 2, 5, 33)


def generated(seed: Any, rows: int | None = None) -> Case:
    """The case of a seed: always the same one for the same seed.

    Args:
        seed: any number or text.
        rows: how many to replay; drawn from 1, 2, 5 and 33 by default.
    Raises:
        AssertionError: if no attempt gives a program with moderate numbers.
    Example:
        >>> generated(3).source == generated(3).source != generated(4).source
        True
    """
    random = Random(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of edges, and of texts that index a constant
        for _ in range(_ATTEMPTS):
            case = _drawn(random, seed, rows)
            if _is_usable(case, constant=random.random() < 0.05):
                return case
    raise AssertionError(f"no usable program in {_ATTEMPTS} attempts for seed {seed!r}")


def _is_usable(case: Case, constant: bool) -> bool:
    """Whether eager evaluation gives moderate numbers at the example, and depends on it unless `constant` is allowed."""
    ready = case.ready()
    found = answer(ready, case.example, ready.parameters)  # an error where a name of an argument hides a function, or the like
    size = max((len(topological_order(output)) for output in found.outputs), default=0)
    moderate = found.error is None and found.values and size <= _MOST_NODES and max(map(abs, found.values)) < 1e8
    return bool(moderate) and (constant or any(slope for line in [*found.slopes, *found.weights] for slope in line))


def _drawn(random: Random, seed: Any, rows: int | None) -> Case:
    sampler = Sampler(random, FURTHER)
    arguments = _arguments(random, sampler)
    setup, models, owned = _setup(random, sampler)
    random.shuffle(sampler.numbers)
    arguments = [*models, *arguments]
    body = [statement(sampler, f"s{place}", random.choice((1, 2, 3))) for place in range(random.choice((0, 0, 1, 1, 2, 3)))]
    body.append(_returned(random, sampler))
    examples = [argument.example for argument in arguments if not isinstance(argument.example, str)]
    count = rows or random.choice(_ROWS)
    return Case(
        seed,
        tuple(setup),
        tuple(arguments),
        tuple(body),
        owned,
        tuple([_row(random, example) for example in examples] for _ in range(count)),
        sampler.guarded,
        sampler.detached,
    )


def _returned(random: Random, sampler: Sampler) -> Piece:
    depth, choice = random.choice((1, 2, 3, 3, 4)), random.random()
    if choice < 0.82:
        return Piece("lines", "return {0}", (sampler.number(depth),))
    if choice < 0.9:
        return Piece("lines", "return {0}", (sampler.list(depth),))
    parts = tuple(sampler.number(depth - 1) for _ in range(random.choice((1, 2, 3))))
    return Piece("lines", "return [" + ", ".join(f"{{{i}}}" for i in range(len(parts))) + "]", parts)


# ---- arguments ---------------------------------------------------------------------------------------------------------------


def _arguments(random: Random, sampler: Sampler) -> list[NamedExample]:
    awkward = random.random() < 0.3
    names = random.sample(AWKWARD, 4) if awkward else ["x", "y", "v", "w"]
    found = []
    for name in names[: random.choice((1, 1, 2, 2, 3, 4))]:
        kind = random.choices(("number", "list", "matrix"), (5, 4, 1))[0]
        if kind == "number":
            example: Any = _number(random)
            sampler.numbers.append(name)
        elif kind == "list":
            length = random.choice((1, 2, 3, 4, 5, 8, 9, 12, 20))
            example = [_number(random) for _ in range(length)]
            sampler.lists.append((name, length))
        else:
            height, width = random.choice((1, 2, 3)), random.choice((1, 2, 4))
            example = [[_number(random) for _ in range(width)] for _ in range(height)]
            sampler.matrices.append((name, height, width))
        found.append(NamedExample(name, example))
    return found


def _number(random: Random) -> float:
    if random.random() < 0.08:
        return random.choice((0.0, 1.0, -1.0, 0.5, 2.0))
    return round(random.gauss(0.0, 1.2), 2)


def _row(random: Random, example: Any) -> Any:
    if isinstance(example, list):
        return [_row(random, part) for part in example]
    choice = random.random()
    if choice < 0.005:
        return random.choice((math.nan, math.inf, -math.inf, 1e155, -1e200, 1e-200))
    if choice < 0.1:
        return example
    if choice < 0.2:
        return random.choice((0.0, 1.0, -1.0, -0.0, 10.0, example * 10.0, -example, 100.0))
    spread = 0.1 if choice < 0.7 else 3.0
    return round(example + random.gauss(0.0, spread), 3) if math.isfinite(example) else example


# ---- parameters and models ---------------------------------------------------------------------------------------------------


def _setup(random: Random, sampler: Sampler) -> tuple[list[str], list[NamedExample], str]:
    setup, models, owned = [], [], []
    for name in ("p", "q", "r")[: random.choice((0, 0, 0, 1, 1, 2, 3))]:
        setup.append(f"{name} = Value({_number(random)!r}, {random.choice(LABELS)!r})")
        sampler.numbers.append(name)
        if random.random() < 0.75:
            owned.append(name)
    for name in ("m", "u")[: random.choice((0, 0, 0, 1, 1, 2))]:
        model, text, count = _model(random, name)
        setup.append(f"{name} = {text}")
        sampler.models.append(model)
        sampler.lists += [(f"{name}.parameters()", count)] if count < 20 else []
        if random.random() < 0.6:
            models.append(NamedExample(name, name))
        elif random.random() < 0.7:
            owned.append(f"*{name}.parameters()")
    return setup, models, f"[{', '.join(owned)}]" if owned else ""


def _model(random: Random, name: str) -> tuple[Model, str, int]:
    """A model, the text that makes it, and how many parameters it has."""
    inputs, outputs = random.choice((1, 2, 2, 3, 4, 9)), 1
    activation = random.choice(("tanh", "sigmoid", "relu", "tanh", random.choice(sorted(activations())), None))
    options = f", {activation!r}, seed={random.randrange(1000)}" + random.choice(("", "", ", expanded=True", ", bias=False"))
    kind = random.choice(("Neuron", "Layer", "MLP", "MLP"))
    hidden = [random.choice((1, 2, 3, 4, 10)) for _ in range(random.choice((0, 1, 1, 2)))] if kind == "MLP" else []
    if kind != "Neuron":
        outputs = random.choice((1, 2, 3, inputs, 8))
    sizes = {"Neuron": "", "Layer": f", {outputs}", "MLP": f", {[*hidden, outputs]}"}[kind]
    count = sum((left + ("bias=False" not in options)) * right for left, right in pairwise([inputs, *hidden, outputs]))
    return Model(name, inputs, outputs), f"{kind}({inputs}{sizes}{options})", count

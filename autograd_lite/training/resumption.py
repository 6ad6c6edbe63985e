"""What a resumed training needs: what must be the same, and what is kept and restored.

Some things are given to `fit` (seed, data, rules, rates, the architecture): a checkpoint keeps a description of them, and a
resumed training with others is refused. Others change during training (parameters, the state of the rules, a rate that a
callback set): those are kept.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass, replace
from typing import Any, Final

import numpy

from autograd_lite.datasets import Dataset
from autograd_lite.optim import Constant, Cosine, Exponential, Optimizer, StepDecay
from autograd_lite.training.engines import EagerEngine
from autograd_lite.training.run import Run

_SCHEDULES: Final = {kind.__name__: kind for kind in (Constant, Cosine, Exponential, StepDecay)}
_SAMPLES: Final = 4


# ---- what must be the same ---------------------------------------------------------------------------------------------------


def settings_of(run: Run) -> dict[str, Any]:
    """What was given to `fit` and decides the run; of the data, of names and of functions, a checksum or a sample."""
    leaves = run.leaves
    places = {id(leaf): place for place, leaf in enumerate(leaves.values())}
    settings: dict[str, Any] = {
        "seed": run.seed,
        "batch_size": run.batch_size,
        "samples": len(run.data),
        "checksum_of_data": _checksum_of(run.data),
        "clip": run.clip,
        "keep_best": run.best is not None,
        "right": None if run.right is None else getattr(run.right, "__qualname__", type(run.right).__name__),
        "checksum_of_validation_data": None if run.validation is None else _checksum_of(run.validation),
        "parameters": len(leaves),
        "checksum_of_the_parameters'_names": zlib.crc32("\n".join(leaves).encode()),
        "frozen_parameters": sum(not leaf.requires_grad for leaf in leaves.values()),
        "checksum_of_the_frozen_parameters": zlib.crc32(bytes(leaf.requires_grad for leaf in leaves.values())),
    }
    for i, group in enumerate(run.optimizer.groups):
        members = numpy.array([places[id(parameter)] for parameter in group.parameters])
        settings[f"parameters_of_group_{i}"] = [len(members), zlib.crc32(members.tobytes())]
        settings[f"learning_rate_of_group_{i}"] = _described_rate(group.learning_rate)
        settings[f"rule_of_group_{i}"] = _described_rule(group.rule)
    settings["groups"] = len(run.optimizer.groups)
    return settings


def _checksum_of(data: Dataset) -> int:
    found = 0
    for array in (data.inputs, data.targets):
        found = zlib.crc32(array.tobytes(), zlib.crc32(f"{array.dtype}{array.shape}".encode(), found))
    return found


def _described_rate(rate: Any) -> Any:
    """A number itself; a schedule as it prints itself; a function by its name and its rates at some steps."""
    if not callable(rate):
        return float(rate)
    if is_dataclass(rate):
        return repr(rate)
    return [
        getattr(rate, "__qualname__", type(rate).__name__),
        *(_rate_or_error(rate, step) for step in (0, *(1 << exponent for exponent in range(15)))),
    ]


def _rate_or_error(rate: Any, step: int) -> Any:
    try:
        return float(rate(step))
    except Exception as error:  # a function of the user's, asked about steps that it may not know
        return type(error).__name__


def _described_rule(rule: Any) -> Any:
    if is_dataclass(rule):
        return repr(rule)
    constants = {name: number for name, number in sorted(getattr(rule, "__dict__", {}).items()) if isinstance(number, float | int)}
    return [type(rule).__qualname__, constants]


# ---- what is kept ------------------------------------------------------------------------------------------------------------


def groups_now(optimizer: Optimizer) -> list[dict[str, Any]]:
    """The rate and the rule of each group as they are now, which callbacks may have set; as JSON can hold them."""
    found = []
    for group in optimizer.groups:
        rate, rule = group.learning_rate, group.rule
        kept: dict[str, Any] = {"rate": _described_rate(rate), "rule": _described_rule(rule)}
        if type(rate) in _SCHEDULES.values():
            kept["schedule"] = [type(rate).__name__, asdict(rate)]  # type: ignore[call-overload]
        constants = asdict(rule) if is_dataclass(rule) and not isinstance(rule, type) else {"": None}
        if all(isinstance(number, bool | int | float) for number in constants.values()):
            kept["constants"] = constants
        found.append(kept)
    return found


def restored_groups(optimizer: Optimizer, kept: Iterable[Mapping[str, Any]]) -> list[tuple[Any, Any]]:
    """The rate and the rule of each group as they were kept.

    Raises:
        ValueError: if a callback had set one that a checkpoint cannot hold.
    """
    found = []
    for group, then in zip(optimizer.groups, kept, strict=True):
        rate, rule = group.learning_rate, group.rule
        if _described_rate(rate) != then["rate"]:
            if "schedule" in then:
                kind, constants = then["schedule"]
                rate = _SCHEDULES[kind](**constants)
            elif isinstance(then["rate"], int | float):
                rate = float(then["rate"])
            else:
                raise ValueError(
                    f"a callback had set the learning rate to {_shown(then['rate'])}, which a checkpoint cannot hold: "
                    "set numbers, or schedules of autograd_lite.optim.schedules"
                )
        if _described_rule(rule) != then["rule"]:
            if "constants" not in then or type(rule).__name__ != str(then["rule"]).partition("(")[0]:
                raise ValueError(
                    f"a callback had set the rule {_shown(then['rule'])}, which a checkpoint cannot hold: change constants only"
                )
            rule = replace(rule, **then["constants"])  # type: ignore[type-var]
        found.append((rate, rule))
    return found


def _shown(described: Any) -> str:
    return str(described[0] if isinstance(described, list) else described)


def answers_now(run: Run) -> list[float] | None:
    """The cost and the outputs of the first samples: what notices another model or loss. None where they have none."""
    engine = EagerEngine(run.model, run.loss, run.optimizer)
    few = run.data.take(slice(_SAMPLES))
    try:
        cost, outputs = engine.evaluate(few.inputs, few.targets)
    except ArithmeticError:
        return None
    return [cost, *outputs.ravel().tolist()]


def check_answers(run: Run, then: list[float] | None) -> None:
    """Refuses another model or loss than the one that gave these answers with the same parameters.

    Raises:
        ValueError: if they differ by more than rounding.
    """
    now = answers_now(run)
    if then is None or now is None or len(then) != len(now):
        same = then is now
    else:
        same = bool(numpy.isclose(then, now, rtol=1e-9, atol=1e-12, equal_nan=True).all())
    if not same:
        raise ValueError(
            "the model or the loss is another one than in the checkpoint: with the same parameters the cost of the first samples "
            f"was {then and then[0]!r} and is {now and now[0]!r}. Give the same activations, loss and numbers outside the model; "
            "a model that draws random numbers cannot be resumed."
        )

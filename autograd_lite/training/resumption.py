"""What a resumed training needs: what must be the same, what is kept and restored, and what holds for every checkpoint.

Some things are given to `fit` (seed, data, rules, rates, the architecture): a checkpoint keeps a description of them, and a
resumed training with others is refused. Others change during training (parameters, the state of the rules, a rate that a
callback set): those are kept.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from functools import partial
from types import CodeType
from typing import Any, Final

import numpy

from autograd_lite.datasets import Array, Dataset
from autograd_lite.optim import Constant, Cosine, Exponential, Optimizer, StepDecay
from autograd_lite.optim.clipping import check_limit
from autograd_lite.training.engines import EagerEngine
from autograd_lite.training.history import History
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
        "augment": _described_function(run.augment),
        "right": None if run.right is None else getattr(run.right, "__qualname__", type(run.right).__name__),
        "checksum_of_right": checksum_of_function(run.right),
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


def checksum_of_function(function: Any) -> int:
    """Another one for another function, even of the same name."""
    return zlib.crc32(json.dumps(_described_function(function)).encode())


def _described_function(function: Any) -> Any:
    """What tells a function from another one of the same name: its code, and the numbers and functions that it was made with."""
    if is_dataclass(function):
        return repr(function)
    if isinstance(function, partial):
        named = [[name, _described_function(each)] for name, each in sorted(function.keywords.items())]
        return ["partial", _described_function(function.func), list(map(_described_function, function.args)), named]
    if not callable(function):
        return _described_part(function)
    name, code = getattr(function, "__qualname__", type(function).__qualname__), getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return [name, *([each, _described_part(part)] for each, part in sorted(getattr(function, "__dict__", {}).items()))]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return [name, _checksum_of_code(code), [_described_part(part) for part in (*cells, *(function.__defaults__ or ()))]]


def _described_part(part: Any) -> Any:
    """Numbers and texts themselves, an array by a checksum; of anything else its type."""
    if isinstance(part, numpy.ndarray):
        return _checksum_of_array(part)
    return part if isinstance(part, str | bool | int | float | None) else type(part).__qualname__


def _checksum_of_code(code: CodeType) -> int:
    parts = [_checksum_of_code(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return zlib.crc32(repr((code.co_code, code.co_names, parts)).encode())


def _checksum_of(data: Dataset) -> int:
    return _checksum_of_array(data.targets, _checksum_of_array(data.inputs))


def _checksum_of_array(array: Any, found: int = 0) -> int:
    return zlib.crc32(array.tobytes(), zlib.crc32(f"{array.dtype}{array.shape}".encode(), found))


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
    return str(described[0] if isinstance(described, list) and described else described)


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


# ---- what holds for every checkpoint -----------------------------------------------------------------------------------------


def check_arrays(numbers: Array, learning: Array, best: Array, memories: Sequence[Array]) -> None:
    """Refuses arrays of another kind or shape, and nan or inf where something is learned.

    Args:
        numbers: (leaves,) floats. learning: (leaves,) booleans. best: (leaves,) floats, or none.
        memories: (state vectors, parameters) floats for each group.
    Raises:
        ValueError: the message names the array and the place.
    """
    named = {"numbers": (numbers, "f", 1), "learning": (learning, "b", 1), "best": (best, "f", 1)}
    named |= {f"memory{i}": (memory, "f", 2) for i, memory in enumerate(memories)}
    for name, (array, kind, dimensions) in named.items():
        if array.dtype.kind != kind or array.ndim != dimensions:
            raise ValueError(f"{name} is an array of {array.dtype} of shape {array.shape}")
    if len(learning) != len(numbers) or len(best) not in (0, len(numbers)):
        raise ValueError(f"{len(numbers)} numbers, {len(learning)} that learn or do not, {len(best)} best ones")
    learned = {"numbers": numbers[learning], "best": best[learning] if len(best) else best}
    for name, array in (learned | {name: memory for name, (memory, _, dimensions) in named.items() if dimensions == 2}).items():
        if not numpy.isfinite(array).all():
            raise ValueError(f"{name} holds {float(array[~numpy.isfinite(array)][0])!r}, from which nothing can be learned")


def check_record(settings: Any, record: Mapping[str, Any]) -> None:
    """Refuses settings that are no dictionary, and steps, a clip, callbacks, answers or a best epoch of the wrong type.

    Raises:
        ValueError, KeyError, TypeError: if something is wrong or missing.
    """
    whole_number("steps", record["steps"])
    if record["clip"] is not None:
        check_limit("clip", record["clip"])
    answers, best, _ = record["answers"], record["best"], record["right"]  # the last is compared with the run's
    if not isinstance(settings, dict) or not isinstance(record["callbacks"], dict):
        raise ValueError("its settings, or what its callbacks remember, are no object")
    if answers is not None and not (isinstance(answers, list) and all(isinstance(each, float) for each in answers)):
        raise ValueError("its answers are no list of numbers")
    if best is not None:
        cost, epoch = best
        if not isinstance(cost, float):
            raise ValueError(f"the best cost is {cost!r:.60}")
        if epoch is not None:
            whole_number("the best epoch", epoch)


def check_history(history: History) -> None:
    """Refuses counts of batches that do not make the counted epochs.

    Raises:
        ValueError: with the counts.
    """
    batches, epochs, each = len(history.costs), len(history.epochs), history.batches_per_epoch
    if each < 1 or not 0 <= batches - epochs * each <= each:
        raise ValueError(f"{batches} batches are not the {epochs} epochs, of {each} batches each, that it has")


def whole_number(name: str, found: Any) -> int:
    """A whole number from 0 that fits 64 bits.

    Raises:
        ValueError: if it is none.
    """
    if type(found) is not int or not 0 <= found < 2**63:
        raise ValueError(f"{name} must be a whole number of at least 0, found {found!r:.60}")
    return found

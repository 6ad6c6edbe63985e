"""Custom gradients of PyTorch and JAX, right ones and wrong ones, and what checkers make of them.

python -m benchmarks.custom_gradients torch          the table of docs/judge.md for PyTorch; of every rule one right and two wrong
python -m benchmarks.custom_gradients jax --all      every rule with every mistake, in both precisions

Wrong ones are made of the rules of `custom_rules.py` by kinds of mistakes. Whether a gradient is right is decided by the library's
own derivatives of the formula in double precision: a wrong one is off by more than 1e-9 of the largest derivative by that argument,
or by 16 units in single precision; what is between is neither, and left out.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any

import numpy

from autograd_lite.testing import check_jax, check_torch
from benchmarks.custom_rules import RULES, Rule

RESOLUTION = {"float64": 1e-9, "float32": 16 * 2.0**-23}
_RIGHT = {"float64": 1e-13, "float32": 4 * 2.0**-23}


@dataclass(frozen=True)
class CustomGradient:
    """A function with a gradient of somebody's own.

    Attributes:
        library: "torch" or "jax".
        dtype: of the point.
        function: what to check.
        point: the arrays.
        is_right: whether the gradient is.
        kind: of the mistake.
        note: the rule, and the mistake, in words.
    """

    library: str
    dtype: str
    function: Any
    point: tuple[Any, ...]
    is_right: bool
    kind: str
    note: str


# ---- the two libraries -------------------------------------------------------------------------------------------------------


class Names:
    """A library's functions, some of them in the place of others.

    Attributes:
        library: "torch" or "jax".
    """

    def __init__(self, library: str, **others: Callable[..., Any]) -> None:
        self.library = library
        if library == "torch":
            self._homes = [import_module("torch")]
        else:
            self._homes = [import_module(name) for name in ("jax.numpy", "jax.nn", "jax.scipy.special")]
        self.__dict__.update(others)

    def __getattr__(self, name: str) -> Any:
        return next(getattr(home, name) for home in self._homes if hasattr(home, name))

    def array(self, numbers: Any, dtype: str) -> Any:
        """In JAX a NumPy array, whose double precision JAX is then asked for."""
        return (
            self._homes[0].tensor(numbers, dtype=getattr(self._homes[0], dtype))
            if self.library == "torch"
            else numbers.astype(dtype)
        )

    def cast(self, x: Any, dtype: str) -> Any:
        """An array in another precision."""
        kind = getattr(self._homes[0], dtype)
        return x.to(kind) if self.library == "torch" else x.astype(kind)


Backward = Callable[..., list[Any]]  # from the namespace, g and the arguments to the gradients


def right(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    """The gradients by the rule."""
    return [sum((term(m, g, *x) for term in terms[1:]), terms[0](m, g, *x)) for terms in rule.gradients]


def torch_function(rule: Rule, backward: Backward) -> Any:
    """An autograd.Function."""
    import torch

    m = Names("torch")

    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *x: Any) -> Any:
            ctx.save_for_backward(*x)
            return rule.value(m, *x)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return tuple(backward(m, g, *ctx.saved_tensors))

    return Made


def jax_function(rule: Rule, backward: Backward) -> Any:
    """A function with custom_vjp; of a rule for every number, with custom_jvp."""
    import jax

    m = Names("jax")
    if rule.is_elementwise:
        made = jax.custom_jvp(lambda x: rule.value(m, x))
        made.defjvp(lambda x, t: (rule.value(m, *x), backward(m, *t, *x)[0]))
        return made
    made = jax.custom_vjp(lambda *x: rule.value(m, *x))
    made.defvjp(lambda *x: (rule.value(m, *x), x), lambda x, g: tuple(backward(m, g, *x)))
    return made


MAKERS = {"torch": torch_function, "jax": jax_function}


# ---- mistakes ----------------------------------------------------------------------------------------------------------------


def _scaled(factor: float) -> Callable[..., list[Any]]:
    return lambda rule, m, g, *x: [factor * each for each in right(rule, m, g, *x)]


def _one(change: Callable[[Any], Any]) -> Callable[..., list[Any]]:
    """A change of the last gradient."""

    def changed(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
        *others, last = right(rule, m, g, *x)
        return [*others, change(last)]

    return changed


def _transposed(gradient: Any) -> Any:
    if gradient.ndim == 2 and gradient.shape[0] == gradient.shape[1]:
        return gradient.T
    return gradient.reshape(gradient.shape[::-1]).T if gradient.ndim == 2 else gradient[[*range(1, len(gradient)), 0]]


def _dropped(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    """Without the last term of the first gradient that has several."""
    found, is_done = [], False
    for terms in rule.gradients:
        kept = terms[:-1] if len(terms) > 1 and not is_done else terms
        is_done = is_done or kept is not terms
        found.append(sum((term(m, g, *x) for term in kept[1:]), kept[0](m, g, *x)))
    return found


def _other_branch(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    names = Names(m.library, where=lambda condition, a, b: m.where(condition, b, a))
    return right(rule, names, g, *x)


def _first_only(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    """Where the rule sums over what was broadcast, the first is taken."""
    names = Names(m.library, sum=lambda a, axis: a[0] if axis == 0 else a[:, 0])
    return right(rule, names, g, *x)


def _coarser(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    own = str(x[0].dtype).removeprefix("torch.")
    coarse = {"float64": "float32", "float32": "bfloat16"}[own]
    found = right(rule, m, m.cast(g, coarse), *(m.cast(each, coarse) for each in x))
    return [m.cast(each, own) for each in found]


def _seed_forgotten(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    return right(rule, m, 0 * g + 1, *x)


def _moved_point(rule: Rule, m: Any, g: Any, *x: Any) -> list[Any]:
    """What an update in place leaves of the saved arguments."""
    return right(rule, m, g, *(each * 1.0001 + 1e-5 for each in x))


KINDS: dict[str, dict[str, Callable[..., list[Any]]]] = {
    "factor": {"1.001": _scaled(1.001), "1.0001": _scaled(1.0001), "1.00001": _scaled(1.00001)},
    "tiny factor": {"1 + 1e-7": _scaled(1 + 1e-7), "1 + 3e-9": _scaled(1 + 3e-9)},
    "multiple of eps": {"1 + 36 eps": _scaled(1 + 36 * 2.0**-23)},
    "sign": {"of the last argument": _one(lambda gradient: -gradient)},
    "dropped term": {"the last": _dropped},
    "transposed index": {"of the last argument": _one(_transposed)},
    "wrong branch": {"the other": _other_branch},
    "wrong dtype": {"computed in the next coarser": _coarser},
    "missing reduction": {"the first alone": _first_only},
    "seed forgotten": {"1 for g": _seed_forgotten},
    "stale point": {"after an update": _moved_point},
}

Mistake = tuple[str, str, Callable[..., list[Any]]]  # its kind, its name, and what it makes of a rule
MISTAKES: list[Mistake] = [(kind, f"{kind}: {name}", change) for kind, each in KINDS.items() for name, change in each.items()]


# ---- the corpus --------------------------------------------------------------------------------------------------------------


def corpus(
    library: str,
    rules: Iterable[Rule] = RULES,
    dtypes: Iterable[str] = tuple(RESOLUTION),
    mistakes: Iterable[Mistake] = MISTAKES,
) -> Iterator[CustomGradient]:
    """Every rule in both precisions, right, and with every one of the mistakes that makes it wrong."""
    m = Names(library)
    for rule in rules:
        random = numpy.random.default_rng(RULES.index(rule))
        numbers = [random.uniform(rule.low, rule.high, shape) for shape in rule.shapes]
        numbers = [each + (numpy.eye(3) if rule.name in ("inverse", "determinant") else 0.0) for each in numbers]
        for dtype in dtypes:
            point = tuple(m.array(each, dtype) for each in numbers)
            truth = _jacobians(library, partial(rule.value, m), point, "float64")
            yield from _of_rule(library, dtype, rule, point, truth, mistakes)


def some(library: str) -> Iterator[CustomGradient]:
    """Of every rule one right gradient and two wrong ones, so that both precisions and all kinds come in turn."""
    for number, rule in enumerate(RULES):
        first = number % len(MISTAKES)
        yield from islice(corpus(library, [rule], [tuple(RESOLUTION)[number % 2]], MISTAKES[first:] + MISTAKES[:first]), 3)


def _of_rule(
    library: str, dtype: str, rule: Rule, point: tuple[Any, ...], truth: list[Any], mistakes: Iterable[Mistake]
) -> Iterator[CustomGradient]:
    for kind, note, change in [("", "right", right), *mistakes]:
        function = MAKERS[library](rule, partial(change, rule))
        try:
            claimed = _jacobians(library, getattr(function, "apply", function), point, dtype)
        except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError):  # it fails loudly, or is of another shape
            continue
        off = max(float(abs(a - b).max()) / max(1e-12, float(abs(b).max())) for a, b in zip(claimed, truth, strict=True))
        if (off <= _RIGHT[dtype] * 4) if not kind else (off > RESOLUTION[dtype]):
            yield CustomGradient(library, dtype, function, point, not kind, kind or "right", f"{rule.name}, {dtype}, {note}")


def _jacobians(library: str, function: Callable[..., Any], point: tuple[Any, ...], dtype: str) -> list[Any]:
    """The derivatives that a library has for a function, one matrix for each argument."""
    if library == "torch":
        import torch

        inputs = tuple(each.to(getattr(torch, dtype)) for each in point)
        found = torch.autograd.functional.jacobian(function, inputs)
        return [each.double().numpy() for each in found]
    import jax

    with jax.enable_x64(True):
        arrays = [jax.numpy.asarray(each, dtype) for each in point]
        return [numpy.asarray(each, float) for each in jax.jacrev(function, tuple(range(len(arrays))))(*arrays)]


# ---- the checkers ------------------------------------------------------------------------------------------------------------


def by_check(case: CustomGradient) -> str:
    """The outcome of `check_torch` or `check_jax`."""
    return (check_torch if case.library == "torch" else check_jax)(case.function, case.point).outcome


def by_gradcheck(case: CustomGradient, **options: Any) -> str:
    """The outcome of torch.autograd.gradcheck."""
    import torch

    inputs = tuple(each.clone().requires_grad_() for each in case.point)
    return "agrees" if torch.autograd.gradcheck(case.function.apply, inputs, raise_exception=False, **options) else "disagrees"


def by_check_grads(case: CustomGradient, **options: Any) -> str:
    """The outcome of jax.test_util.check_grads."""
    import jax
    from jax.test_util import check_grads

    modes = ("fwd", "rev") if hasattr(case.function, "defjvp") else ("rev",)
    with jax.enable_x64(True):
        try:
            check_grads(case.function, tuple(map(jax.numpy.asarray, case.point)), order=1, modes=modes, **options)
        except AssertionError:
            return "disagrees"
    return "agrees"


CHECKERS: dict[str, dict[str, Callable[[CustomGradient], str]]] = {
    "torch": {
        "`check_torch`": by_check,
        "`gradcheck`": by_gradcheck,
        "`gradcheck(atol=1e-8, rtol=1e-6)`": partial(by_gradcheck, atol=1e-8, rtol=1e-6),
    },
    "jax": {
        "`check_jax`": by_check,
        "`check_grads`": by_check_grads,
        "`check_grads(atol=1e-8, rtol=1e-6)`": partial(by_check_grads, atol=1e-8, rtol=1e-6),
    },
}


def rows(cases: list[CustomGradient], checkers: dict[str, Callable[[CustomGradient], str]]) -> Iterator[str]:
    """The table, as Markdown, and below it what `check` got wrong."""
    yield "| checker | precision | wrong | acquitted | right | accused | inconclusive | ms of the processor |"
    yield "|---|---|---|---|---|---|---|---|"
    mistakes = []
    for name, checker in checkers.items():
        for dtype in ("float64", "float32"):
            found, chosen = [], [case for case in cases if case.dtype == dtype]
            start = time.process_time()
            for case in chosen:
                found.append((case, checker(case)))
            each = 1e3 * (time.process_time() - start) / len(chosen)
            acquitted = [case for case, outcome in found if not case.is_right and outcome == "agrees"]
            accused = [case for case, outcome in found if case.is_right and outcome == "disagrees"]
            unclear = [case for case, outcome in found if outcome == "inconclusive"]
            good = sum(case.is_right for case in chosen)
            counts = [len(chosen) - good, len(acquitted), good, len(accused), len(unclear)]
            yield f"| {name} | {dtype} | {' | '.join(map(str, counts))} | {each:.0f} |"
            if checker is by_check:
                for what, which in (("acquitted", acquitted), ("accused", accused), ("inconclusive", unclear)):
                    mistakes += [f"{what}: {case.note}" for case in which]
    yield from ["", *mistakes] if mistakes else []


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.custom_gradients")
    parser.add_argument("library", choices=("torch", "jax"))
    parser.add_argument("--all", action="store_true", help="every rule with every mistake, in both precisions")
    given = parser.parse_args()
    if given.library == "torch":
        import_module("torch").set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = list((corpus if given.all else some)(given.library))
        for line in rows(cases, CHECKERS[given.library]):
            print(line, flush=True)


if __name__ == "__main__":
    main()

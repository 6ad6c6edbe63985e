"""PyTorch under the checker: an autograd.Function, a module with its parameters, or any function of tensors."""

import copy
import math
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy

from autograd_lite.engine.extras import needed
from autograd_lite.engine.text import shorten
from autograd_lite.testing.checker.precision import unit_of
from autograd_lite.testing.libraries.array_function import (
    GROSS,
    ArrayFunction,
    ArrayPlace,
    Row,
    argument_names,
    split_row,
    tree_filled,
    tree_leaves,
)


class TorchFunction(ArrayFunction):
    """A function of tensors, for the checker."""

    def __init__(self, function: Any, arguments: tuple[Any, ...], names: list[str] | None = None) -> None:
        self._torch = torch = needed("torch")
        self.name = str(getattr(function, "__name__", type(function).__name__))
        self._call, called, module = _called(torch, function, len(arguments))
        self._arguments = arguments
        self._has_forward_mode = module is None and getattr(function, "jvp", None) not in (None, torch.autograd.Function.jvp)
        found = [pair for name, each in zip(names or called, arguments, strict=True) for pair in tree_leaves(each, name)]
        wanted = [leaf for _, leaf in found if _is_real(torch, leaf)]
        wanted = [leaf for leaf in wanted if leaf.requires_grad] or wanted
        parameters = [pair for pair in module.named_parameters() if pair[1].requires_grad] if module is not None else []
        self._chosen = [any(leaf is each for each in wanted) for _, leaf in found]
        chosen = [pair for pair, is_chosen in zip(found, self._chosen, strict=True) if is_chosen]
        self._like = [leaf.detach() for _, leaf in chosen + parameters]
        if not any(each.numel() for each in self._like):
            raise TypeError(f"{self.name} is differentiated by tensors of floating point; the point holds none with a number in it")
        self._parameter_names = None if module is None else [name for name, _ in parameters]
        self.inputs = [ArrayPlace(name, tuple(leaf.shape)) for name, leaf in chosen + parameters]
        self._wide_call = self._call
        if module is not None:
            self._call, self._wide_call = (
                _of_module(torch, copy.deepcopy(module)),
                _of_module(torch, copy.deepcopy(module).double()),
            )
        self.numbers = numpy.concatenate([_row(each) for each in self._like])
        if not numpy.isfinite(self.numbers).all():
            raise ValueError("a derivative is checked at finite numbers; the point holds nan or inf")
        results = self._results(self.tensors(self.numbers), self._call)
        if not (names or any(each.requires_grad for _, each in results)):
            raise TypeError(f"nothing that {self.name} gave requires a gradient: is it detached, or computed in no_grad?")
        self.outputs = [ArrayPlace(name, tuple(each.shape)) for name, each in results]
        self.precision = str(max((each.dtype for each in [*self._like, *(each for _, each in results)]), key=unit_of))
        self.unit = unit_of(self.precision)
        self.is_wide = False
        self.is_wide = self.unit > 2.0**-52 and self.find_wide()

    def tensors(self, numbers: Row, wide: bool = False) -> list[Any]:
        """Leaves with these numbers, laid out as those of the point are."""
        return [self._tensor(part, like, wide) for part, like in zip(split_row(numbers, self.inputs), self._like, strict=True)]

    def evaluate(self, numbers: Row, wide: bool) -> Row:
        results = self._results(self.tensors(numbers, wide), self._wide_call if wide else self._call)
        return numpy.concatenate([_row(each.detach()) for _, each in results])

    def pullback(self, numbers: Row, seeds: Row) -> Row:
        leaves = self.tensors(numbers)
        results = [each for _, each in self._results(leaves, self._call)]
        return numpy.stack([self._row_of_claims(results, leaves, seed) for seed in seeds])

    def _row_of_claims(self, results: Sequence[Any], leaves: Sequence[Any], seed: Row) -> Row:
        parts = zip(results, split_row(seed, self.outputs), strict=True)
        seeded = [(each, self._tensor(part, each, False).detach()) for each, part in parts if each.requires_grad]
        outputs, weights = [each for each, _ in seeded], [weight for _, weight in seeded]
        if not seeded:  # a gradient that depends on nothing
            return numpy.zeros_like(self.numbers)
        found = self._torch.autograd.grad(outputs, leaves, weights, retain_graph=True, allow_unused=True)
        return numpy.concatenate(
            [numpy.zeros(leaf.numel()) if g is None else _row(g) for g, leaf in zip(found, leaves, strict=True)]
        )

    def random_states(self) -> Any:
        torch = self._torch
        devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else []
        states = [torch.get_rng_state(), *devices]
        return random.getstate(), repr(numpy.random.get_state()), [state.numpy().tobytes() for state in states]

    def complaints(self) -> Iterator[tuple[str, float, float, str]]:
        leaves = self.tensors(self.numbers)
        given = [self._copied(leaf) for leaf in leaves]
        marks = [copied.grad_fn for copied in given]
        results = [each for _, each in self._results(leaves, self._call, given)]
        for place, leaf, copied, mark in zip(self.inputs, leaves, given, marks, strict=True):
            if copied.grad_fn is mark:  # else autograd knows that it was written into
                yield from _changed(place, leaf, copied, "was written into, and autograd was not told (ctx.mark_dirty)")
        for index, (place, result) in enumerate(zip(self.outputs, results, strict=True)):
            if result.requires_grad:
                seed = self._torch.full_like(result, 0.75).detach()
                before = seed.clone()
                self._torch.autograd.grad(results[index], leaves, seed, retain_graph=True, allow_unused=True)
                yield from _changed(
                    ArrayPlace(f"the gradient of {place.name}", place.shape), before, seed, "backward wrote into it"
                )
                yield from self._of_expanded(place, result, leaves)
        yield from self._after_another_call()

    def _after_another_call(self) -> Iterator[tuple[str, float, float, str]]:
        """Layers share a function: what it keeps for backward must be that call's own."""
        torch, reason = self._torch, ""
        leaves = self.tensors(self.numbers)
        results = [each for _, each in self._results(leaves, self._call) if each.requires_grad]
        try:
            self._results(self.tensors(0.75 * self.numbers + 0.0625), self._call)
        except Exception:  # whatever a stranger's function raises: that point is not in its domain
            return
        ones = [torch.ones_like(each) for each in results]
        try:
            found = torch.autograd.grad(results, leaves, ones, allow_unused=True)
        except RuntimeError as error:
            found, reason = [leaf.detach() * math.nan for leaf in leaves], f": backward raises: {shorten(str(error), 120)}"
        results = [each for _, each in self._results(leaves, self._call) if each.requires_grad]
        wanted = torch.autograd.grad(results, leaves, ones, allow_unused=True)
        for place, leaf, was, now in zip(self.inputs, leaves, wanted, found, strict=True):
            was, now = (torch.zeros_like(leaf) if each is None else each for each in (was, now))
            rounding = max(GROSS, math.sqrt(self.unit)) * (float(abs(was).max()) if was.numel() else 0.0)
            yield from _changed(place, was, now, f"it was called once more before its backward pass{reason}", rounding)

    def _of_expanded(self, place: ArrayPlace, result: Any, leaves: Sequence[Any]) -> Iterator[tuple[str, float, float, str]]:
        """A gradient that is one number seen everywhere, as that of a sum is, must lead to the same as a whole tensor."""
        torch, reason = self._torch, ""
        one = torch.tensor(0.75, dtype=result.dtype, device=result.device).expand(result.shape)
        mixed = torch.linspace(-1.0, 0.75, result.numel(), dtype=result.dtype, device=result.device).reshape(result.shape)

        def pulled(seed: Any) -> list[Any]:
            found = torch.autograd.grad(result, leaves, seed, retain_graph=True, allow_unused=True)
            return [torch.zeros_like(leaf) if each is None else each for each, leaf in zip(found, leaves, strict=True)]

        whole, sizes = pulled(one.contiguous()), pulled(mixed)
        try:
            seen = pulled(one)
        except RuntimeError as error:
            seen, reason = [leaf.detach() * math.nan for leaf in leaves], f", and backward raises: {shorten(str(error), 120)}"
        for leaf, wanted, found, size in zip(self.inputs, whole, seen, sizes, strict=True):  # of a sum terms may cancel
            tolerance = max(GROSS, math.sqrt(self.unit)) * max(
                (float(abs(each).max()) for each in (wanted, size) if each.numel()), default=0.0
            )
            yield from _changed(leaf, wanted, found, f"its sum hands back a gradient that is not contiguous{reason}", tolerance)

    def forward_mode(self, numbers: Row, direction: Row) -> Row | None:
        if not self._has_forward_mode:  # of an autograd.Function's own
            return None
        torch, forward = self._torch, self._torch.autograd.forward_ad
        parts = split_row(direction, self.inputs)
        with warnings.catch_warnings(), forward.dual_level():
            warnings.simplefilter("ignore", DeprecationWarning)  # of a part of PyTorch in which it compiles its own formulas
            tangents = [self._tensor(part, like, False).detach() for part, like in zip(parts, self._like, strict=True)]
            duals = [forward.make_dual(leaf, t) for leaf, t in zip(self.tensors(numbers), tangents, strict=True)]
            results = [each for _, each in self._results(duals, self._call)]
            slopes = [(each, forward.unpack_dual(each).tangent) for each in results]
            return numpy.concatenate([_row(torch.zeros_like(each) if t is None else t) for each, t in slopes])

    def differentiated(self) -> ArrayFunction:
        weights = numpy.random.default_rng(2).uniform(0.5, 1.5, sum(place.size for place in self.outputs))
        leaves = self.tensors(self.numbers)
        parts = zip(self._results(leaves, self._call), split_row(weights, self.outputs), strict=True)
        seeds = [self._tensor(part, each.detach(), False) for (_, each), part in parts]

        def gradient(*given: Any) -> Any:
            wide = all(each.dtype == self._torch.float64 for each in given)
            leaves, seeds = given[: len(self.inputs)], given[len(self.inputs) :]
            results = [each for _, each in self._results(leaves, self._wide_call if wide else self._call)]
            pairs = [(each, seed.to(each.dtype)) for each, seed in zip(results, seeds, strict=True) if each.requires_grad]
            options = {"create_graph": True, "allow_unused": True, "materialize_grads": True}
            return self._torch.autograd.grad([each for each, _ in pairs], leaves, [seed for _, seed in pairs], **options)

        names = [*self.names, *(f"the gradient of {place.name}" for place in self.outputs)]
        return TorchFunction(gradient, (*leaves, *seeds), names)

    def rounded(self, numbers: Row) -> Row:
        return numpy.concatenate([_row(tensor) for tensor in self.tensors(numbers)])

    def _tensor(self, part: Row, like: Any, wide: bool) -> Any:
        torch = self._torch
        dtype = torch.float64 if wide else like.dtype
        strides = like.stride() if all(like.stride()) or not like.numel() else None  # an expanded one is laid out anew
        made = torch.empty(like.shape, dtype=dtype, device=like.device)
        made = made if strides is None else torch.empty_strided(like.shape, strides, dtype=dtype, device=like.device)
        return made.copy_(torch.from_numpy(part.copy()).reshape(like.shape)).requires_grad_()

    def _copied(self, leaf: Any) -> Any:
        """A copy with the same strides; that of `clone` is contiguous where there are gaps."""
        with self._torch.enable_grad():
            return self._torch.empty_strided(leaf.shape, leaf.stride(), dtype=leaf.dtype, device=leaf.device).copy_(leaf)

    def _results(
        self, leaves: Sequence[Any], call: Callable[..., Any], given: Sequence[Any] | None = None
    ) -> list[tuple[str, Any]]:
        """The results of floating point; of copies, which a function may write into, where it does so by autograd's rules."""
        copies = iter(given or [self._copied(leaf) for leaf in leaves])
        filled = (
            next(copies) if chosen else leaf for (_, leaf), chosen in zip(tree_leaves(self._arguments), self._chosen, strict=True)
        )
        arguments = tree_filled(self._arguments, filled)
        parameters = [] if self._parameter_names is None else [dict(zip(self._parameter_names, copies, strict=True))]
        with self._torch.enable_grad():
            found = call(*parameters, *arguments)
        results = [(name, each) for name, each in tree_leaves(found, "out") if isinstance(each, self._torch.Tensor)]
        if any(each.is_complex() for _, each in results):
            raise TypeError(f"{self.name} gives complex numbers; check it through torch.view_as_real")
        return [pair for pair in results if pair[1].is_floating_point() and pair[1].numel()]


def _called(torch: Any, function: Any, count: int) -> tuple[Callable[..., Any], list[str], Any]:
    """What to call, what its arguments are called, and the module that it is, if it is one."""
    base: Any = torch.autograd.Function
    if isinstance(function, type) and issubclass(function, base):
        given: Any = function
        has_context = given.setup_context is base.setup_context
        return given.apply, argument_names(given.forward, count, skipped=int(has_context)), None
    if isinstance(function, torch.nn.Module):
        return function, argument_names(function.forward, count), function
    return function, argument_names(function, count), None


def _of_module(torch: Any, module: Any) -> Callable[..., Any]:
    def call(parameters: dict[str, Any], *arguments: Any) -> Any:
        return torch.func.functional_call(module, parameters, arguments)

    return call


def _is_real(torch: Any, leaf: Any) -> bool:
    if not isinstance(leaf, torch.Tensor):
        return False
    if leaf.is_complex():
        raise TypeError("check_torch takes real tensors; give a complex one as torch.view_as_real(x)")
    return bool(leaf.is_floating_point())


def _row(tensor: Any) -> Row:
    """All its numbers as doubles."""
    dense = tensor.to_dense() if tensor.layout != needed("torch").strided else tensor
    found: Row = dense.detach().reshape(-1).cpu().double().numpy()
    return found


def _changed(place: ArrayPlace, was: Any, now: Any, reason: str, tolerance: float = 0.0) -> Iterator[tuple[str, float, float, str]]:
    before, after = _row(was), _row(now)
    different = numpy.flatnonzero(
        ~((before == after) | (abs(before - after) <= tolerance) | (numpy.isnan(before) & numpy.isnan(after)))
    )
    for number in different[:1]:
        yield place.entry(int(number)), float(after[number]), float(before[number]), reason

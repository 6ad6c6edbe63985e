"""What JAX makes of a function, evaluated with Values in the place of numbers.

An array that holds a Value is an array of objects; every other one is what JAX computes itself, operation by operation. What only
moves numbers is asked of JAX, too: it moves whole numbers that say where each one stood.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy

from autograd_lite.bridges.jax_words import ALONG, CALLS, COMPARISONS, EACH, MOVES, OWN, SO_FAR, SUMS
from autograd_lite.bridges.object_arrays import (
    along,
    as_objects,
    combined,
    each_place,
    has_values,
    in_order,
    numbers_in,
    of_objects,
    part_of,
    products,
    so_far,
    stacked,
    truths,
)
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.extras import needed
from autograd_lite.functions import where

__all__ = ["JaxEvaluation"]


class JaxEvaluation:
    """An evaluation.

    Args:
        name: of the function. most: how many operands its graph may have.
    Attributes:
        narrow: the first operation that JAX rounds to fewer digits than a Value has; empty where there is none.
        own: the functions with derivatives of their own that were met.
    """

    def __init__(self, name: str, most: int) -> None:
        self.jax = needed("jax")
        self.name, self.most, self.count = name, most, 0
        self.narrow = ""
        self.own: list[str] = []

    def run(self, jaxpr: Any, constants: Sequence[Any], given: Sequence[Any]) -> list[Any]:
        """The results: arrays of objects, or JAX's own."""
        known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *given], strict=True))
        for equation in jaxpr.eqns:
            operands = [_of(atom, known) for atom in equation.invars]
            known |= zip(equation.outvars, self._computed(equation, operands), strict=True)
        return [_of(atom, known) for atom in jaxpr.outvars]

    def _computed(self, equation: Any, operands: list[Any]) -> Sequence[Any]:
        name, parameters = equation.primitive.name, equation.params
        if name in CALLS:
            return self._called(parameters, operands)
        if not any(map(has_values, operands)):
            return self._by_jax(equation, operands)
        if name in _CONTROL:
            return _CONTROL[name](self, parameters, operands)  # type: ignore[no-any-return]
        if not equation.outvars:
            return []  # it only tells somebody something
        self._counted(equation, operands)
        shape = equation.outvars[0].aval.shape
        if name in COMPARISONS:
            return [truths(each_place(COMPARISONS[name], operands, shape))]
        if all(_is_whole(variable.aval.dtype) for variable in equation.outvars):
            given = zip(operands, equation.invars, strict=True)
            return self._by_jax(equation, [numbers_in(operand, variable.aval.dtype) for operand, variable in given])
        self._noted(equation)
        if name in MOVES:
            return self._moved(equation, operands)
        if name in EACH:
            told = {key: parameters[key] for key in ("y", "rounding_method") if key in parameters}
            return [each_place(lambda *numbers: EACH[name](*numbers, **told), operands, shape)]
        if name in SUMS:
            return self._summed(equation, operands)
        if name == "top_k":
            _, places = self._by_jax(equation, [numbers_in(operands[0], equation.invars[0].aval.dtype)])
            return [numpy.take_along_axis(operands[0], numpy.asarray(places), parameters.get("axis", -1)), places]
        if name == "sort" and parameters["num_keys"] == 1:
            return in_order(parameters["dimension"], operands)
        if name in _FORMS:
            return [_FORMS[name](parameters, operands, shape)]
        raise self._refusal(equation)

    def _by_jax(self, equation: Any, operands: Sequence[Any]) -> Sequence[Any]:
        found = equation.primitive.bind(*operands, **equation.params)
        return found if equation.primitive.multiple_results else [found]

    def _moved(self, equation: Any, operands: list[Any]) -> Sequence[Any]:
        """Numbers at other places; of a choice by Values those that it takes."""
        choice = operands[0]
        if equation.primitive.name == "select_n" and has_values(choice):
            shape = equation.outvars[0].aval.shape
            choice, no, yes = (numpy.broadcast_to(as_objects(each), shape).ravel() for each in operands)
            return [of_objects([where(*each) for each in zip(choice, yes, no, strict=True)], shape)]
        numbers: list[Any] = []
        places = []
        for variable, operand in zip(equation.invars, operands, strict=True):
            if _is_whole(variable.aval.dtype):  # it says where
                places.append(numbers_in(operand))
                continue
            objects = as_objects(operand)
            places.append(numpy.arange(len(numbers), len(numbers) + objects.size, dtype=numpy.int32).reshape(objects.shape))
            numbers += objects.ravel().tolist()
        fill = equation.params.get("fill_value")
        wanted = equation.params | ({"fill_value": -1} if "fill_value" in equation.params else {})
        found = equation.primitive.bind(*places, **wanted)
        outside = float("nan") if fill is None else float(fill)
        return [
            of_objects([numbers[place] if place >= 0 else outside for place in numpy.ravel(moved).tolist()], moved.shape)
            for moved in (found if equation.primitive.multiple_results else [found])
        ]

    def _summed(self, equation: Any, operands: list[Any]) -> Sequence[Any]:
        """Sums of the numbers, by the matrix that JAX has for them; what is no Value is in the matrix."""
        moving = [place for place, operand in enumerate(operands) if has_values(operand)]
        if len(moving) > 1 and not equation.primitive.name.startswith("scatter"):
            raise self._refusal(equation)  # it multiplies them
        shapes = [operands[place].shape for place in moving]
        numbers = [each for place in moving for each in operands[place].ravel()]
        (result,) = equation.outvars
        self.count_on(len(numbers) * prod(result.aval.shape) // 8, equation.primitive.name)

        def of_numbers(flat: Any) -> Any:
            given, start = list(operands), 0
            for place, shape in zip(moving, shapes, strict=True):
                given[place] = flat[start : start + prod(shape)].reshape(shape).astype(equation.invars[place].aval.dtype)
                start += prod(shape)
            return equation.primitive.bind(*given, **equation.params)

        zeros = numpy.zeros(len(numbers))
        rest = numpy.ravel(of_numbers(self.jax.numpy.asarray(zeros))).tolist()
        matrix = numpy.asarray(self.jax.jacfwd(of_numbers)(zeros), float).reshape(len(rest), len(numbers))
        return [of_objects([combined(*each, numbers) for each in zip(rest, matrix, strict=True)], result.aval.shape)]

    # ---- functions in functions ----------------------------------------------------------------------------------------------

    def _called(self, parameters: Any, operands: list[Any]) -> Sequence[Any]:
        inner = next(parameters[key] for key in ("jaxpr", "call_jaxpr", "fun_jaxpr") if key in parameters)
        if any(key.startswith(("jvp", "fwd")) for key in parameters) and any(map(has_values, operands)):  # derivatives of its own
            self.own.append(_title(inner))
            if self.own[-1] in OWN and len(operands) == 1:
                return [each_place(OWN[self.own[-1]], operands, operands[0].shape)]
        return self._inner(inner, operands)

    def _inner(self, inner: Any, operands: Sequence[Any]) -> list[Any]:
        return self.run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), operands)

    def _chosen(self, parameters: Any, operands: list[Any]) -> Sequence[Any]:
        place = int(numbers_in(operands[0]))
        branches = parameters["branches"]
        return self._inner(branches[min(max(place, 0), len(branches) - 1)], operands[1:])

    def _while(self, parameters: Any, operands: list[Any]) -> Sequence[Any]:
        first, second = parameters["cond_nconsts"], parameters["cond_nconsts"] + parameters["body_nconsts"]
        carried = operands[second:]
        while bool(numbers_in(self._inner(parameters["cond_jaxpr"], [*operands[:first], *carried])[0])):
            before = self.count
            carried = self._inner(parameters["body_jaxpr"], [*operands[first:second], *carried])
            if self.count == before:
                self.count_on(1, "while")  # a loop that computes nothing ends, too
        return carried

    def _scanned(self, parameters: Any, operands: list[Any]) -> Sequence[Any]:
        first = parameters["num_consts"]
        second = first + parameters["num_carry"]
        carried, rows = operands[first:second], []
        turns = range(parameters["length"])
        for turn in reversed(turns) if parameters["reverse"] else turns:
            along = [operand[turn] if not has_values(operand) else part_of(operand, turn) for operand in operands[second:]]
            found = self._inner(parameters["jaxpr"], [*operands[:first], *carried, *along])
            carried = found[: parameters["num_carry"]]
            rows.append(found[parameters["num_carry"] :])
        if parameters["reverse"]:
            rows.reverse()
        made = [variable.aval for variable in parameters["jaxpr"].jaxpr.outvars[parameters["num_carry"] :]]
        return [*carried, *(stacked([row[place] for row in rows], aval) for place, aval in enumerate(made))]

    # ---- refusals ------------------------------------------------------------------------------------------------------------

    def _counted(self, equation: Any, operands: Sequence[Any]) -> None:
        """Counts what is to come, before it is made."""
        name = equation.primitive.name
        if name in MOVES:
            return
        size = sum(prod(variable.aval.shape) for variable in equation.invars)
        if name == "dot_general":
            (contracted, _), _ = equation.params["dimension_numbers"]
            size = 2 * equation.outvars[0].aval.size * prod(operands[0].shape[axis] for axis in contracted)
        self.count_on(size, name)

    def count_on(self, size: int, name: str) -> None:
        """Counts operands.

        Raises:
            GraphError: if there are too many.
        """
        self.count += size
        if self.count > self.most:
            raise GraphError(
                f"the graph of `{self.name}` would have more than {self.most:,} operands: so many are reached at `{name}`, which "
                f"has {size:,}. Let Values stand for a part of the numbers, as in part=lambda *arguments: arguments[0], as what "
                "depends on no Value is left to JAX; or give a function of a part, or a larger `most`."
            )

    def _noted(self, equation: Any) -> None:
        dtype = equation.outvars[0].aval.dtype
        if dtype.itemsize < 8 and not self.narrow:
            self.narrow = f"`{equation.primitive.name}`{self._place(equation)} computes in {dtype}"

    def _place(self, equation: Any) -> str:
        told = needed("jax.extend.source_info_util").summarize(equation.source_info)
        return f" at {told}" if told else ""

    def _refusal(self, equation: Any) -> GraphError:
        name = equation.primitive.name
        error = GraphError(
            f"`{name}` of JAX{self._place(equation)} has no form in Values. Compute it from what is no Value, which is left to "
            f"JAX, or cut it out: `graph_of` of a function of its result; a part of the arguments with part=."
        )
        error.primitive = name  # type: ignore[attr-defined]
        return error


def _of(atom: Any, known: dict[Any, Any]) -> Any:
    return atom.val if hasattr(atom, "val") else known[atom]


def _title(inner: Any) -> str:
    """The name of a function that JAX has traced."""
    told = getattr(getattr(inner, "jaxpr", inner), "debug_info", None)
    return str(getattr(told, "func_name", ""))


def _is_whole(dtype: Any) -> bool:
    return numpy.dtype(dtype).kind in "biu" if isinstance(dtype, numpy.dtype) else True


_FORMS: dict[str, Callable[..., Any]] = {
    "dot_general": products,
    **{name: along(name) for name in ALONG},
    **{name: so_far(name) for name in SO_FAR},
}
_CONTROL: dict[str, Callable[..., Any]] = {
    "cond": JaxEvaluation._chosen,
    "scan": JaxEvaluation._scanned,
    "while": JaxEvaluation._while,
}

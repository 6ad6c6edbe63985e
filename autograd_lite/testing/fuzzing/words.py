"""The functions that random programs call, read from the table of primitives, from `functions` and from the activations."""

from functools import cache
from inspect import Parameter, signature
from typing import Any, NamedTuple

from autograd_lite import functions
from autograd_lite.engine.primitive import POSITIVE, REAL, Interval, Nary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.nn.activations import activations

# Names that a program's source might use itself.
AWKWARD = (
    "v1 v2 v3 d_x d_v1 d_value value values rows row gradient X Y np math numpy parameters z1 z2 a1 C1 C2 INDEX1 t1 t2 e1 W1 b1 "
    "self cls lambda_ class_ None_ from_ größe αβ _ __ _x x_ flag function f expect place condition outcome changed inf nan pi e "
    "where_ program out result d_ d_W1 d_b1 D1 one n N x0 x1 x_0 i j k_ result_1 key object dtype float32 grad_x l O I1 J1"
).split()

# Labels of parameters that must not break out of names and comments.
LABELS = (
    "q", "q", "x", "v1", "a\nb = 1", 'say "hi"', "it's", "back\\slash", "# no", "print", "value", "rows", "np", "w[0]", "w[1]",
    "", "layer0.neuron0.w[0]", "d_x", "größe", "{0}", "{x}", "%s", "\u2028", "lambda", "'''", '"""', "1x", "a b", "parameters",
)  # fmt: skip


class Function(NamedTuple):
    """A function that a program may call: its text with places for its operands, and the domain of each."""

    template: str
    domain: tuple[Interval, ...]


_OTHERS = (
    Function("degrees({0})", (REAL,)),
    Function("radians({0})", (REAL,)),
    Function("beta({0}, {1})", (POSITIVE, POSITIVE)),
    Function("polygamma(2, {0})", (POSITIVE,)),
)


@cache
def of_numbers() -> list[Function]:
    """Every public function of a fixed count of numbers."""
    found = []
    for name, primitive in TABLE.items():
        if primitive.public and primitive.arity is not None:
            domain = tuple(primitive.domain[min(place, len(primitive.domain) - 1)] for place in range(primitive.arity))
            places = ", ".join(f"{{{place}}}" for place in range(primitive.arity))
            found.append(Function(f"{name}({places})", domain))
    found += [Function(f"{name}({{0}})", (REAL,)) for name in activations() if name not in TABLE]
    found += _OTHERS
    return found


@cache
def of_lists() -> dict[str, list[tuple[str, bool]]]:
    """Every public function of one list of numbers, by what it gives, a "number" or a "list"; with whether it is one of shares."""
    found: dict[str, list[tuple[str, bool]]] = {"number": [], "list": []}
    for name in functions.__all__:
        function: Any = getattr(functions, name)
        required = [p.name for p in signature(function).parameters.values() if p.default is Parameter.empty]
        if required in (["values"], ["probabilities"]):
            found["list" if isinstance(function([0.5, 0.5]), list) else "number"].append((name, required == ["probabilities"]))
    listed = [
        name
        for name, primitive in TABLE.items()
        if primitive.public and primitive.arity is None and primitive.parameters == Nary.parameters
    ]
    found["number"] += [(name, False) for name in listed]
    return found

"""The dialects of functional arrays: what JAX and PyTorch call by other words than the array API standard, which both follow.

Source: Consortium for Python Data API Standards, *Python array API standard*, 2024.12.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["ALONG", "JAX", "OF_ARRAYS", "STANDARD", "TORCH", "ArrayDialect"]


@dataclass(frozen=True)
class ArrayDialect:
    """How a library writes what the standard leaves open, or what it says in its own way.

    Attributes:
        library: its name for a reader. modules: what a module may import: the statement by the word that asks for it.
        prefix: of a function by its standard name.
        functions: those that have another name, by their name in `mathematics`.
        helpers: sources of functions that the library lacks.
        only_arrays: functions that take no plain numbers, and how they are called with one: {x} the array, {number}.
        full, zeros, constant, places: new arrays: of a shape filled with {x}, of zeros, of listed numbers, of places.
            They have the type, and are on the device, of {like}.
        number: a plain number as an array without axes.
        largest: along an axis.
        turned: an array with its axes in another order.
        pad: {term} with zeros around it: the {widths} along all of its axes, or {flat}, from the last axis on.
        add: the last axis of an array {x}, with {term} added at an array of {places}.
        note: how the module is run.
    """

    library: str
    modules: Mapping[str, str]
    prefix: str
    full: str
    zeros: str
    constant: str
    places: str
    number: str
    largest: str
    turned: str
    pad: str
    add: str
    note: str
    functions: Mapping[str, str] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    only_arrays: Mapping[str, str] = field(default_factory=dict)


# The functions of `mathematics` that libraries have, mostly by these names of the standard.
_SAME: Final = (
    "abs acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 floor floor_divide fmod hypot "
    "log log10 log1p log2 logaddexp maximum minimum sigmoid sign sin sinh sqrt tan tanh trunc where"
)
_RENAMED: Final = {"power": "pow", "extended_power": "pow", "rint": "round", "mod": "remainder"}
STANDARD: Final = {name: name for name in _SAME.split()} | _RENAMED
# Those that take two arrays, and not always numbers.
OF_ARRAYS: Final = frozenset("atan2 copysign floor_divide fmod hypot logaddexp maximum minimum mod".split())

JAX: Final = ArrayDialect(
    library="JAX",
    modules={"jax.": "import jax", "jnp.": "import jax.numpy as jnp"},
    prefix="jnp.",
    functions={"erf": "jax.lax.erf", "erfc": "jax.lax.erfc", "sigmoid": "jax.nn.sigmoid"},
    full="jnp.full({shape}, {x}, {like}.dtype)",
    zeros="jnp.zeros({shape}, {like}.dtype)",
    constant="jnp.array({x}, {like}.dtype)",
    places="jnp.array({x})",
    number="jnp.asarray({x}, {like}.dtype)",
    largest="{x}.max(axis={axis}{kept})",
    turned=".transpose({axes})",
    pad="jnp.pad({term}, {widths})",
    add="{x}.at[..., {places}].add({term})",
    note="Every function may go through `jax.jit`, and the values through `jax.grad`; float64 needs `jax.enable_x64`.",
)

TORCH: Final = ArrayDialect(
    library="PyTorch",
    modules={"torch.": "import torch"},
    prefix="torch.",
    helpers={
        "floor_divide": '''def floor_divide(x, y):
    """The largest whole number not above x / y; PyTorch's own of that name has no derivative."""
    return torch.div(x, y, rounding_mode="floor")''',
        "sign": '''def sign(x):
    """-1, 0 or 1 as x is below, at or above zero; nan stays, of which PyTorch makes 0."""
    return torch.where(x == x, torch.sign(x), x)''',
        "cbrt": '''def cbrt(x):
    """The cube root, by one step of Newton's method from the power 1/3."""
    size = torch.abs(x)
    root = size ** (1 / 3)
    better = root - (root * root * root - size) / (3 * root * root)
    return torch.sign(x) * torch.where(torch.isfinite(better), better, root)''',
    },
    only_arrays={
        "maximum": "torch.clamp({x}, min={number})",
        "minimum": "torch.clamp({x}, max={number})",
        "": "torch.full_like({x}, {number})",
    },
    full="torch.full({shape}, {x}, dtype={like}.dtype, device={like}.device)",
    zeros="{like}.new_zeros({shape})",
    constant="{like}.new_tensor({x})",
    places="torch.tensor({x})",
    number="{like}.new_tensor({x})",
    largest="{x}.amax(axis={axis}{kept})",
    turned=".permute({axes})",
    pad="torch.nn.functional.pad({term}, {flat})",
    add="{x}.index_add(-1, {places}.to({like}.device), {term})",
    note="Every function may go through `torch.compile`, and the values through `backward`.",
)

# What `array_mathematics` computes of lists in NumPy, in words that all libraries have, and without writing to an array.
ALONG: Final[Mapping[str, str]] = {
    "others": '''def others(weights):
    """The sums along the last axis of weights of which the largest is 1, without that one."""
    ties = weights == 1
    return xp.where(ties, 0, weights).sum(-1) + (ties.sum(-1) - 1)''',
    "total": '''def total(*values):
    """The sum, with the digits that rounding loses put back."""
    whole, lost = values[0], 0
    for value in values[1:]:
        added = whole + value
        part = added - whole
        lost = lost + ((whole - (added - part)) + (value - part))
        whole = added
    return xp.where(xp.isfinite(whole), whole + lost, whole)''',
    "winners": '''def winners(values):
    """The derivatives of maximum(maximum(x1, x2), x3) and so on: the last of equals has a half, the one before half of the rest."""
    top = xp.amax(values, -1, keepdims=True)
    ties = values == top
    count = ties.sum(-1, keepdims=True)
    behind = count - xp.cumsum(ties, -1) + 1
    share = xp.where(ties, 0.5 ** xp.minimum(behind, count - 1), 0)
    return xp.where(top == top, share, top)''',
}

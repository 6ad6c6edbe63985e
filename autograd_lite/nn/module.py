"""Module: an object whose attributes hold parameters, with a name for each, and a file to keep them in.

A parameter is a leaf Value that needs a gradient. It is found through the module's attributes, in the order they were first
assigned, through lists, tuples, dictionaries, NumPy arrays and other modules; its name is the way to it, as a reader would say it:

    self.w[2]                           w[2]
    self.branches[0].w[2]               branches[0].w[2]
    self.heads["left"].b                heads['left'].b
    self.layers[0].neurons[1].w[2]      layer0.neuron1.w[2]     as the modules in lists of these names are called: see SINGULAR

A parameter in two places is one parameter, under its first name.
"""

import os
from collections.abc import Callable, Iterator, Mapping, MutableSequence
from itertools import product
from pathlib import Path
from typing import Any, Final, Self

from autograd_lite.engine.reals import as_float
from autograd_lite.engine.value import Value
from autograd_lite.names_of_others import OF_NETWORKS, check_arguments
from autograd_lite.nn.model_tables import model_table
from autograd_lite.nn.parameter_files import read_parameters, write_parameters

_Pairs = list[tuple[str, Any]]
# Lists of modules whose members are called by a word and a number. No rule of English cuts a plural right every time.
SINGULAR: Final = {f"{one}s": one for one in ("block", "cell", "head", "layer", "neuron", "unit")}


class Module:
    """A model, or a part of one: derive from it, and assign Values, modules, or lists and dictionaries of them to attributes.

    Example:
        >>> from autograd_lite import Value
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.offset = Value(2.0), Value(1.0)
        ...     def __call__(self, x):
        ...         return self.slope * x + self.offset
        >>> line = Line()
        >>> line, line.state_dict()
        (Line(2 parameters), {'slope': 2.0, 'offset': 1.0})
        >>> line.label_parameters()
        >>> line(3.0).backward()
        >>> line.slope
        Value(data=2.0, grad=3.0, label='slope')
        >>> line.zero_grad()
        >>> line.load_state_dict({"slope": -1.0, "offset": 0.5})
        >>> line(3.0).data
        -2.5
    """

    def __new__(cls, *given: Any, **named: Any) -> Self:
        """Arguments by the names of other libraries are answered here, before Python says only that it does not know them."""
        check_arguments(cls, named, OF_NETWORKS)
        return super().__new__(cls)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._count_text()})"

    def _repr_html_(self) -> str:
        """The parameters as a table, for notebooks: each of a small model, and of a large one each part."""
        return model_table(repr(self), self.named_leaves())

    def _count_text(self) -> str:
        count = len(self.parameters())
        return f"{count:,} parameter{'' if count == 1 else 's'}"

    def parameters(self) -> list[Value]:
        """The parameters, each once, in the order of `named_parameters`.

        >>> from autograd_lite import Value
        >>> class Pair(Module):
        ...     def __init__(self):
        ...         self.w = [Value(1.0), Value(2.0)]
        >>> [parameter.data for parameter in Pair().parameters()]
        [1.0, 2.0]
        """
        return [leaf for _, leaf in leaves_of(self) if leaf.requires_grad]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Pairs of a name and a parameter, each parameter once: attributes in the order they were first assigned, lists in theirs.

        Constants are left out: a parameter whose `requires_grad` is set to False is frozen.

        Raises:
            ValueError: if two parameters have the same name, as `self.layers[0]` and `self.layer0` would.
            TypeError: if Values or modules are kept in a set, which has no order.
        Example:
            >>> from autograd_lite import Value
            >>> class Pair(Module):
            ...     def __init__(self):
            ...         self.w = [Value(1.0), Value(2.0)]
            >>> [name for name, parameter in Pair().named_parameters()]
            ['w[0]', 'w[1]']
        """
        return [(name, leaf) for name, leaf in self.named_leaves().items() if leaf.requires_grad]

    def named_leaves(self) -> dict[str, Value]:
        """Every leaf Value by its name: the parameters, frozen ones too, and constants; `state_dict` has the numbers of these.

        Raises:
            ValueError: if two of them have the same name.
            TypeError: if Values or modules are kept in a set, which has no order.
        Example:
            >>> from autograd_lite import Value
            >>> class Line(Module):
            ...     def __init__(self):
            ...         self.slope, self.unit = Value(2.0), Value(1.0, requires_grad=False)
            >>> list(Line().named_leaves()), Line().parameters()
            (['slope', 'unit'], [Value(data=2.0, grad=0.0)])
        """
        named: dict[str, Value] = {}
        for name, leaf in leaves_of(self):
            if name in named:
                raise ValueError(f"two parameters of {type(self).__name__} are named `{name}`: rename one of the attributes")
            named[name] = leaf
        return named

    def label_parameters(self) -> None:
        """Sets each parameter's label to its name, for drawings and messages; call it at the end of your own `__init__`."""
        for name, parameter in self.named_parameters():
            parameter.label = name

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0.0, frozen ones too."""
        for _, leaf in leaves_of(self):
            leaf.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter and constant, by name."""
        return {name: leaf.data for name, leaf in self.named_leaves().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Sets every parameter and constant to the number of the same name in `state`: all of them, or none if one does not fit.

        Raises:
            ValueError: if a name is missing or superfluous, or a number beyond the largest float; the message names it.
            TypeError: if a number is not one.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict takes a dictionary as state_dict() gives, got {type(state).__name__}")
        self._assign(state, f"the state does not fit {self!r}")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the parameters to a file at `path`; an older one of that name stays whole until the new one is complete.

        A name that ends in .npz gives matrices in a NumPy archive, for models of many parameters; any other gives JSON for people.
        Floats are written so that `load` gives the same bits. A nan or inf is refused: JSON has no word for it, and the file it
        would replace is the last one that worked.

        Returns:
            The path written.
        Raises:
            ValueError: if a parameter is nan or infinite; the message names it, or its matrix.
        Example:
            >>> from autograd_lite.nn import MLP
            >>> path = MLP(2, [1], seed=0).save("model.json")
            >>> model = MLP(2, [1], seed=1)
            >>> model.load(path)
            >>> model.state_dict() == MLP(2, [1], seed=0).state_dict()
            True
        """
        if Path(path).suffix == ".npz":
            from autograd_lite.nn.archives import save_matrices  # which loads NumPy

            return save_matrices(self, path)
        return write_parameters(path, repr(self), self.state_dict())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Sets the parameters from the file at `path` that `save` wrote: all of them, or none if anything in the file is wrong.

        Raises:
            ValueError: if the file is not such a file, or is of another model; the message says what was expected and found.
        Example:
            >>> from autograd_lite.nn import MLP
            >>> MLP(3, [1]).load(MLP(2, [1]).save("model.json"))
            Traceback (most recent call last):
            ...
            ValueError: ...
        """
        if Path(path).suffix == ".npz":
            from autograd_lite.nn.archives import load_matrices

            return load_matrices(self, path)
        state, written_by = read_parameters(path)
        self._assign(state, f"{os.fspath(path)!r}{written_by} does not fit {self!r}")

    def _assign(self, state: Mapping[str, float], mismatch: str) -> None:
        leaves = self.named_leaves()
        if state.keys() != leaves.keys() and state.keys() == (older := dict(leaves_of(self, _cut))).keys():
            leaves = older
        missing = [name for name in leaves if name not in state]
        superfluous = [name for name in state if name not in leaves]
        if missing or superfluous:
            raise ValueError(
                f"{mismatch}: expected {len(leaves):,} numbers, found {len(state):,}"
                f"{_listing('missing', missing)}{_listing('not in the model', superfluous)}. The model is unchanged."
            )
        numbers: list[float] = []
        for name in leaves:
            try:
                numbers.append(as_float(state[name]))
            except TypeError as error:
                raise TypeError(f"{mismatch}: `{name}`: {error} The model is unchanged.") from None
            except OverflowError:
                raise ValueError(f"{mismatch}: `{name}` is beyond the largest float, 1.8e308. The model is unchanged.") from None
        for leaf, number in zip(leaves.values(), numbers, strict=True):
            leaf.data = number


# ---- the way to a parameter --------------------------------------------------------------------------------------------------

_VISITED: Final = (Module, list, tuple, Mapping, MutableSequence, set, frozenset)


def _called(place: str) -> str:
    """What a module in the list at `place` is called before its number: `layer` for `layers`; "" for no such word."""
    prefix, dot, attribute = place.rpartition(".")
    return f"{prefix}{dot}{SINGULAR[attribute]}" if attribute in SINGULAR else ""


def _cut(place: str) -> str:
    """What it was called in files of earlier versions, which cut the s off every word: `branche` for `branches`."""
    one = place.removesuffix("s")
    return one if one != place and one[-1:].isalpha() else ""


def leaves_of(module: Module, called: Callable[[str], str] = _called) -> Iterator[tuple[str, Value]]:
    """Every leaf Value below the module with its name, each once, depth first; the stack holds what is still to be visited."""
    seen = {id(module)}
    stack: _Pairs = list(reversed(_attributes("", module)))
    while stack:
        name, item = stack.pop()
        if isinstance(item, Value):
            if item.primitive is None and id(item) not in seen:
                seen.add(id(item))
                yield name, item
        elif (isinstance(item, _VISITED) or _holds_objects(item)) and id(item) not in seen:
            seen.add(id(item))
            stack.extend(reversed(_parts(name, item, called)))


def _parts(name: str, item: Any, called: Callable[[str], str]) -> _Pairs:
    if isinstance(item, Module):
        return _attributes(f"{name}.", item)
    if isinstance(item, Mapping):
        return [(f"{name}[{key!r}]", part) for key, part in item.items()]
    if isinstance(item, set | frozenset):
        if any(isinstance(part, Value | Module) for part in item):
            raise TypeError(f"`{name}` keeps parameters in a set, which has no order. Use a list.")
        return []
    if _holds_objects(item) and item.ndim != 1:
        places = product(*map(range, item.shape))
        return [(name + "".join(f"[{i}]" for i in place), part) for place, part in zip(places, item.flat, strict=True)]
    one = called(name)
    return [(f"{one}{i}" if one and isinstance(part, Module) else f"{name}[{i}]", part) for i, part in enumerate(item)]


def _holds_objects(item: Any) -> bool:
    """Whether it is a NumPy array of Python objects, such as Values; asked without NumPy, which models do not need."""
    return getattr(getattr(item, "dtype", None), "hasobject", False) and hasattr(item, "flat")


def _attributes(prefix: str, module: Module) -> _Pairs:
    return [(f"{prefix}{name}", part) for name, part in vars(module).items()]


def _listing(what: str, names: list[str], most: int = 3) -> str:
    if not names:
        return ""
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return f"; {len(names):,} {what}: {shown}{', ...' if len(names) > most else ''}"

"""Homes: which module every value belongs to, read off the labels of the parameters, so that drawing needs no model.

A parameter `layer0.neuron1.w[2]` lives in `layer0.neuron1`. For the values computed from parameters:

    uses a parameter itself     the deepest module that holds all parameters it uses: a neuron's dot is at home with its weights,
                                and so is the next layer's, whatever its inputs
    uses values only            the deepest module that holds all of them: an activation stays with its dot
    mixes applications          of one module (two samples) or of numbered siblings (neuron0 and neuron1): one module further out
    meets a named leaf          (a target, an input) outside every module: a loss belongs to no module
    meets a plain number        stays, as in 0.5 * x of an activation; but not where no other module uses what this one computes:
                                there it counts as the target of a loss, as in (out - 1.0) ** 2

A path is a tuple of names; () is outside.
"""

import re
from itertools import pairwise, takewhile

from autograd_lite.drawing.view.survey import Survey

ModulePath = tuple[str, ...]
OUTSIDE: ModulePath = ()


def module_path(label: object) -> ModulePath:
    """The module that a label names, as a path.

    >>> module_path("layer0.neuron1.w[2]"), module_path("x[0]"), module_path("version 1.5")
    (('layer0', 'neuron1'), (), ())
    """
    if not isinstance(label, str) or "." not in label:
        return OUTSIDE
    names = label.split(".")[:-1]
    are_names = all(name.split("[")[0].isidentifier() for name in names)  # `layer0`, `heads['left']`, `blocks[3]`
    return tuple(names) if are_names and not label.endswith(".") else OUTSIDE


def homes(survey: Survey) -> list[ModulePath]:
    """The home of every value; leaves that no module holds, and values outside all modules, have ().

    >>> from autograd_lite import Value, tanh
    >>> w, x = Value(2.0, label="layer0.neuron0.w[0]"), Value(1.0, label="x")
    >>> homes(Survey((tanh(w * x) - Value(1.0, label="y")) ** 2))[-5:]
    [('layer0', 'neuron0'), (), (), (), ()]
    """
    return _Homes(survey).all()


class _Homes:
    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.home: list[ModulePath] = [OUTSIDE] * len(survey)
        self.is_leaf = [here == after for here, after in pairwise(survey.start)]
        # Which use of a module a value belongs to: (the value where it began, the first parameter it used). The products of one
        # neuron begin apart with different parameters and are one use; two samples begin apart with the same parameter.
        self.use: dict[int, tuple[int, int]] = {}
        self.feeding: set[ModulePath] | None = None  # the modules whose values another one uses; known after the first round

    def all(self) -> list[ModulePath]:
        known: dict[str, ModulePath] = {"": OUTSIDE}
        if not any(value.label and "." in str(value.label) for value in self.survey.values):
            return self.home
        for i, label in enumerate([value._label for value in self.survey.values]):
            prefix = str(label).rpartition(".")[0] if label else ""
            if prefix not in known:
                known[prefix] = module_path(label)
            self.home[i] = known[prefix]
        rest = [i for i, home in enumerate(self.home) if not home and not self.is_leaf[i]]
        mixed = [i for i in rest if not self._settle(i)]
        home, start, flat = self.home, self.survey.start, self.survey.flat
        self.feeding = {
            home[p]
            for i, path in enumerate(home)
            if path
            for p in flat[start[i] : start[i + 1]]
            if home[p] is not path and home[p] and start[p] < start[p + 1] and home[p] != path
        }
        for i in mixed:
            self._settle(i)
        root = self.survey.root
        if len(self.survey.roots) == 1 and not any(self.home[p] and self.is_leaf[p] for p in self.survey.operands_of(root)):
            self.home[root] = OUTSIDE  # the loss itself
        return self.home

    def _settle(self, i: int) -> bool:
        """Finds the home of a value whose operands are settled; whether it uses a parameter itself."""
        self.home[i] = OUTSIDE
        self.use.pop(i, None)
        operands = dict.fromkeys(self.survey.operands_of(i))
        leaves = [p for p in operands if self.is_leaf[p]]
        parameters = [p for p in leaves if self.home[p]]
        if parameters:
            self.home[i] = home = _common({self.home[p] for p in parameters})
            first = [self.use[p][1] for p in operands if p in self.use and self.home[p] == home]
            self.use[i] = i, min([*parameters, *first])
            return True
        if not any(self.survey.values[p].label for p in leaves):
            inner = [p for p in operands if not self.is_leaf[p]]
            number_may_belong = not leaves or self.feeding is None or all(self.home[p] in self.feeding for p in inner)
            if inner and number_may_belong and all(self.home[p] for p in inner):
                self._mix(i, inner)
        return False

    def _mix(self, i: int, inner: list[int]) -> None:
        """The home of a value computed from other values that are at home somewhere."""
        paths = {self.home[p] for p in inner}
        self.home[i] = common = _common(paths)
        if len(paths) > 1:
            following = {path[len(common)] for path in paths if len(path) > len(common)}
            if len(following) > 1 and len(set(map(numberless, following))) == 1:
                self.home[i] = common[:-1]
            return
        uses = {self.use[p] for p in inner if p in self.use}
        first = {parameter for _, parameter in uses}
        if len(first) < len(uses):
            self.home[i] = common[:-2]
        elif len(uses) == 1:
            (self.use[i],) = uses
        elif uses:
            self.use[i] = i, min(first)


def _common(paths: set[ModulePath]) -> ModulePath:
    """The longest path that all of them start with."""
    first, last = min(paths), max(paths)  # in the order of tuples: what these two share, all share
    return tuple(name for name, other in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))


def numberless(name: str) -> str:
    """A module's name without the number at its end.

    >>> numberless("layer0.neuron12"), numberless("branches[3]"), numberless("heads['left']")
    ('layer0.neuron', 'branches', "heads['left']")
    """
    return re.sub(r"(?<=.)(\d+|\[\d+\])$", "", name)

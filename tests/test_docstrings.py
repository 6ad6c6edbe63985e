"""Every public docstring is complete: what it is, what it takes, what it raises, and an example.

The names are those of the reference on the site (`docs/rooms.py`). Of each is asked, by its source alone:

* A first sentence, which says what the value is. One that begins with an act ("Writes ...") has `Returns:` where something comes back.
* `Args:` names the parameters of the signature, all of them and no others. A function of numbers in `primitives` and `functions` whose
  sentence names its parameters, as "Quotient x / y." does, needs none. Nor does a method where its text or that of its class names them.
* A class says under `Args:` what it is made from. One that users are only given says so in its sentence or after it, "Given by
  `record`": its fields stand under `Attributes:`. What stands there must exist.
* `Raises:` names exception classes that exist, and every one that the body itself raises, unless it is a private one.
* An example in every function and class. A method or property is shown in its class's example or has one of its own, but for
  the functions of the table as methods, and what is there for others: "Called by `fit`".
  It imports what it uses, but for the names of its own room.
* Every public method and property says something, by itself, by the class that it overrides, or under `Attributes:` of its own.
"""

import ast
import builtins
import doctest
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import autograd_lite
from autograd_lite.engine.primitive import Primitive
from docs.rooms import ROOMS, public_names, public_things, room_of, shown_with
from tests.processes import REPOSITORY

Function = ast.FunctionDef | ast.AsyncFunctionDef
THINGS = {f"{path}.{name}".lstrip("."): thing for path in ROOMS for name, thing in public_things(path)}
OF_NUMBERS = ("primitives.", "functions.")
ACTS = set(
    "adds applies asks asserts calls changes checks clips compares computes converts copies counts creates divides downloads draws "
    "evaluates examines fills finds fits gives goes holds keeps loads looks makes measures moves opens plays prints puts raises reads "
    "records remembers replaces resets restores returns runs samples saves sets shows splits starts steps stops stores sweeps takes "
    "traces trains turns updates walks writes".split()
)
SECTION = re.compile(r"^(Args|Attributes|Class attributes|Returns|Yields|Raises|Example|Source|Note):", re.MULTILINE)
ENTRY = re.compile(r"^    (\*{0,2}\w+(?:(?:, | or )\*{0,2}\w+)*):(?: |$)", re.MULTILINE)


class Docstring(NamedTuple):
    """A docstring in its parts: the text before the first section, and the sections."""

    text: str
    sections: dict[str, str]
    whole: str

    def entries(self, *names: str) -> list[str]:
        lines = "\n".join(self.sections.get(name, "") for name in names)
        return [word.strip("* ") for found in ENTRY.findall(lines) for word in re.split(r", | or ", found)]

    @property
    def sentence(self) -> str:
        return self.prose.split("\n\n")[0].strip()

    @property
    def prose(self) -> str:
        return self.text.partition(">>>")[0]

    @property
    def examples(self) -> str:
        return "\n".join(line for line in self.whole.splitlines() if line.lstrip().startswith((">>>", "...")))


def parsed(whole: str | None) -> Docstring:
    text, *rest = SECTION.split(whole or "")
    return Docstring(text, dict(zip(rest[::2], rest[1::2], strict=True)), whole or "")


@cache
def _tree(module: str) -> ast.Module:
    path = Path(str(importlib.import_module(module).__file__))
    return ast.parse((path.parent / f"{path.name.partition('.')[0]}.py").read_text(encoding="utf-8"))


def node_of(thing: Any) -> ast.ClassDef | Function:
    """Where the source defines a thing; compiled functions know neither docstring nor body."""
    thing = type(thing) if isinstance(thing, Primitive) else thing
    named = [each for each in _tree(thing.__module__).body if isinstance(each, ast.ClassDef | Function)]
    return [each for each in named if each.name == thing.__name__][-1]


def _parameters(node: Function) -> list[str]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *filter(None, [given.vararg]), *given.kwonlyargs, *filter(None, [given.kwarg])]
    names = [each.arg for each in every]
    handed_in = any(ast.unparse(mark).endswith("composite") for mark in node.decorator_list)  # by hypothesis, which draws
    return names[1:] if handed_in or names[:1] in (["self"], ["cls"]) else names


def _raised(node: Function) -> set[str]:
    """The names after `raise` in a body, but for functions inside it and what says that a subclass must define something."""
    left, found = list(node.body), set()
    while left:
        each = left.pop()
        if isinstance(each, ast.Raise) and each.exc is not None:
            called = each.exc.func if isinstance(each.exc, ast.Call) else each.exc
            found.add(called.id if isinstance(called, ast.Name) else "")
        if not isinstance(each, Function | ast.Lambda):
            left += ast.iter_child_nodes(each)
    return found - {"NotImplementedError", ""}


def _exception(name: str, module: str) -> type[BaseException] | None:
    places = (importlib.import_module(module), builtins, importlib.import_module("autograd_lite.errors"))
    for thing in (
        *(getattr(place, name, None) for place in places),
        *(THINGS[path] for path in THINGS if path.endswith(f".{name}")),
    ):
        if isinstance(thing, type) and issubclass(thing, BaseException):
            return thing
    return None


# ---- what is asked -----------------------------------------------------------------------------------------------------------


def _faults_of_sentence(doc: Docstring, returns: bool) -> Iterator[str]:
    if not doc.sentence:
        yield "has no docstring: begin with one sentence that says what the value is"
    elif not re.search(r"[.:]$", doc.sentence):
        yield f"begins with {doc.sentence.splitlines()[0]!r}, which does not end as a sentence does"
    if returns and doc.sentence.split(" ")[0].lower() in ACTS and not {"Returns", "Yields"} & doc.sections.keys():
        yield f"says what it does ({doc.sentence.split(' ')[0]!r}) but not what comes back: add `Returns:`"


def _faults_of_arguments(doc: Docstring, parameters: list[str], explained: Iterable[str]) -> Iterator[str]:
    named = doc.entries("Args")
    for name in named:
        if name not in parameters:
            yield f"documents `{name}` under Args:, but takes no such parameter: it takes {', '.join(parameters) or 'none'}"
    for name in parameters:
        if name not in named and name not in explained and not name.startswith("_"):
            yield f"takes `{name}`, but does not name it under Args: add a line `{name}: what it means`"


def _faults_of_raises(doc: Docstring, node: Function, told: Iterable[str], module: str) -> Iterator[str]:
    for name in doc.entries("Raises"):
        if _exception(name, module) is None:
            yield f"says that it raises `{name}`, and there is no such exception"
    classes = [cls for cls in (_exception(name, module) for name in {*doc.entries("Raises"), *told}) if cls]
    for name in sorted(_raised(node)):
        raised = _exception(name, module)
        if raised and not name.startswith("_") and not any(issubclass(raised, cls) for cls in classes):
            yield f"raises `{name}`, but does not say so: add it under Raises: with the reason"


def _faults_of_function(path: str, node: Function, module: str) -> Iterator[str]:
    doc = parsed(ast.get_docstring(node))
    parameters = _parameters(node)
    spelled = re.findall(r"\w+", doc.prose) if path.startswith(OF_NUMBERS) else ()
    yield from _faults_of_sentence(doc, node.returns is not None and ast.unparse(node.returns) != "None")
    yield from _faults_of_arguments(doc, parameters, () if doc.entries("Args") else spelled)
    yield from _faults_of_raises(doc, node, (), module)
    if not doc.examples:
        yield "has no example: add `Example:` with lines that begin with >>>"


def _members(node: ast.ClassDef) -> Iterator[Function]:
    """The public methods and properties that a class defines itself."""
    for each in node.body:
        if isinstance(each, Function) and not each.name.startswith("_"):
            marks = [ast.unparse(mark) for mark in each.decorator_list]
            if not any(mark == "overload" or mark.endswith((".setter", ".deleter")) for mark in marks):
                yield each


def _is_property(node: Function) -> bool:
    return any("property" in ast.unparse(mark) for mark in node.decorator_list)


def _inherited(cls: type, name: str) -> bool:
    """Whether a class that it derives from documents a method of this name."""
    return any(inspect.getdoc(vars(base)[name]) for base in cls.__mro__[1:] if name in vars(base) and base is not object)


def _faults_of_member(node: Function, cls: type, of_class: Docstring) -> Iterator[str]:
    doc = parsed(ast.get_docstring(node))
    if not doc.whole and (_inherited(cls, node.name) or node.name in of_class.entries("Attributes")):
        return
    called = "property" if _is_property(node) else "method"
    faults = [*_faults_of_sentence(doc, called == "method" and node.returns is not None and ast.unparse(node.returns) != "None")]
    named = re.findall(r"\w+", doc.prose + of_class.prose)
    faults += _faults_of_arguments(doc, _parameters(node), () if doc.entries("Args") else named)
    faults += _faults_of_raises(doc, node, of_class.entries("Raises"), cls.__module__)
    shown = re.search(rf"(\.|def ){node.name}\b", of_class.examples) or f"primitives.{node.name}" in THINGS
    if not shown and not doc.examples and "Called by " not in doc.prose:
        faults.append(f"is in no example: show it in that of {cls.__name__}, or in its own")
    yield from (f"{called} `{node.name}` {fault}" for fault in faults)


def _fields(node: ast.ClassDef) -> list[str]:
    """What a dataclass or a NamedTuple is made from."""
    marked = [*map(ast.unparse, node.decorator_list), *map(ast.unparse, node.bases)]
    if not any("dataclass" in mark or "NamedTuple" in mark for mark in marked):
        return []
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign) and "ClassVar" not in ast.unparse(each.annotation)]
    return [each.target.id for each in fields if isinstance(each.target, ast.Name) and "init=False" not in ast.unparse(each)]


def _attributes(cls: type) -> set[str]:
    """The names that the instances of a class have, by its source and those of its bases."""
    found: set[str] = set()
    for base in cls.__mro__:
        found |= vars(base).keys() | vars(base).get("__annotations__", {}).keys()
        if base.__module__.startswith("autograd_lite"):
            found |= {
                each.attr
                for each in ast.walk(node_of(base))
                if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "self"
            }
    return found


def _faults_of_class(cls: type, node: ast.ClassDef) -> Iterator[str]:
    doc = parsed(ast.get_docstring(node))
    yield from _faults_of_sentence(doc, returns=False)
    maker = next((each for each in node.body if isinstance(each, Function) and each.name == "__init__"), None)
    made_from = [name for name in _parameters(maker) if name] if maker else _fields(node)
    fields = doc.entries("Attributes", "Class attributes")
    if maker is None and not made_from:  # as the class that it derives from
        made_from = [name for name in doc.entries("Args") if name in inspect.signature(cls).parameters]
    given = re.search(r"Given (by|to) ", doc.text) is not None
    if not issubclass(cls, BaseException):
        yield from _faults_of_arguments(doc, made_from, [*fields, *(made_from if given else ())])
    for name in fields:
        if name not in _attributes(cls):
            yield f"documents `{name}` under Attributes:, and no instance has it"
    for each in node.body:
        if isinstance(each, Function) and each.name in ("__init__", "__post_init__", "__new__"):
            yield from _faults_of_raises(doc, each, (), cls.__module__)
    if not doc.examples:
        yield "has no example: add `Example:` with lines that begin with >>>"
    members = {member.name: member for each in reversed(shown_with(cls)) for member in _members(node_of(each))}
    for member in members.values():
        yield from _faults_of_member(member, cls, doc)


def _faults_of_primitive(name: str, primitive: Primitive) -> Iterator[str]:
    doc = parsed(ast.get_docstring(node_of(primitive)))
    parameters = [part.strip(" =") for part in primitive.parameters.split(",")]
    yield from _faults_of_sentence(doc, returns=False)
    yield from _faults_of_arguments(doc, parameters, () if doc.entries("Args") else re.findall(r"\w+", doc.prose))
    if not re.search(rf"\b{name}\(", doc.examples):
        yield f"has no example that calls `{name}`"


def _taken_as_given(whole: str) -> set[str]:
    """The names that the examples of a docstring use and do not make themselves."""
    tree = ast.parse("".join(example.source for example in doctest.DocTestParser().get_examples(whole)))
    used, made = set(), set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.ClassDef | Function):
            made.add(node.name or "")
        elif isinstance(node, ast.Import | ast.ImportFrom):
            made |= {(name.asname or name.name).partition(".")[0] for name in node.names}
    return used - made


def _faults_of_names(path: str, thing: Any, node: ast.ClassDef | Function) -> Iterator[str]:
    """Readers copy an example from its page, and have what the page is of."""
    members = [each for base in shown_with(thing) for each in _members(node_of(base))] if isinstance(thing, type) else []
    texts = [ast.get_docstring(each) or "" for each in (node, *members)]
    for name in sorted(set().union(*map(_taken_as_given, texts)) - {*public_names(path.rpartition(".")[0])}):
        yield f"uses `{name}` in an example: import it there, as it is no name of this room"


def faults(path: str, thing: Any) -> list[str]:
    """What a public docstring lacks, one sentence each."""
    node = node_of(thing)
    if isinstance(thing, Primitive):
        found = _faults_of_primitive(path.rpartition(".")[2], thing)
    elif isinstance(node, ast.ClassDef):
        found = _faults_of_class(thing, node)
    else:
        found = _faults_of_function(path, node, thing.__module__)
    return [*found, *_faults_of_names(path, thing, node)]


@pytest.mark.parametrize("path", THINGS)
def test_a_public_docstring_is_complete(path: str) -> None:
    found = faults(path, THINGS[path])
    assert not found, "\n".join(f"autograd_lite.{path} {fault}" for fault in found)


# ---- which names these are ---------------------------------------------------------------------------------------------------


def test_the_reference_has_every_room_of_the_package_and_every_name_once() -> None:
    assert {room for room in autograd_lite._ROOMS if room not in ROOMS} == {"bridges"}  # which has bridges.jax
    places: dict[int, list[str]] = {}
    for path, thing in THINGS.items():
        places.setdefault(id(thing), []).append(path)
    assert [paths for paths in places.values() if len(paths) > 1] == []
    roomed = {path.rpartition(".")[2] for path in THINGS}
    assert [name for name in [*autograd_lite.__all__, "abs"] if name not in roomed] == []
    assert len(THINGS) > 300


def test_the_reference_has_what_the_pages_import() -> None:
    """A page that tells readers to import something tells where it is described; what is inside of the engine is an exception."""
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    imports = re.compile(r"^(?:>>> )?from (autograd_lite[\w.]*) import ([\w, ]+)", re.MULTILINE)
    asked = [(page.name, *found) for page in pages for found in imports.findall(page.read_text(encoding="utf-8"))]
    assert len(asked) > 50
    known = [*THINGS.values(), *(room_of(path) for path in ROOMS)]
    absent = [
        f"{page}: {module}.{name}"
        for page, module, names in asked
        for name in re.findall(r"\w+(?= as|,|$)", names)
        if not any(getattr(importlib.import_module(module), name) is thing for thing in known)
        and callable(getattr(importlib.import_module(module), name))
    ]
    assert absent == []


# ---- what they ask -----------------------------------------------------------------------------------------------------------


def _of(text: str, path: str = "training.room") -> list[str]:
    """The faults of a function that is written here."""
    [node] = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return [*_faults_of_function(path, node, "autograd_lite.training")]


def test_a_whole_docstring_has_no_fault_and_each_omission_is_named() -> None:
    whole = """\
def halved(x: float, places: int) -> float:
    \'\'\'Half of x, rounded.

    Args:
        x: any number.
        places: how many are kept.
    Raises:
        ValueError: if they are negative.
    Example:
        >>> halved(3.0, 1)
        1.5
    \'\'\'
    if places < 0:
        raise ValueError(places)
    return round(x / 2.0, places)
"""
    assert _of(whole) == []
    for old, new, told in (
        ("rounded.", "rounded", "begins with 'Half of x, rounded', which does not end as a sentence does"),
        ("Half of x", "Computes half of x", "says what it does ('Computes') but not what comes back: add `Returns:`"),
        (
            "        places: how",
            "        digits: how",
            "documents `digits` under Args:, but takes no such parameter: it takes x, places",
        ),
        (
            "        places: how",
            "        digits: how",
            "takes `places`, but does not name it under Args: add a line `places: what it means`",
        ),
        ("        ValueError: if", "        RowError: if", "says that it raises `RowError`, and there is no such exception"),
        (
            "        ValueError: if",
            "        TypeError: if",
            "raises `ValueError`, but does not say so: add it under Raises: with the reason",
        ),
        (">>> halved(3.0, 1)", "halved(3.0, 1)", "has no example: add `Example:` with lines that begin with >>>"),
    ):
        assert told in _of(whole.replace(old, new))


def test_a_function_of_numbers_may_name_its_parameters_in_its_sentence() -> None:
    half = """def half(x: float) -> float:\n    \'\'\'Half of x.\n\n    >>> half(1.0)\n    0.5\n    \'\'\'\n"""
    assert _of(half, "functions.half") == []
    assert len(_of(half)) == len(_of(half.replace("of x", "of it"), "functions.half")) == 1


# ---- examples that need a library --------------------------------------------------------------------------------------------


SKIPPED = {
    "bridges.jax.graph_of": "bridges/test_jax.py",
    "bridges.jax.values_of": "bridges/test_jax.py",
    "datasets.digits": "datasets/test_small.py",
    "drawing.Graph": "drawing/test_pictures.py",
    "testing.check_jax": "testing/test_jax.py",
    "testing.check_torch": "testing/test_torch.py",
    "testing.contracts.JaxContract": "testing/test_jax.py",
    "testing.contracts.TorchContract": "testing/test_torch.py",
}


def test_an_example_that_is_skipped_runs_where_its_library_is() -> None:
    skipped = {path for path, thing in THINGS.items() if "+SKIP" in ast.unparse(node_of(thing))}
    assert skipped == SKIPPED.keys()
    for path, file in SKIPPED.items():
        assert f"run_example({path.rpartition('.')[2]}" in (REPOSITORY / "tests" / file).read_text(encoding="utf-8"), path

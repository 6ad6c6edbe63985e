"""The house: imports point one way, files and functions stay small, no primitive is known by name.

Everything here reads the source and nothing runs it.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import autograd_lite
from autograd_lite.engine.build import ENGINE
from autograd_lite.engine.primitives import TABLE

PACKAGE = Path(autograd_lite.__file__).parent
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
PARTS = {module for module, path in MODULES.items() if path.parent != PACKAGE}  # of the packages inside the package
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}

# ---- imports point one way ---------------------------------------------------------------------------------------------------

# A room imports from the layers below its own, and its modules from each other. A new room needs a place here.
LAYERS = [
    "names_of_others",
    "engine files pages expressions",
    "vectors",
    "functions compiled",
    "calculus optim datasets",
    "losses nn plotting",
    "program drawing",
    "testing training",
    "stepping systems compat bridges",
    "value primitive primitives errors symbols",  # where users import from; nobody inside does
    "__init__",
    "playground",
    "commands",
    "__main__",
]
LAYER_OF = {room: layer for layer, rooms in enumerate(LAYERS) for room in rooms.split()}


def test_tests_mirror_the_rooms() -> None:
    tests = Path(__file__).parent
    folders = {path.parent.relative_to(tests).as_posix() for path in tests.rglob("test_*.py")} - {"."}
    # Besides these: at the root, tests of the whole and of single modules; torture/ and fuzzing/ hold no tests.
    assert sorted(folders - LAYER_OF.keys()) == []
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert sorted(rooms - folders) == []


def _imports(tree: ast.Module) -> Iterator[str]:
    """The modules of the package that a module imports, wherever in its text: "primitives", "drawing.layout", ..."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            assert node.module is not None
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _inner(imported: str) -> str | None:
    """The module of this package that an import reaches; "" for the package itself, None for other packages."""
    if imported != "autograd_lite" and not imported.startswith("autograd_lite."):
        return None
    path = imported.removeprefix("autograd_lite").removeprefix(".")
    while path and path not in MODULES:
        path = path.rpartition(".")[0]
    return path or "__init__"


def _layer(module: str) -> int:
    room = module.partition(".")[0]
    assert room in LAYER_OF, f"{module} has no layer: say in LAYERS what it may import and who may import it"
    return LAYER_OF[room]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    for imported in _imports(TREES[module]):
        inner = _inner(imported)
        if inner is None or inner == module:
            continue
        same_room = module.partition(".")[0] == inner.partition(".")[0] and module in PARTS
        assert same_room or _layer(inner) < _layer(module), (
            f"{module} imports {imported}, which stands in a higher layer or its own"
        )


@pytest.mark.parametrize("module", MODULES)
def test_what_has_an_underscore_stays_in_its_module(module: str) -> None:
    names = [name for imported in _imports(TREES[module]) if imported.startswith("autograd_lite") for name in imported.split(".")]
    assert [name for name in names if name.startswith("_") and not name.endswith("__")] == []


def test_no_package_imports_itself_in_a_circle() -> None:
    arrows = {
        module: {inner for imported in _imports(tree) if (inner := _inner(imported)) not in (None, module)}
        for module, tree in TREES.items()
    }
    left = dict(arrows)
    while left:
        free = [module for module, targets in left.items() if not targets & left.keys()]
        assert free, f"these modules import each other in a circle: {sorted(left)}"
        for module in free:
            del left[module]


def test_the_direction_of_an_import_is_noticed() -> None:
    tree = ast.parse("def late():\n    from autograd_lite.drawing.svg import render\n    import autograd_lite.engine.value, numpy")
    assert [_inner(imported) for imported in _imports(tree)] == [
        "drawing.svg" if "drawing.svg" in MODULES else "drawing",
        "engine.value",
        None,
    ]
    assert _layer("engine") < _layer("functions") < _layer("nn") < _layer("program") < _layer("commands")
    with pytest.raises(AssertionError, match="unheard has no layer"):
        _layer("unheard")


# ---- the page about it -------------------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
# The rooms that each walk of the page passes; what else it meets on its way stands below them.
WALKS = {
    "A value, from a multiplication to its gradient": {"engine", "calculus"},
    "A function, from `trace` to its source": {"program"},
    "A derivative, from `check` to its verdict": {"testing"},
}


def test_the_page_draws_the_layers_that_there_are() -> None:
    picture = PAGE.read_text().partition("```\n")[2].partition("```")[0]
    drawn = [re.split(r" {2,}", line.strip())[0] for line in picture.splitlines()]
    assert drawn == list(reversed(LAYERS))
    assert {room.partition(".")[0] for room in MODULES} == set(LAYER_OF)


def test_the_page_names_files_that_there_are_and_walks_through_their_rooms() -> None:
    text = PAGE.read_text()
    named = {name for name in re.findall(r"`([\w/]+(?:\.py|/))`", text) if not name.startswith(("tests/", "autograd_lite/"))}
    assert {name for name in named if not (PACKAGE / name).exists()} == set()
    for heading, rooms in WALKS.items():
        walk = text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        steps = re.findall(r"^\d\. `(\w+)/", walk, re.MULTILINE)
        assert len(steps) >= 5
        assert set(steps) == rooms


def test_the_page_names_what_is_compiled() -> None:
    compiled = PAGE.read_text().partition("are compiled by mypyc")[2].partition(". NumPy")[0]
    assert sorted(re.findall(r"`engine/(\w+)\.py`", compiled)) == sorted(module.__name__.rpartition(".")[2] for module in ENGINE)


# ---- no primitive is known by name -------------------------------------------------------------------------------------------

# Who may name primitives of the table, and why. Everybody else asks the primitive: its symbol, domain, special points, text.
MAY_NAME_PRIMITIVES = {
    "engine.primitives": "the table",
    "engine.mathematics": "the formulas that rules call, under the rules' own names",
    "engine.array_mathematics": "those of the formulas that arrays compute in another way",
    "engine.mpmath_mathematics": "those that mpmath's numbers do",
    "engine.number_types": "binds the basic functions of a number type to those names",
    "engine.value": "the operators and methods of Value",
    "engine.methods": "written from the table",
    "engine.recalling": "`total` stands for whatever has several operands",
    "calculus.symbols": "the operators of Symbol",
    "functions": "compositions of primitives",
    "vectors": "compositions of primitives",
    "losses.formulas": "compositions of primitives",
    "calculus.call": "`identity` gives an argument a new name",
    "calculus.directions": "`total` adds the terms of a product with a vector",
    "calculus.series": "`log` for powers with a series as exponent, `total` adds terms",
    "calculus.series_rules": "binds the choices of a rule, under their names in `mathematics`",
    "calculus.rules": "`maximum` finds the largest operand of a rule",
    "program.write.c_vocabulary": "binds the functions of `mathematics` to those of the C library",
    "program.write.c_basics": "says what stands for those that it has not",
    "program.ir.reductions": "binds the functions that a rule applies to a list to what they are along an axis",
    "program.write.array_dialects": "what JAX and PyTorch call the functions of `mathematics`",
    "program.write.array_vocabulary": "lists and comparisons of those functions",
    "nn.layers": "a neuron is a `dot` and an activation",
    "bridges.jax_words": "what the operations of JAX are here",
    "bridges.object_arrays": "`dot` and `total` are what JAX's products and sums are",
    "bridges.jax": "`total` joins the results whose derivatives are compared",
    "compat": "micrograd's operators, by the primitives they are",
    "systems": "networks and losses, written as a user would",
    "commands": "examples, written as a user would",
    "training": "losses, written as a user would",
    "datasets": "functions that make data",
    "__init__": "the tour",
}


TABLES = {"primitives", "mathematics", "array_mathematics"}  # modules in which a function has a primitive's name


def _primitives_named(tree: ast.Module) -> set[str]:
    """The primitives that a module names: imported, taken from the table's module, compared or looked up by a text."""
    rows = TABLE.keys() | {type(row).__name__ for row in TABLE.values()}
    named: set[str] = set()
    tables = {"TABLE"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograd_lite"):
            named |= {name.name for name in node.names if name.name in rows}
            tables |= {name.asname or name.name for name in node.names if name.name in TABLES}
        elif isinstance(node, ast.Compare | ast.Set | ast.MatchValue | ast.Subscript):
            named |= _texts(node) & rows
        elif isinstance(
            node, ast.Dict
        ):  # a dictionary with a primitive's name as its key is a second table, unless it says so below
            named |= {text for key in node.keys if key is not None for text in _texts(key)} & rows
        elif isinstance(node, ast.Call):  # dict(tanh=...), update(tanh=...)
            named |= {keyword.arg for keyword in node.keywords if keyword.arg and _makes_a_table(node)} & rows
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in rows and isinstance(node.value, ast.Name) and node.value.id in tables:
            named.add(node.attr)
    return named | {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} & rows


def _makes_a_table(call: ast.Call) -> bool:
    return getattr(call.func, "id", getattr(call.func, "attr", "")) in ("dict", "update", "SimpleNamespace")


def _texts(node: ast.AST) -> set[str]:
    return {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}


# Words that a primitive's name shares with something else.
OTHER_MEANINGS = {
    "calculus.javascript.translation": {"abs"},  # the function of `mathematics`, which never fails
    "stepping.playback": {"total"},  # the contributions that a gradient receives in all, in the JSON of a page
    "drawing.rendering": {"dot"},  # the program and the language of graphviz
}


@pytest.mark.parametrize(
    "module", [module for module in MODULES if not {module, module.partition(".")[0]} & set(MAY_NAME_PRIMITIVES)]
)
def test_no_primitive_is_known_by_name(module: str) -> None:
    assert _primitives_named(TREES[module]) - OTHER_MEANINGS.get(module, set()) == set()


def test_a_primitive_known_by_name_is_noticed() -> None:
    for text in (
        'color = "red" if node.primitive.name == "tanh" else "blue"',
        'COLORS = {"relu": 1}',
        "from autograd_lite.engine.primitives import softplus",
        "from autograd_lite import primitives as table\nx = table.sigmoid",
        "from autograd_lite.engine.primitives import Divide",
        'if name in {"dot", "total"}: pass',
        'row = TABLE["dot"]',
        "def sigmoid(x):\n    return x",
        "from autograd_lite import array_mathematics\ntext = array_mathematics.total.__name__",
        "words.update(tanh=str)",
    ):
        assert _primitives_named(ast.parse(text)), text


@pytest.mark.parametrize(
    "module", ["calculus.call", "calculus.directions", "calculus.rules", "program.ir.reductions", "engine.array_mathematics"]
)
def test_those_who_may_name_a_few_name_no_more(module: str) -> None:
    assert _primitives_named(TREES[module]) <= {
        "identity",
        "total",
        "maximum",
        "where",
        "equal",
        "less",
        "largest",
        "greatest",
        "ceil",
        "floor",
        "sigmoid",
        "remainder",
        "rint",
        "rounded",
        "trunc",
    }


def _asks_for_a_count(node: ast.AST) -> bool:
    """Whether a branch depends only on how many operands there are, which is known before their numbers are."""
    if not isinstance(node, ast.If | ast.IfExp):
        return False
    names = {leaf.id for leaf in ast.walk(node.test) if isinstance(leaf, ast.Name)}
    return names <= {"values", "count", "first"} and not any(isinstance(leaf, ast.Subscript) for leaf in ast.walk(node.test))


@pytest.mark.parametrize("name", ["engine.primitives"])
def test_rules_never_branch_and_never_call_math(name: str) -> None:
    """`if` would decide for a whole array at once, and `math.cos` would drop a Value's graph."""
    for cls in [node for node in TREES[name].body if isinstance(node, ast.ClassDef)]:
        for rule in [node for node in cls.body if isinstance(node, ast.FunctionDef)]:
            if rule.name not in ("forward", "dx", "dy", "partials"):
                continue
            for node in ast.walk(rule):
                branches = isinstance(node, ast.If | ast.IfExp | ast.While | ast.BoolOp | ast.Compare | ast.Try)
                assert not branches or _asks_for_a_count(node), f"{cls.name}.{rule.name}"
                assert not (isinstance(node, ast.Name) and node.id in ("math", "numpy", "np")), f"{cls.name}.{rule.name}"
            for call in [node for node in ast.walk(rule) if isinstance(node, ast.Call)]:
                mathematics = (
                    isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "m"
                )
                assert mathematics or (isinstance(call.func, ast.Name) and call.func.id in ("len", "range", "divmod")), (
                    f"{cls.name}.{rule.name}"
                )


# ---- small files, small functions --------------------------------------------------------------------------------------------

LONG_FILES = {
    "engine.mathematics": "one namespace, which is loaded again for every number type",
    "engine.primitive": "what a primitive is, half of it docstrings: what whoever writes one has to know",
    "engine.primitives": "the table, one page of mathematics",
    "engine.value": "the heart in one piece: the node, its operators, its order and the hot path that mypyc compiles",
}
LONG_FUNCTIONS: dict[str, str] = {}
LONGEST_FILE, LONGEST_FUNCTION = 300, 40


@pytest.mark.parametrize("module", MODULES)
def test_files_are_short(module: str) -> None:
    lines = len(MODULES[module].read_text().splitlines())
    assert lines <= LONGEST_FILE or module in LONG_FILES, f"{module} has {lines} lines: split it by reader"


def _long_functions(module: str) -> dict[str, int]:
    functions = [node for node in ast.walk(TREES[module]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{module}.{node.name}": _lines_of_code(node) for node in functions}
    return {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    documented = ast.get_docstring(node) is not None
    docstring = node.body[0]
    lines = (docstring.end_lineno or 0) - docstring.lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - lines


@pytest.mark.parametrize("module", MODULES)
def test_functions_are_short(module: str) -> None:
    too_long = {name: length for name, length in _long_functions(module).items() if name not in LONG_FUNCTIONS}
    assert too_long == {}


def test_the_exceptions_are_still_needed() -> None:
    known = {name for module in MODULES for name in _long_functions(module)}
    assert set(LONG_FUNCTIONS) <= known
    assert all(len(MODULES[module].read_text().splitlines()) > LONGEST_FILE for module in LONG_FILES)


# ---- found in two guesses ----------------------------------------------------------------------------------------------------


INSIDE: dict[str, list[str]] = {}  # by folder, the modules and folders in it
for _module in sorted(PARTS):
    INSIDE.setdefault(_module.rpartition(".")[0], []).append(_module.rpartition(".")[2])


@pytest.mark.parametrize("folder", [folder for folder, names in INSIDE.items() if folder and len(names) > 8])
def test_a_large_folder_says_what_its_modules_are_for(folder: str) -> None:
    """The first guess is the room, by the page's picture; the second the module, by the docstring of the folder or its room."""
    told = " ".join(ast.get_docstring(TREES[said]) or "" for said in (folder, folder.partition(".")[0]))
    assert set(INSIDE[folder]) - set(re.findall(r"\w+", told)) == set()


# ---- one class name, one meaning ---------------------------------------------------------------------------------------------


def test_a_class_name_has_one_meaning() -> None:
    places: dict[str, list[str]] = {}
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not module.startswith("compat."):  # which has the names of others
                places.setdefault(node.name, []).append(module)
    assert len(places) > 300
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


# ---- documented --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [module for module in MODULES if module != "__main__"])
def test_every_module_and_public_name_has_a_docstring(module: str) -> None:
    tree = TREES[module]
    assert ast.get_docstring(tree), f"{module} has no docstring"
    for node in tree.body:
        is_public = isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
        if is_public and "overload" not in [ast.unparse(each) for each in node.decorator_list]:
            assert ast.get_docstring(node), f"{module}.{node.name} has no docstring"


@pytest.mark.parametrize(
    "module",
    [
        "autograd_lite",
        *(f"autograd_lite.{name}" for name in "engine.primitives functions calculus.transforms losses.formulas".split()),
        *(f"autograd_lite.{name}" for name in "nn.layers optim.optimizers program stepping training datasets".split()),
    ],
)
def test_all_names_exist_and_are_sorted(module: str) -> None:
    names = importlib.import_module(module).__all__
    assert names
    assert all(hasattr(importlib.import_module(module), name) for name in names)
    assert len(set(names)) == len(names)

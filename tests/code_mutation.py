"""`code_mutants`: functions of whole modules broken on purpose, one small change at a time, for tests that must notice.

Rules of primitives have `mutants`, which knows what a rule is. The code that turns graphs into programs has no such form: here a
mutant is one changed node of its syntax tree. The changed function takes the place of the right one everywhere, by its code.

>>> from autograd_lite.program.capture import sums
>>> [mutant.name.partition(" (")[0] for mutant in code_mutants(sums)][:2]
['sums.sums: the condition always holds', 'sums.sums: the condition never holds']
"""

import ast
import copy
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

__all__ = ["CodeMutant", "code_mutants"]

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.Mod: ast.FloorDiv, ast.FloorDiv: ast.Mod,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
          ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
          ast.FloorDiv: "//", ast.BitOr: "|", ast.BitAnd: "&"}  # fmt: skip

_Change = Callable[[Any], ast.AST | None]  # of a copied node: what stands in its place; None for nothing


@dataclass(frozen=True)
class CodeMutant:
    """One change in one function.

    Attributes:
        name: the function and the change, in words.
        function: the function that is broken. code: what it is then.
    """

    name: str
    function: FunctionType
    code: CodeType

    @contextmanager
    def applied(self) -> Iterator[None]:
        """A block in which the function is the broken one, for everybody who calls it."""
        right = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = right


def code_mutants(*modules: ModuleType) -> list[CodeMutant]:
    """Every mutant of every function and method of modules, in the order of their text.

    A comparison, an operator or a connective becomes another, a condition holds always or never, a number grows by one, two
    arguments change places, a statement is left out.

    Args:
        modules: interpreted ones, whose source stands beside them.
    """
    return [mutant for module in modules for mutant in _of_module(module)]


def _of_module(module: ModuleType) -> Iterator[CodeMutant]:
    tree = ast.parse(inspect.getsource(module))
    name = module.__name__.rpartition(".")[2]
    for function, owner, definition in _functions(tree, vars(module)):
        for node, inside in _nodes(definition):
            for words, change in _changes(node):
                code = _changed(owner, definition, inside, change, module)
                if code.co_freevars == function.__code__.co_freevars:
                    yield CodeMutant(f"{name}.{function.__qualname__}: {words} (line {node.lineno})", function, code)


def _functions(tree: ast.Module, names: dict[str, Any]) -> Iterator[tuple[FunctionType, ast.AST, ast.FunctionDef]]:
    """The functions of a module and the methods of its classes, each with what it is defined in, and its definition."""
    for statement in tree.body:
        thing = names.get(getattr(statement, "name", ""))
        if isinstance(statement, ast.FunctionDef) and isinstance(thing, FunctionType):
            yield thing, tree, statement
        elif isinstance(statement, ast.ClassDef) and inspect.isclass(thing):
            for method in statement.body:
                found = vars(thing).get(getattr(method, "name", ""))
                found = found.fget if isinstance(found, property) else found
                if isinstance(method, ast.FunctionDef) and isinstance(found, FunctionType):
                    yield found, statement, method


def _nodes(definition: ast.FunctionDef) -> Iterator[tuple[Any, int]]:
    """The nodes of a function's body, numbered as `ast.walk` meets them."""
    signature = {id(node) for part in (definition.args, definition.returns) if part is not None for node in ast.walk(part)}
    documented = definition.body[0] if ast.get_docstring(definition) is not None else None
    skipped = signature | ({id(node) for node in ast.walk(documented)} if documented is not None else set())
    for number, node in enumerate(ast.walk(definition)):
        if id(node) not in skipped and node is not definition and not isinstance(node, ast.Assert):
            yield node, number


def _changes(node: Any) -> Iterator[tuple[str, _Change]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        other = _COMPARISONS[type(node.ops[0])]
        yield f"{_SIGNS[type(node.ops[0])]} becomes {_SIGNS[other]}", _with("ops", lambda ops: [other(), *ops[1:]])
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        instead = _OPERATORS[type(node.op)]
        yield f"{_SIGNS[type(node.op)]} becomes {_SIGNS[instead]}", _with("op", lambda _: instead())
    if isinstance(node, ast.BoolOp):
        connective = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield "`and` and `or` change places", _with("op", lambda _: connective())
    if isinstance(node, ast.If | ast.IfExp):
        yield "the condition always holds", _with("test", lambda _: ast.Constant(True))
        yield "the condition never holds", _with("test", lambda _: ast.Constant(False))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "`not` is left out", lambda copied: copied.operand
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield f"{node.value} becomes {node.value + 1}", _with("value", lambda value: value + 1)
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not any(isinstance(each, ast.Starred) for each in node.args):
        yield "the first two arguments change places", _with("args", lambda args: [args[1], args[0], *args[2:]])
    if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) or isinstance(node, ast.AugAssign):
        yield "the statement is left out", lambda copied: ast.Pass()


def _with(field: str, change: Callable[[Any], Any]) -> _Change:
    def changed(copied: Any) -> ast.AST:
        setattr(copied, field, change(getattr(copied, field)))
        result: ast.AST = copied
        return result

    return changed


class _Replacing(ast.NodeTransformer):
    def __init__(self, wanted: ast.AST, change: _Change) -> None:
        self.wanted = wanted
        self.change = change

    def visit(self, node: ast.AST) -> Any:
        if node is self.wanted:
            new = self.change(node)
            return None if new is None else ast.copy_location(new, node)
        return self.generic_visit(node)


def _changed(owner: ast.AST, definition: ast.FunctionDef, inside: int, change: _Change, module: ModuleType) -> CodeType:
    """The code of the changed function."""
    copied: Any = copy.deepcopy(definition)
    wanted = next(node for number, node in enumerate(ast.walk(copied)) if number == inside)
    _Replacing(wanted, change).visit(copied)
    copied.decorator_list = []
    body: Any = copied
    if isinstance(owner, ast.ClassDef):  # a method's names are mangled, and `super()` works, inside a class only
        body = ast.ClassDef(owner.name, [], [], [copied], [])
        body = ast.copy_location(body, owner)
    code = compile(ast.fix_missing_locations(ast.Module([body], [])), module.__file__ or module.__name__, "exec")
    for name in [owner.name, copied.name] if isinstance(owner, ast.ClassDef) else [copied.name]:
        code = next(part for part in code.co_consts if isinstance(part, CodeType) and part.co_name == name)
    return code

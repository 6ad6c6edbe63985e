"""Python's text of a rule or a formula as JavaScript: the few forms of Python that they are written in.

What it does not know it refuses, with what to write instead; nothing is guessed.
"""

import ast
import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Final

from autograd_lite.engine.text import shorten

RESERVED: Final = frozenset(
    "arguments async await break case catch class const continue debugger default delete do else enum eval export extends false "
    "finally for function get if implements import in instanceof interface let new null of package private protected public "
    "return set static super switch this throw true try typeof undefined var void while with yield Array Infinity Math NaN "
    "Number Object Error RangeError".split()
)
_CONDITION, _COMPARISON, _SUM, _PRODUCT, _SIGN, _ATOM = range(6)
_ARITHMETIC: Final = {ast.Add: ("+", _SUM), ast.Sub: ("-", _SUM), ast.Mult: ("*", _PRODUCT), ast.Mod: ("%", _PRODUCT)}
_COMPARISONS: Final = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!=="}
INFIX: Final = {"less": "<", "equal": "==="}  # functions of `mathematics` that are signs here

_Written = tuple[str, int]  # a text, and how tightly it binds


def number_text(number: float) -> str:
    """A number that JavaScript reads back to the same bits.

    >>> number_text(2.0), number_text(-0.0), number_text(1e-320), number_text(math.inf)
    ('2', '-0', '1e-320', 'Infinity')
    """
    if not math.isfinite(number):
        return "NaN" if number != number else "Infinity" if number > 0.0 else "-Infinity"
    return repr(float(number)).removesuffix(".0")


def string_text(text: str) -> str:
    r"""A user's text as a literal, which cannot end the script that it stands in.

    >>> print(string_text("<!--"), string_text("a'b"))
    "\u003c!--" "a'b"
    """
    return json.dumps(text).replace("<", "\\u003c")


def translated(function: ast.FunctionDef, constants: Mapping[str, float]) -> str:
    """A function of Python as an arrow function: "(x) => Math.exp(x)".

    Args:
        function: of numbers and lists of numbers. A method leaves out its `self`.
        constants: the numbers that names stand for.
    Raises:
        TypeError: if its text has a form that no rule had so far.
    """
    return _JavaScriptText(function, constants).text()


class _JavaScriptText:
    def __init__(self, function: ast.FunctionDef, constants: Mapping[str, float]) -> None:
        self.function, self.constants = function, constants
        given = [each for each in function.args.args if each.arg != "self"]
        self.given = [each.arg for each in given]
        self.lists = {each.arg for each in given if each.annotation and "[" in ast.unparse(each.annotation)}
        targets = [name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]
        loops = [each.target.id for each in ast.walk(function) if isinstance(each, ast.For) and isinstance(each.target, ast.Name)]
        self.counted = Counter(targets) + Counter(self.given)
        self.local = set(targets) | set(self.given)
        self.declared = set(self.given) | set(loops)

    def text(self) -> str:
        body = [each for each in self.function.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
        head = f"({', '.join(map(self._name, self.given))}) =>"
        if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value:
            return f"{head} {self._inside(body[0].value)}"
        return "\n".join([f"{head} {{", *self._block(body, "  "), "}"])

    # ---- statements ----------------------------------------------------------------------------------------------------------

    def _block(self, body: list[ast.stmt], indent: str) -> list[str]:
        return [indent + line for statement in body for line in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> list[str]:
        match node:
            case ast.Return(value=ast.expr() as value):
                return [f"return {self._inside(value)};"]
            case ast.Assign(targets=[ast.Name() as target], value=value):
                return [f"{self._target(target)} = {self._inside(value)};"]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
                pairs = [ast.Assign([target], value) for target, value in zip(targets, values, strict=True)]
                assert not {each.id for each in targets if isinstance(each, ast.Name)} & _names(*values)
                return [line for pair in pairs for line in self._statement(pair)]
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if all(isinstance(each, ast.Name) for each in targets):
                names = [each.id for each in targets if isinstance(each, ast.Name)]
                self.declared.update(names)
                kept = "const" if all(self.counted[name] == 1 for name in names) else "let"
                return [f"{kept} [{', '.join(map(self._name, names))}] = {self._inside(value)};"]
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value) if type(op) in _ARITHMETIC:
                return [f"{self._target(target)} {_ARITHMETIC[type(op)][0]}= {self._inside(value)};"]
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), body=body, orelse=[]):
                start, stop = (["0"] if len(args) == 1 else []) + [self._inside(each) for each in args]
                name = self._name(name)
                return [f"for (let {name} = {start}; {name} < {stop}; {name}++) {{", *self._block(body, "  "), "}"]
            case ast.If(test=test, body=body, orelse=[]):
                return [f"if ({self._truth(test)}) {{", *self._block(body, "  "), "}"]
        raise self._unknown(node)

    def _target(self, node: ast.Name) -> str:
        if node.id in self.declared:
            return self._name(node.id)
        self.declared.add(node.id)
        return f"{'const' if self.counted[node.id] == 1 else 'let'} {self._name(node.id)}"

    def _name(self, name: str) -> str:
        return f"{name}_" if name in RESERVED else name

    # ---- expressions ---------------------------------------------------------------------------------------------------------

    def _inside(self, node: ast.expr, least: int = _CONDITION) -> str:
        """The text of an expression where something binds as tightly as `least` around it."""
        text, precedence = self._expression(node)
        return text if precedence >= least else f"({text})"

    def _truth(self, node: ast.expr) -> str:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"!({self._truth(operand)})"
            case ast.Name(id=name) if name in self.lists:
                return f"{self._name(name)}.length > 0"
        return self._inside(node, _COMPARISON)

    def _expression(self, node: ast.expr) -> _Written:
        match node:
            case ast.Constant(value=bool() as value):
                return str(value).lower(), _ATOM
            case ast.Constant(value=int() | float() as value):
                return number_text(value), _ATOM
            case ast.Name(id=name) if name in self.local:
                return self._name(name), _ATOM
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="m"), attr=name) if name in self.constants:
                return number_text(self.constants[name]), _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                text = self._inside(operand, _SIGN)
                return (f"-({text})" if text.startswith("-") else f"-{text}"), _SIGN
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                return self._compared(_COMPARISONS[type(op)], left, right)
            case ast.IfExp(test=test, body=x, orelse=y):
                return f"{self._truth(test)} ? {self._inside(x, _COMPARISON)} : {self._inside(y)}", _CONDITION
            case ast.Call(args=args, keywords=[]):
                return self._call(node, args)
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                ends = [self._inside(lower) if lower else "0", *([self._inside(upper)] if upper else [])]
                return f"{self._inside(value, _ATOM)}.slice({', '.join(ends)})", _ATOM
            case ast.Subscript(value=value, slice=index):
                return f"{self._inside(value, _ATOM)}[{self._inside(index)}]", _ATOM
            case ast.List(elts=elements):
                return f"[{', '.join(map(self._element, elements))}]", _ATOM
            case ast.ListComp(elt=each, generators=[one]) | ast.GeneratorExp(elt=each, generators=[one]):
                return self._mapped(each, one), _ATOM
        raise self._unknown(node)

    def _arithmetic(self, node: ast.BinOp) -> _Written:
        left, right = node.left, node.right
        if isinstance(node.op, ast.Mult) and isinstance(left, ast.List) and len(left.elts) == 1:
            return f"Array({self._inside(right)}).fill({self._element(left.elts[0])})", _ATOM
        if isinstance(node.op, ast.Add) and isinstance(left, ast.List):
            return f"{self._inside(left, _ATOM)}.concat({self._inside(right)})", _ATOM
        if isinstance(node.op, ast.FloorDiv):  # of counts
            return f"Math.floor({self._inside(left, _PRODUCT)} / {self._inside(right, _SIGN)})", _ATOM
        if isinstance(node.op, ast.Div) and isinstance(right, ast.Constant) and right.value:
            return f"{self._inside(left, _PRODUCT)} / {self._inside(right, _SIGN)}", _PRODUCT
        if isinstance(node.op, ast.Div | ast.Pow):
            name = "divide" if isinstance(node.op, ast.Div) else "power"
            return f"{name}({self._inside(left)}, {self._inside(right)})", _ATOM
        if type(node.op) not in _ARITHMETIC:
            raise self._unknown(node)
        sign, precedence = _ARITHMETIC[type(node.op)]
        second = self._inside(right, precedence + 1)
        return f"{self._inside(left, precedence)} {sign} {f'({second})' if second.startswith('-') else second}", precedence

    def _compared(self, sign: str, left: ast.expr, right: ast.expr) -> _Written:
        return f"{self._inside(left, _SUM)} {sign} {self._inside(right, _SUM)}", _COMPARISON

    def _call(self, node: ast.Call, args: list[ast.expr]) -> _Written:
        match node.func:
            case ast.Attribute(value=ast.Name(id="m"), attr=name) | ast.Name(id=name):
                pass
            case _:
                raise self._unknown(node)
        if name in INFIX:
            return self._compared(INFIX[name], *args)
        if name == "where" and not any(isinstance(part, ast.Call | ast.BinOp) and _may_fail(part) for part in _parts(args[1:])):
            condition, x, y = (self._inside(each, _COMPARISON) for each in args)
            return f"{condition} ? {x} : {self._inside(args[2]) if isinstance(args[2], ast.Call) else y}", _CONDITION
        if name == "len":
            return f"{self._inside(args[0], _ATOM)}.length", _ATOM
        if name == "int":
            return f"Math.trunc({self._inside(args[0])})", _ATOM
        if name in self.local or name in ("float", "round", "sum", "max", "min", "pow", "print", "sorted", "zip", "enumerate"):
            raise self._unknown(node)
        return f"{name}({', '.join(map(self._inside, args))})", _ATOM

    def _element(self, node: ast.expr) -> str:
        return f"...{self._inside(node.value, _ATOM)}" if isinstance(node, ast.Starred) else self._inside(node)

    def _mapped(self, each: ast.expr, one: ast.comprehension) -> str:
        if one.ifs or one.is_async or not isinstance(one.target, ast.Name):
            raise self._unknown(each)
        text, precedence = self._expression(one.iter)
        if text.startswith("range(") and text.count(",") == 0:
            text = f"range(0, {text[6:]}"
        return f"{text if precedence == _ATOM else f'({text})'}.map(({self._name(one.target.id)}) => {self._inside(each)})"

    def _unknown(self, node: ast.AST) -> TypeError:
        shown = shorten(ast.unparse(node))
        return TypeError(
            f"`{self.function.name}` has no JavaScript form, because of `{shown}`: write it by arithmetic, calls of the functions "
            "of `mathematics`, loops over `range` and lists, or give the function a form of its own in "
            "calculus/javascript/forms.js"
        )


def _names(*nodes: ast.expr) -> set[str]:
    return {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)}


def _parts(nodes: list[ast.expr]) -> list[ast.AST]:
    return [part for node in nodes for part in ast.walk(node)]


def _may_fail(node: ast.Call | ast.BinOp) -> bool:
    """Whether an operation may have no result, so that it is computed even where nobody takes it, as Python does."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div | ast.Pow) and not isinstance(node.right, ast.Constant)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name not in (*INFIX, "where", "abs")

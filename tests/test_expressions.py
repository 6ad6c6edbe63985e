"""`expressions`: the arithmetic is Python's own; every other text ends in an ExpressionError."""

import ast
import builtins
import keyword
import math
import operator
import pickle
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.expressions import Expression, ExpressionError, parse, parse_assignments


def clamp(x: float, low: float = 0.0, high: float = 1.0) -> float:
    return min(max(x, low), high)


def total(*values: float) -> float:
    return sum(values)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "tanh": math.tanh,
    "sin": math.sin,
    "atan2": math.atan2,
    "clamp": clamp,
    "total": total,
    "log": math.log,
}


def value(text: str, **values: float) -> float:
    return parse(text, FUNCTIONS)(values)


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text, FUNCTIONS)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        *("7.5 % 2", "-7 % 3", "7 % -3", "-7 // 2", "2 * 7 // 3 % 4", "-7 % 2 ** 2"),
        *("1/3", "2**-1", "-2**2", "2**3**2", "(-2)**2", "2 - 3 - 4", "8/4/2", "2+3*4", "(2+3)*4"),
        *(
            "--2",
            "-+-2",
            "2*-3",
            "2**-3**2",
            "-2**-2",
            "2**-2*3",
            "1_000 + .5 + 5. + 1e-3 + 2.5E+2 + 1_0.5e1_0",
            "0x1F + 0b11 - 0o17*0XdeadBEEF",
        ),
        *("(1 +\n  2)\r\n * 3", " \t7 ", "((((3))))"),
    ],
)
def test_arithmetic_is_python_s(text: str) -> None:
    assert value(text) == float(eval(f"({text})"))
    assert isinstance(value(text), float)


def test_names_functions_and_constants() -> None:
    expression = parse("tanh(w*x + b) + atan2(x, e) - tau/pi", FUNCTIONS)
    assert expression.names == ("w", "x", "b")
    expected = math.tanh(2.0 * 0.5 + 1.0) + math.atan2(0.5, math.e) - 2.0
    assert expression({"w": 2.0, "x": 0.5, "b": 1.0}) == expected
    assert str(expression) == expression.text == "tanh(w*x + b) + atan2(x, e) - tau/pi"
    assert value("clamp(7) + clamp(7, 2) + clamp(7, 2, 5,) + total() + total(1, 2, 3)") == 13.0
    assert parse("g*e", {}, {"g": 10}).names == ("e",)
    assert value("log(8, 2)") == 3.0  # C functions without a signature check for themselves
    with pytest.raises(TypeError):
        value("log()")


def test_values_bring_their_own_operators() -> None:
    assert parse("x + x", {})({"x": "ab"}) == "abab"
    assert parse("-x*x + y", {})({"x": Fraction(2), "y": Fraction(1)}) == Fraction(-3)
    assert parse("x**0.5", {})({"x": -1 + 0j}) == (-1 + 0j) ** 0.5


def test_expression_is_a_frozen_value() -> None:
    expression = parse("2*x", {})
    assert expression == parse("2*x", {})
    assert hash(expression) == hash(parse("2*x", {}))
    assert repr(expression) == "Expression(text='2*x', names=('x',))"
    assert pickle.loads(pickle.dumps(expression))({"x": 3.0}) == 6.0
    with pytest.raises(AttributeError):
        expression.text = "3*x"  # type: ignore[misc]


def test_identifiers_are_normalised_as_python_does() -> None:
    assert parse("ﬁ + \uff58 + e\u0301t\u00e9", {}).names == ("fi", "x", "\u00e9t\u00e9")
    assert parse("\uff53\uff49\uff4e(0)", FUNCTIONS)({}) == 0.0


NO = "has no meaning here - write names and + - * / **"
ASIDE = "gives a value, which belongs beside the expression - write x=2 after it"
COMPARES = "compares, giving no number - write a - b"
TEXT = "starts a text, and here are only numbers - leave it out"
NOT_HERE = "is not an operator here - use + - * / ** % //"
NOT_ALLOWED = "is not allowed - write numbers, names, functions and + - * / **"
NO_NAME = "cannot be a name in Python - write another one, in plain letters"
KEYWORD = "is a keyword, and here is only arithmetic - leave it out"
MISSING = "a value is missing here - write a number, a name or ( )"
LARGE = "is too large for a float, which ends near 1.8e308 - write a smaller number"

REFUSED = [  # text, message, the part under the caret
    ("x^2", "`^` is not the power in Python - write `**`, as in x**2", "^"),
    ("2x", "`2x` lacks an operator - write `2*x`", "2x"),
    ("2(x)", "`2(` lacks an operator - write `2*(`", "2("),
    ("(x)(y)", "`)(` lacks an operator - write `)*(`", ")("),
    ("sin(x)\n(y)", "`) (` lacks an operator - write `)*(`", ")\n("),
    ("x[0] y", "`] y` lacks an operator - write `]*y`", "] y"),
    ("1 + 0x10 x", "`0x10 x` lacks an operator - write `0x10*x`", "0x10 x"),
    ("x.5", "`x.5` lacks an operator - write `x*.5`", "x.5"),
    ("1e5x", "`1e5x` lacks an operator - write `1e5*x`", "1e5x"),
    ("1 + x y", "`x y` lacks an operator - write `x*y`", "x y"),
    ("3j", "`3j` lacks an operator - write `3*j`", "3j"),
    ("1.2.3", "`1.2.3` lacks an operator - write `1.2*.3`", "1.2.3"),
    ("y = 2", f"`=` {ASIDE}", "="),
    ("sin(x=1)", f"`=` {ASIDE}", "="),
    ("x += 1", f"`=` {ASIDE}", "="),
    ("(x := 1)", f"`:=` {NO}", ":="),
    *((f"x {sign} 1", f"`{sign}` {COMPARES}", sign) for sign in ("==", "!=", "<", ">", "<=", ">=")),
    *((f"x {sign} 1", f"`{sign}` {NOT_HERE}", sign) for sign in ("@", "&", "|")),
    ("~x", f"`~` {NOT_HERE}", "~"),
    *((f"x {sign} 1", f"`{sign}` {NOT_HERE}", sign) for sign in ("<<", ">>")),
    ("1 + x.real", f"attribute access `x.real` {NOT_ALLOWED}", "x.real"),
    ("(x).__class__(2)", f"call `(x).__class__(2)` {NOT_ALLOWED}", "(x).__class__(2)"),
    ("é*x[0]", f"subscript `x[0]` {NOT_ALLOWED}", "x[0]"),
    ("1 + {1}", f"set `{{1}}` {NOT_ALLOWED}", "{1}"),
    ("\n1 + {**x}", f"dict `{{**x}}` {NOT_ALLOWED}", "{**x}"),
    ("sin([1])", f"list `[1]` {NOT_ALLOWED}", "[1]"),
    ("1 + ...", f"constant `...` {NOT_ALLOWED}", "..."),
    ("x[1:2]", f"`:` {NO}", ":"),
    ("1]", "unmatched ']'", "]"),
    ("(1]", "closing parenthesis ']' does not match opening parenthesis '('", "]"),
    *((text, f"`{text[-1]}` {TEXT}", text[-1]) for text in ('"', "'", 'f"', "b'", '1 + é"')),
    *((f"1 + {word} x", f"`{word}` {KEYWORD}", word) for word in keyword.kwlist),
    *((word, f"`{word}` {KEYWORD}", word) for word in ("True", "False", "None")),
    *((f"x {word} y", f"`{word}` {KEYWORD}", word) for word in ("and", "or", "in", "is", "if")),
    ("[x for x in y]", f"`for` {KEYWORD}", "for"),
    ("sin(x for x in y)", f"`for` {KEYWORD}", "for"),
    ("x if y else z", f"`if` {KEYWORD}", "if"),
    ("0x1for-x", f"boolop `0x1for-x` {NOT_ALLOWED}", "0x1for-x"),
    ("007", "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers", "007"),
    ("é + 0b2", "invalid digit '2' in binary literal", "2"),
    ("\uff49\uff46 + 1", f"`\uff49\uff46` {NO_NAME}", "\uff49\uff46"),
    ("x² + 1", "invalid character '²' (U+00B2)", "²"),
    ("2 \u2212 x", "invalid character '\u2212' (U+2212)", "\u2212"),
    ("1 +\u00a02", "invalid non-printable character U+00A0", "\u00a0"),
    ("sin(*x)", f"unpacking `*x` {NOT_ALLOWED}", "*x"),
    ("sin(**x)", f"unpacking `**x` {NOT_ALLOWED}", "**x"),
    ("1 + # 2", f"`#` {NO}", "#"),
    ("1; 2", f"`;` {NO}", ";"),
    ("1 \\", f"`\\` {NO}", "\\"),
    ("1\0", f"`\ufffd` {NO}", "\0"),
    ("1 + \ud800", f"`\ufffd` {NO}", "\ud800"),
    ("x\udc80 + 1", f"`\ufffd` {NO}", "\udc80"),
    ("", MISSING, ""),
    (" \n", MISSING, ""),
    ("x + \n", MISSING, ""),
    ("()", f"tuple `()` {NOT_ALLOWED}", "()"),
    ("(x + )", MISSING, ")"),
    ("sin(,)", MISSING, ","),
    ("* 2", MISSING, "*"),
    ("1, 2", f"tuple `1, 2` {NOT_ALLOWED}", "1, 2"),
    ("sin((1, 2))", f"tuple `(1, 2)` {NOT_ALLOWED}", "(1, 2)"),
    ("(x))", "unmatched ')'", ")"),
    ("1) + (2", "unmatched ')'", ")"),
    ("(x", "'(' was never closed", "("),
    ("é + sin(x", "'(' was never closed", "("),
    ("1 + 1e999", f"`1e999` {LARGE}", "1e999"),
    ("9" * 5000, f"`{'9' * 37}...` {LARGE}", "9" * 5000),
    ("x + 2" + "0" * 308, f"`2{'0' * 36}...` {LARGE}", "2" + "0" * 308),
    ("0x" + "f" * 5000, f"`0x{'f' * 35}...` {LARGE}", "0x" + "f" * 5000),
    ("1 + sin", "`sin` is a function - write sin(...)", "sin"),
    (
        "tahn(x)",
        "`tahn` is not a function here - write tanh, atan2, or tahn*(...) for a product",
        "tahn",
    ),
    (
        "TANH(x)",
        "`TANH` is not a function here - write tanh, atan2, or TANH*(...) for a product",
        "TANH",
    ),
    (
        "x(2)",
        "`x` is not a function here - write tanh, sin, atan2, clamp, total, log, or x*(...) for a product",
        "x",
    ),
    ("1 + atan2(x)", "`atan2` does not take 1 argument(s) - write atan2(y, x)", "atan2(x)"),
    ("sin()", "`sin` does not take 0 argument(s) - write sin(x)", "sin()"),
    (
        "clamp(1, 2, 3, 4)",
        "`clamp` does not take 4 argument(s) - write clamp(x, low, high)",
        "clamp(1, 2, 3, 4)",
    ),
]


@pytest.mark.parametrize(("text", "message", "part"), REFUSED, ids=lambda x: ascii(x)[:30])
def test_refused(text: str, message: str, part: str) -> None:
    error = refusal(text)
    assert error.message == message
    assert error.text == text
    assert text[error.start : error.end] == part
    assert str(error).startswith(message + "\n  ")
    str(error).encode()  # printable whatever was in the text


def shown(text: str) -> str:
    return str(refusal(text)).split("\n", 1)[1]


def test_caret_spans_the_part_on_its_own_line() -> None:
    assert shown("1 + atan2(x) + 2") == "  1 + atan2(x) + 2\n      ^~~~~~~~"
    assert shown("(1 +\n  x ^ 2\n)") == "    x ^ 2\n      ^"
    assert shown("(1 +\r\n\ty $ 2)") == "   y $ 2)\n     ^"
    assert shown("x + ") == "  x + \n     ^"
    assert shown("atan2(\n1)") == "  atan2(\n  ^~~~~~"


def test_caret_counts_terminal_columns() -> None:
    assert shown("变量 ^ 2") == "  变量 ^ 2\n       ^"
    assert shown("éé ^ 2") == "  éé ^ 2\n     ^"
    assert shown("e\u0301 ^ 2") == "  e\u0301 ^ 2\n    ^"
    assert shown("2变") == "  2变\n  ^~~"


def test_long_lines_are_shown_through_a_window() -> None:
    start = "  ..." + "+x" * 20
    assert shown("x" + "+x" * 100 + "^" + "+y" * 100) == (start + "^" + "+y" * 19 + "+...\n" + " " * (len(start)) + "^")


def test_error_is_a_value_error_and_pickles() -> None:
    error = refusal("x ^ 2")
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.text, again.start, again.end) == (str(error), "x ^ 2", 2, 3)


def test_values_must_fit_the_names() -> None:
    expression = parse("w*x + x", {})
    with pytest.raises(ExpressionError) as missing:
        expression({"w": 1.0})
    assert str(missing.value) == "`x` has no value - write x=NUMBER\n  w*x + x\n    ^"
    with pytest.raises(ExpressionError) as superfluous:
        expression({"w": 1.0, "x": 2.0, "pi": 3.0})
    message = "`pi` is not a variable of the expression - leave it out\n  w*x + x\n  ^~~~~~~"
    assert str(superfluous.value) == message


def test_numerical_failures_are_those_of_floats() -> None:
    with pytest.raises(OverflowError):
        value("9**9**9")
    with pytest.raises(ZeroDivisionError):
        value("1/0")
    with pytest.raises(ExpressionError) as caught:
        value("1 + (-8)**(1/3)")
    message = "`(-8)**(1/3)` is not real - write a base >= 0\n  1 + (-8)**(1/3)\n      ^~~~~~~~~~~"
    assert str(caught.value) == message


DEEP = "more than 100 levels deep - write it in parts"


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 9_999, "-" * 9_999, "x" + "**x" * 3_000, "sin(" * 2_000, "(" * 101 + "x" + ")" * 101),
        *("+ " * 101 + "x", "x" + " ** -2" * 101, "[" * 101, "f({x(" * 40),
    ],
    ids=lambda text: text[:5],
)
def test_depth_is_limited(text: str) -> None:
    assert refusal(text).message == DEEP


@pytest.mark.parametrize("text", ["(" * 100_000, "-" * 100_000, "x" + "**x" * 5_000, "f(" * 5_001])
def test_length_is_limited(text: str) -> None:
    message = f"{len(text)} characters, of which 10000 are read - write it in parts"
    assert refusal(text).message == message


def test_long_is_not_deep() -> None:
    assert value("+".join(["x"] * 2_000), x=1.0) == 2_000.0
    assert value("é" + "+é" * 2_000, é=1.0) == 2_001.0
    assert value("(" * 99 + "1" + ")" * 99) == 1.0
    assert value("-" * 100 + "1" + "**1" * 100) == 1.0
    assert value("+".join(["-(1)"] * 1_000)) == -1_000.0
    assert value(f"total({'1,' * 4_000})") == 4_000.0
    assert refusal("1" + "+1" * 2_001).message == "more than 2000 of + - * / % - write it in parts"


@pytest.mark.parametrize(
    "text", ["-(" * 50 + "(" * 50 + "-" * 99, "x" + "()" * 4_900, "x" + ".x" * 4_900, ("-" * 98 + "(") * 99 + "1" + ")" * 99]
)
def test_what_python_s_parser_cannot_take_is_refused(text: str) -> None:
    refusal(text)


def test_a_small_stack_is_no_crash() -> None:
    def deeper(levels: int) -> str:
        return deeper(levels - 1) if levels else refusal("x" + "+x" * 1_999).message

    assert deeper(sys.getrecursionlimit() - 200) == "too much for Python's parser - write it in parts"


@pytest.mark.parametrize(
    "text",
    ["1" * 9_999 + "x", "1_" * 5_000, "a" * 10_000, "é" * 10_000, " " * 10_000, "x " * 5_000],
)
def test_hostile_text_is_answered_at_once(text: str) -> None:
    start, message = time.thread_time(), ""
    try:
        parse(text, FUNCTIONS)
    except ExpressionError as error:
        message = str(error)
    assert len(message) < 400
    assert time.thread_time() - start < 1.0  # of this thread's own work, however busy the machine is


@pytest.mark.parametrize(
    "text",
    [
        *("__import__('os').system('true')", "__import__(x)", "eval(x)", "exec(x)", "print(1)"),
        *("().__class__", "x.__class__", "(lambda: 1)()", "breakpoint()", "[].append(1)"),
    ],
)
def test_no_user_code_is_executed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("user code was executed")

    compiler = builtins.compile

    def only_ast(source: Any, filename: str, mode: str, flags: int, **options: Any) -> Any:
        assert flags == ast.PyCF_ONLY_AST, "user code was compiled"
        return compiler(source, filename, mode, flags, **options)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "compile", only_ast)
        for name in ("eval", "exec", "breakpoint", "__import__"):
            patch.setattr(builtins, name, forbidden)
        try:
            parse(text, FUNCTIONS)
        except ExpressionError:
            return
    pytest.fail("was accepted")


def test_assignments() -> None:
    items = ["w=2", "x = 0.5", "b=-1_000", "ﬁ=1e-3", "big=-inf", "_y1=Infinity"]
    assert parse_assignments(items) == {"w": 2.0, "x": 0.5, "b": -1000.0, "fi": 1e-3, "big": -math.inf, "_y1": math.inf}
    assert math.isnan(parse_assignments(["x=nan"])["x"])
    assert parse_assignments([]) == {}


@pytest.mark.parametrize(
    ("items", "message", "part"),
    [
        (["x"], "`x` has no `=` - write NAME=NUMBER", "x"),
        ([""], "`` has no `=` - write NAME=NUMBER", ""),
        (["=2"], f"`` {NO_NAME}", ""),
        (["2x=3"], f"`2x` {NO_NAME}", "2x"),
        (["a.b=3"], f"`a.b` {NO_NAME}", "a.b"),
        (["if=3"], f"`if` {NO_NAME}", "if"),
        (["\udc80=3"], f"`\ufffd` {NO_NAME}", "\udc80"),
        (["x=1", "x=2"], "`x` is given twice - write it once", "x"),
        (["x=1", "\uff58=2"], "`x` is given twice - write it once", "\uff58"),
        (["x="], "`` is not a number - write x=NUMBER", ""),
        (["x==2"], "`=2` is not a number - write x=NUMBER", "=2"),
        (["x=two"], "`two` is not a number - write x=NUMBER", "two"),
        (["x=1/3"], "`1/3` is not a number - write x=NUMBER", "1/3"),
        (["x=\udc80"], "`\ufffd` is not a number - write x=NUMBER", "\udc80"),
        (["x=-1e999"], f"`-1e999` {LARGE}", "-1e999"),
    ],
)
def test_assignments_refused(items: list[str], message: str, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_assignments(items)
    error = caught.value
    assert (error.message, error.text) == (message, items[-1])
    assert error.text[error.start : error.end] == part
    str(error).encode()


NUMBERS = st.one_of(
    st.integers(0, 10**20).map(str),
    st.floats(0.0, 1e10).map(repr),
    st.sampled_from(["x", "y", "\uff58", ".5", "1_0.e-1"]),
)


def compound(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts with and without parentheses, so that precedence decides."""
    signs = st.sampled_from(["+", "-", " * ", "/", "**", "\n-", " ** -"])
    return st.one_of(
        st.builds("{}{}{}".format, part, signs, part),
        st.builds("({})".format, part),
        st.builds("-{}".format, part),
        st.builds("+ {}".format, part),
        st.builds("atan2({},{})".format, part, part),
    )


def outcome(compute: Any) -> Any:
    """Result, nan and the like as text, or the kind of failure."""
    try:
        return repr(compute())
    except (ArithmeticError, ValueError) as error:
        return type(error)


class Floats(ast.NodeTransformer):
    """Python's own tree, with two changes: floats for integers, and `power` for `**`."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(float(node.value))  # type: ignore[arg-type]

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow):
            return node
        return ast.Call(ast.Name("power", ast.Load()), [node.left, node.right], [])


def power(x: float, y: float) -> float:
    result = x**y
    if isinstance(result, complex):
        raise ExpressionError("", "", 0, 0)
    return float(result)


@given(st.recursive(NUMBERS, compound, max_leaves=20), st.floats(-9, 9), st.floats(-9, 9))
def test_random_expressions_agree_with_python(text: str, x: float, y: float) -> None:
    tree = ast.fix_missing_locations(Floats().visit(ast.parse(f"({text})", mode="eval")))
    scope = {"x": x, "y": y, "atan2": math.atan2, "power": power}
    code = compile(tree, "<test>", "eval")
    expression = parse(text, FUNCTIONS)
    values = {name: {"x": x, "y": y}[name] for name in expression.names}
    assert outcome(lambda: expression(values)) == outcome(lambda: eval(code, scope))


PIECES = ["1", "2.5", "x", "+", "-", "*", "/", "**", "(", ")", ",", "sin", "sin(", " ", "\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_accepts_nothing_that_python_refuses(text: str) -> None:
    try:
        expression = parse(text, {"sin": operator.pos})
    except ExpressionError:
        return
    assert isinstance(expression, Expression)
    ast.parse(f"({text})", mode="eval")


@given(st.one_of(st.text(), st.text("x1.e(), +-*/^=[é²\n\r\t\0\ud800sin"), st.binary().map(repr)))
def test_only_expression_errors_escape(text: str) -> None:
    try:
        expression = parse(text, FUNCTIONS)
        assert all(name.isidentifier() for name in expression.names)
    except ExpressionError as error:
        start, end, shown = error.start, error.end, str(error)
    else:
        return
    assert 0 <= start <= end <= len(text)
    assert shown.count("\n") == 2
    shown.encode()


@given(st.lists(st.text() | st.builds("{}={}".format, st.text(), st.text()), max_size=3))
def test_only_expression_errors_escape_from_assignments(items: list[str]) -> None:
    try:
        values = parse_assignments(items)
    except ExpressionError as error:
        str(error).encode()
    else:
        assert all(name.isidentifier() for name in values)

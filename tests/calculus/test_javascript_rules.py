"""JavaScript, run in node and held against the engine: rules of the table, users' own rules, errors, and the text of numbers."""

import ast
import json
import math
import re
import shutil
from pathlib import Path
from random import Random
from typing import Any

import mpmath
import pytest

import autograd_lite as al
from autograd_lite.calculus.javascript import rules
from autograd_lite.calculus.javascript.library import functions, helpers
from autograd_lite.calculus.javascript.translation import number_text, translated
from autograd_lite.engine import mathematics
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.primitives import TABLE, dot, tanh
from autograd_lite.testing.primitives.points import with_special_floats
from tests import points
from tests.node import answers, needs_node, units
from tests.own_primitives import Branching, Geometric, Huber, Plain, Step

EXACT = "add subtract multiply divide negate relu abs sign floor ceil trunc rint rounded fmod mod floor_divide remainder copysign maximum minimum clamp total dot sqrt slope".split()
MOST = 8.0  # units in the last place, where `Math` has other digits than Python's math

_APPLY = """
return given.map(([place, xs]) => {
  const rule = RULES[NAMES[place]];
  const list = typeof rule.partials === "function";
  const out = tried(() => (list ? rule.forward(xs) : rule.forward(...xs)));
  if (typeof out !== "number") return [out, []];
  return [out, list ? tried(() => rule.partials(xs, out)) : rule.partials.map((partial) => tried(() => partial(...xs, out)))];
});
"""


def _everywhere(row: Primitive) -> list[list[float]]:
    """Ordinary points, tails, outsides and special points of a row."""
    found = [*points.ordinary(row), *points.tails(row), *points.outside(row)]
    if not row.orders:  # the order of a family is no number like others
        found += [at.operands for at in row.special_points]
        found += [point for point, _ in with_special_floats(row)]
    return [list(map(float, point)) for point in found]


def _tried(compute: Any) -> Any:
    try:
        return compute()
    except (ArithmeticError, ValueError) as error:
        return error


def _eager(row: Any, xs: list[float], out: float) -> Any:
    """The partials on floats, each by itself where the row has a method for each; `out` as JavaScript found it."""
    if row.takes_list:
        return _tried(lambda: list(row.partials(list(xs), out)))
    methods = [row.dx] if len(xs) == 1 else [row.dx, row.dy]
    return [_tried(lambda method=method: method(*xs, out)) for method in methods]


def _in_node(primitives: list[Primitive], calls: list[tuple[int, list[float]]], folder: Path) -> Any:
    made = rules((primitives[place], len(xs)) for place, xs in calls)
    names = json.dumps([made.keys[primitive] for primitive in primitives])
    script = f"{made.helpers}\nconst RULES = {made.literal};\nconst NAMES = {names};\n{_APPLY}"
    return answers(script, [[float(place), xs] for place, xs in calls], folder)


def _flat(found: Any) -> list[Any]:
    return [found] if not isinstance(found, list) else [part for each in found for part in _flat(each)]


@needs_node
def test_every_rule_of_the_table_is_eager_s_at_every_kind_of_point(tmp_path: Path) -> None:
    rows = list(TABLE.values())
    calls = [(place, xs) for place, row in enumerate(rows) for xs in _everywhere(row)]
    differences: dict[str, tuple[list[float], list[float]]] = {row.name: ([], []) for row in rows}
    for (place, xs), (value, partials) in zip(calls, _in_node(rows, calls, tmp_path), strict=True):
        row = rows[place]
        expected = [_tried(lambda row=row, xs=xs: forward(row, list(xs)))]
        slopes = _eager(row, xs, value) if isinstance(value, float) else []
        for kind, founds, wanteds in ((0, [value], expected), (1, partials, slopes)):
            for found, wanted in zip(_flat(founds), _flat(wanteds), strict=True):
                refused = isinstance(found, dict)
                assert refused == isinstance(wanted, Exception), (row, xs, found, wanted)
                if refused:
                    assert (found["error"], found["message"].endswith("has no real value")) == ("RangeError", True)
                else:
                    differences[row.name][kind].append(units(found, wanted))
    worst = {name: tuple(max(each, default=0.0) for each in found) for name, found in differences.items()}
    assert {name: each for name, each in worst.items() if max(each) > MOST} == {}
    assert all(max(worst[name]) == 0.0 for name in EXACT)
    everything = [each for found in differences.values() for each in (*found[0], *found[1])]
    if answers("return process.versions.v8;", [], tmp_path).startswith(f"{_measured_with()}."):
        assert {name: each for name, each in worst.items() if any(each)} == _shown()
        assert f"{len(everything):,} values" in _page()
        assert f"{everything.count(0.0):,} are equal to the last bit" in _page()
    assert len(calls) > 12_000


def _page() -> str:
    return " ".join((Path(__file__).parents[2] / "docs" / "javascript.md").read_text().split())


def _measured_with() -> str:
    [version] = re.findall(r"measured with V8 ([\d.]+)", _page())
    return version


def _shown() -> dict[str, tuple[float, float]]:
    """The table of the page."""
    return {name: (float(value), float(partials)) for name, value, partials in re.findall(r"\| (\w+) \| (\d) \| (\d) ", _page())}


# ---- users' own --------------------------------------------------------------------------------------------------------------


@needs_node
def test_rules_of_users_write_themselves_with_what_the_instance_knows(tmp_path: Path) -> None:
    mine: list[Primitive] = [Huber(1.0 / 3.0), Huber(2.0), Geometric(), Step()]
    calls = [(place, [x]) for place in (0, 1) for x in (0.1, -0.3, 1.0 / 3.0, 1.9, -7.0)]
    calls += [(3, [x]) for x in (2.0, 0.0, -1.0, math.nan)]
    calls += [(2, [2.0, 0.5]), (2, [0.3, 5.0, 11.0])]
    found = _in_node(mine, calls, tmp_path)
    for (place, xs), (value, partials) in zip(calls, found, strict=True):
        row: Any = mine[place]
        assert units(value, float(forward(row, list(xs)))) <= MOST
        assert max(map(units, partials, _eager(row, xs, value))) <= MOST
    assert rules([(mine[0], 1), (mine[1], 1)]).keys == {mine[0]: "huber", mine[1]: "huber2"}


@pytest.mark.parametrize("primitive", [Branching(), Plain()])
def test_a_rule_that_cannot_write_itself_says_so(primitive: Primitive) -> None:
    with pytest.raises(GraphError, match=f"the rule `forward` of the primitive `{primitive.name}` has no text in JavaScript"):
        rules([(primitive, 1)])


def test_names_of_primitives_are_keys_whatever_they_are(tmp_path: Path) -> None:
    names = ["</script>", "Größe", "__proto__", "constructor", "for", 'a"b', "2nd", "\u2028"]
    mine: list[Any] = [type(name, (Huber,), {})(place + 1.0) for place, name in enumerate(names)]
    made = rules((primitive, 1) for primitive in mine)
    assert "</script" not in made.literal
    assert [made.keys[primitive] for primitive in mine] == [name.lower() for name in names]
    if shutil.which("node"):
        found = _in_node(mine, [(place, [9.0]) for place in range(len(mine))], tmp_path)
        assert [value for value, _ in found] == [forward(primitive, [9.0]) for primitive in mine]


# ---- what a text needs -------------------------------------------------------------------------------------------------------


def test_helpers_are_those_that_a_text_calls_and_no_more() -> None:
    names = re.findall(r"^const (\w+) = ", helpers("hypot(x, y)"), re.MULTILINE)
    assert names == ["hypot", "squared"]
    assert re.findall(r"^const (\w+) = ", helpers("sigmoid(x)"), re.MULTILINE) == [
        "abs",
        "divide",
        "exp",
        "fail",
        "real",
        "sigmoid",
    ]
    assert helpers("a + b") == ""
    made = rules([(dot, 5), (tanh, 1)])
    assert len(made.literal + made.helpers) < 1500


def test_the_notice_of_the_error_function_s_formulas_stays() -> None:
    for name in ("erf", "erfc"):
        assert "Copyright (C) 1993 by Sun Microsystems" in helpers(f"{name}(x)")


def test_every_function_of_mathematics_has_a_javascript_form() -> None:
    missing = (
        {name for name in mathematics.__all__ if callable(getattr(mathematics, name))} - functions().keys() - {"less", "equal"}
    )
    assert not missing, (
        f"{', '.join(sorted(missing))} of mathematics.py has no JavaScript form: a basic function needs one in "
        "calculus/javascript/forms.js; a formula in terms of the others is translated"
    )


@pytest.mark.parametrize(
    "text", ["return x if 0 < x < 1 else y", "return math.gamma(x)", "return sum([x, y])", "with x: pass", "return f'{x}'"]
)
def test_a_formula_of_another_form_is_refused_with_what_to_write(text: str) -> None:
    function = ast.parse(f"def strange(x, y):\n    {text}").body[0]
    assert isinstance(function, ast.FunctionDef)
    with pytest.raises(TypeError, match=r"(?s)`strange` has no JavaScript form, because of `.*forms\.js"):
        translated(function, {})


@needs_node
def test_the_recipe_for_mathematics_of_one_s_own_translates(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text()
    [block] = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def cardinalslope" in block]
    scope = dict(vars(mathematics)) | {"Final": Any}
    exec(block, scope)
    tree = ast.parse(block)
    [function] = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    text = f"const cardinalslope = {translated(function, {'CARDINAL_TERMS': scope['CARDINAL_TERMS']})};"
    given = [[x, n] for x in (0.0, 1e-3, 0.5, 1.0, 2.5, -7.0, 30.0) for n in (0.0, 1.0, 2.0, 5.0)]
    found = answers(f"{helpers(text)}{text} return given.map(([x, n]) => cardinalslope(x, n));", given, tmp_path)
    assert found == pytest.approx([scope["cardinalslope"](*each) for each in given], rel=1e-13)


@needs_node
def test_functions_of_mathematics_agree_wherever_special_floats_meet(tmp_path: Path) -> None:
    special = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -1.5, 5e-324, 1e308, -1e308, math.inf, -math.inf, math.nan]
    numbers = "floor ceil sign abs sigmoid softplus sech gaussian sqrt cbrt logpole softsign log1p expm1 atanh acosh tanh".split()
    pairs = "power extended_power fmod atan2 hypot maximum minimum logaddexp slope wins expdifference share xlogy moment".split()
    asked = [(name, [x]) for name in numbers for x in special]
    asked += [(name, [x, y]) for name in pairs for x in special for y in special]
    names = [*numbers, *pairs]
    script = f"{helpers(' '.join(f'{name}(x)' for name in names))}\nconst all = [{', '.join(names)}];"
    script += "\nreturn given.map(([place, xs]) => tried(() => Number(all[place](...xs))));"
    found = answers(script, [[names.index(name), xs] for name, xs in asked], tmp_path)
    for (name, xs), value in zip(asked, found, strict=True):
        wanted = _tried(lambda name=name, xs=xs: getattr(mathematics, name)(*xs))
        assert isinstance(value, dict) == isinstance(wanted, Exception), (name, xs, value, wanted)
        assert isinstance(value, dict) or units(value, wanted) <= MOST, (name, xs, value, wanted)


@needs_node
def test_the_largest_is_the_first_of_equals_as_python_s_max(tmp_path: Path) -> None:
    lists = [[0.0, -0.0], [-0.0, 0.0], [math.nan, 1.0], [1.0, math.nan], [1.0, 3.0, 2.0]]
    found = answers(f"{helpers('largest(x)')} return given.map(largest);", lists, tmp_path)
    assert list(map(units, found, map(max, lists))) == [0.0] * len(lists)


@needs_node
def test_numbers_are_read_back_to_the_same_bits(tmp_path: Path) -> None:
    numbers = [0.0, -0.0, 1.0, 0.1, 1e-320, 5e-324, 1.7976931348623157e308, 1e21, 1e22, 123456789012345680.0, -2.5e-7]
    numbers += [math.inf, -math.inf, math.nan, 1 / 3, 2.0**53]
    found = answers(f"return [{', '.join(map(number_text, numbers))}];", [], tmp_path)
    assert list(map(units, found, numbers)) == [0.0] * len(numbers)


@needs_node
def test_error_functions_and_hypot_are_no_worse_than_python_s(tmp_path: Path) -> None:
    random = Random(1)
    numbers = [random.uniform(-7.0, 27.0) for _ in range(500)] + [random.uniform(-1.5, 3.5) for _ in range(1_500)]
    numbers += [random.choice((1.0, -1.0)) * 10.0 ** random.uniform(-300.0, 0.0) for _ in range(300)]
    text = f"{helpers('erf(x) erfc(x) hypot(x, y)')} return [given.map(erf), given.map(erfc), given.map((x) => hypot(x, 0.75))];"
    erf, erfc, hypot = answers(text, numbers, tmp_path)
    with mpmath.workprec(120):
        for found, exact, most in ((erf, mpmath.erf, 1.0), (erfc, mpmath.erfc, 3.0)):
            for x, value in zip(numbers, found, strict=True):
                right = exact(x)
                assert abs(value - right) <= most * math.ulp(float(right)), (exact, x, value)
    assert hypot == [math.hypot(x, 0.75) for x in numbers]


@needs_node
def test_a_sum_is_rounded_once_as_fsum_does_it(tmp_path: Path) -> None:
    random = Random(5)
    lists = [[], [-0.0], [0.1] * 10, [1e308, 1e308, -1e308], [1e308, 1e308, -1e308, -1e308, 5e-324], [1e16, 1.0, 1.0], [2.0**-1074]]
    lists += [
        [1e16, 1.0, 1e-16],
        [1e16, 1.0, -1e-16],
        [math.inf, 1.0],
        [math.nan, math.inf, -math.inf],
        [1.7e308, -1.0, 1.7e308, -1.7e308],
    ]
    lists += [[random.uniform(-1, 1) * 10.0 ** random.randint(-20, 20) for _ in range(random.randint(1, 40))] for _ in range(300)]
    lists += [[sign * number for number in part for sign in (1.0, -1.0)] + [1e-300] for part in lists[-20:]]
    found = answers(f"{helpers('total')} return given.map((xs) => tried(() => total(xs)));", lists, tmp_path)
    assert list(map(units, found, map(al.total, lists))) == [0.0] * len(lists)
    refused = [[math.inf, -math.inf], [1e308, 1e308], [1e308, 1e308, math.inf]]
    for each in refused:
        with pytest.raises((ArithmeticError, ValueError)):
            al.total(each)
    found = answers(f"{helpers('total')} return given.map((xs) => tried(() => total(xs)));", refused, tmp_path)
    assert [each["operation"] for each in found] == ["total"] * len(refused)

"""The equations of a program: the four of backpropagation where they occur, and index forms that say what the replay computes."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy
import pytest
from hypothesis import given, settings

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.primitive import Unary
from autograd_lite.losses import cross_entropy, squared_error
from autograd_lite.nn import MLP, Layer
from autograd_lite.nn.module import Module
from autograd_lite.program import Program, trace
from tests.program.test_replay import _Attention, _Recurrent, _Skip, beale, rosenbrock
from tests.random_programs import Program as RandomProgram
from tests.random_programs import programs, run
from tests.samples import examples

RNG = numpy.random.default_rng(11)


def _network_loss(model: Any, x: Any, y: Any) -> Any:
    return squared_error(model(x), y)


def _classifier_loss(model: Any, x: Any, y: Any) -> Any:
    return cross_entropy(model(x), y)


def _network(inputs: int, sizes: list[int], activation: str = "sigmoid", loss: Callable[..., Any] = _network_loss) -> Program:
    last = activation if loss is _network_loss else None
    model = MLP(inputs, sizes, activation, output_activation=last, seed=0)
    return trace(loss, model, [0.1] * inputs, [1.0 / sizes[-1]] * sizes[-1] if sizes[-1] > 1 else 0.5)


def _named(program: Program) -> dict[str, list[str]]:
    """By name, the matrix forms that have it."""
    found: dict[str, list[str]] = {}
    for row in program.equations():
        found.setdefault(row.name, []).append(row.matrix)
    return found


# ---- the four equations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("inputs", "sizes"), [(2, [2, 1]), (784, [30, 10])], ids=["2-2-1", "784-30-10"])
def test_each_of_the_four_equations_is_named_where_it_stands(inputs: int, sizes: list[int]) -> None:
    """Nielsen, *Neural Networks and Deep Learning*, chapter 2."""
    named = _named(_network(inputs, sizes))
    named.pop("")
    assert named == {
        "BP1": ["d_z2 = t1 / N * a2 * sigmoid(-z2)"],
        "BP2": ["d_z1 = (d_z2 W2) * a1 * sigmoid(-z1)"],
        "BP3": ["d_b1 = 1^T d_z1", "d_b2 = 1^T d_z2"],
        "BP4": ["d_W1 = d_z1^T X", "d_W2 = d_z2^T a1"],
    }


def test_the_index_form_stands_beside_the_matrix_form() -> None:
    rows = {row.matrix: row.index for row in _network(784, [30, 10]).equations()}
    assert rows == {
        "z1 = X W1^T + b1": "z1_nj = sum_k W1_jk X_nk + b1_j",
        "a1 = sigmoid(z1)": "a1_nj = sigmoid(z1_nj)",
        "z2 = a1 W2^T + b2": "z2_nj = sum_k W2_jk a1_nk + b2_j",
        "a2 = sigmoid(z2)": "a2_nj = sigmoid(z2_nj)",
        "t1 = a2 - Y": "t1_nj = a2_nj - Y_nj",
        "C = mean(sum(t1 * t1) / 2)": "C = 1/N sum_n (sum_j t1_nj * t1_nj) / 2",
        "d_z2 = t1 / N * a2 * sigmoid(-z2)": "d_z2_nj = t1_nj / N * a2_nj * sigmoid(-z2_nj)",
        "d_z1 = (d_z2 W2) * a1 * sigmoid(-z1)": "d_z1_nj = (sum_k W2_kj d_z2_nk) * a1_nj * sigmoid(-z1_nj)",
        "d_W1 = d_z1^T X": "dC/dW1_jk = sum_n d_z1_nj X_nk",
        "d_b1 = 1^T d_z1": "dC/db1_j = sum_n d_z1_nj",
        "d_W2 = d_z2^T a1": "dC/dW2_jk = sum_n d_z2_nj a1_nk",
        "d_b2 = 1^T d_z2": "dC/db2_j = sum_n d_z2_nj",
    }


def test_every_part_of_a_weight_matrix_is_named() -> None:
    program = trace(_network_loss, _Skip(), [0.1] * 3, [0.5] * 4)
    assert _named(program)["BP4"] == [
        "d_W1 = d_z1^T X",
        "d_W2_(1:4,4:7) = d_z3^T a2 + d_z2^T a1",
        "d_W2_(1:4,1:3) = d_z3^T X + d_z2^T X",
    ]


def test_a_single_input_is_not_summed_over() -> None:
    rows = [row.index for row in trace(_network_loss, _Recurrent(), [0.1] * 3, [0.5] * 4).equations()]
    assert "z3_nj = W1_(j,5) X_(n,3) + sum_k W1_jk a2_nk + b1_j" in rows


def test_the_table_is_aligned() -> None:
    assert str(_network(3, [2]).equations()).split("\n") == [
        "     matrix form                        index form",
        "     z1 = X W1^T + b1                   z1_nj = sum_k W1_jk X_nk + b1_j",
        "     a1 = sigmoid(z1)                   a1_nj = sigmoid(z1_nj)",
        "     t1 = a1 - Y                        t1_nj = a1_nj - Y_nj",
        "     C = mean(sum(t1 * t1) / 2)         C = 1/N sum_n (sum_j t1_nj * t1_nj) / 2",
        "BP1  d_z1 = t1 / N * a1 * sigmoid(-z1)  d_z1_nj = t1_nj / N * a1_nj * sigmoid(-z1_nj)",
        "BP4  d_W1 = d_z1^T X                    dC/dW1_jk = sum_n d_z1_nj X_nk",
        "BP3  d_b1 = 1^T d_z1                    dC/db1_j = sum_n d_z1_nj",
    ]


def test_every_layer_but_the_last_has_its_bp2() -> None:
    named = _named(_network(4, [5, 4, 3, 2], "tanh"))
    assert [matrix.split(" = ")[0] for matrix in named["BP1"]] == ["d_z4"]
    assert [matrix.split(" = ")[0] for matrix in named["BP2"]] == ["d_z3", "d_z2", "d_z1"]
    assert len(named["BP3"]) == len(named["BP4"]) == 4


def test_the_error_of_a_softmax_is_bp1_without_an_activation() -> None:
    named = _named(_network(3, [4, 3], "relu", _classifier_loss))
    [bp1] = named["BP1"]
    assert bp1 == "d_z2 = (exp(t2) / sum(exp(t2)) - Y) / N"
    assert named["BP2"] == ["d_z1 = (d_z2 W2) * [z1 > 0]"]
    assert named["BP3"] == ["d_b1 = 1^T d_z1", "d_b2 = 1^T d_z2"]
    assert named["BP4"] == ["d_W1 = d_z1^T X", "d_W2 = d_z2^T a1"]


def test_an_error_that_passes_through_several_statements_is_bp2_where_it_arrives() -> None:
    class Gated(Module):
        def __init__(self) -> None:
            self.first, self.second = Layer(3, 4, None, seed=0), Layer(4, 2, None, seed=1)

        def __call__(self, x: Any) -> Any:
            return self.second([z * ag.sigmoid(z) for z in self.first(x)])

    program = trace(_network_loss, Gated(), [0.1] * 3, [0.5] * 2)
    [bp2] = _named(program)["BP2"]
    assert bp2.startswith("d_z1 = ")
    assert "W2" not in bp2  # the product has a line of its own, without a name
    assert any("d_t" in matrix and "W2" in matrix for matrix in _named(program)[""])


def test_an_error_without_a_bias_still_has_a_line() -> None:
    class Unbiased(Module):
        def __init__(self) -> None:
            self.w = [[Value(0.1 * (i - j), f"w{i}{j}") for i in range(3)] for j in range(2)]

        def __call__(self, x: Any) -> Any:
            return [ag.tanh(ag.dot(row, x)) for row in self.w]

    named = _named(trace(_network_loss, Unbiased(), [0.1] * 3, [0.5] * 2))
    assert "BP3" not in named
    assert (len(named["BP1"]), named["BP4"]) == (1, ["d_W1 = d_z1^T X"])


@pytest.mark.parametrize("program", [trace(rosenbrock, [0.5] * 10), trace(beale, 1.0, 2.0)], ids=["Rosenbrock", "Beale"])
def test_a_function_without_a_network_has_equations_without_names(program: Program) -> None:
    assert set(_named(program)) == {""}


def test_parts_of_arrays_are_counted_from_one() -> None:
    assert [(row.matrix, row.index) for row in trace(rosenbrock, [0.5] * 10).equations()] == [
        ("t1 = 1 - X_(1:9)", "t1_j = 1 - X_j"),
        ("t2 = X_(2:10) - X_(1:9) ** 2", "t2_j = X_(j+1) - X_j ** 2"),
        ("f = sum(100 * t2 ** 2 + t1 ** 2)", "f = sum_j (100 * t2_j ** 2 + t1_j ** 2)"),
        ("d_t2 = 200 * t2", "d_t2_j = 200 * t2_j"),
        ("d_X_(2:10) = d_t2", "df/dX_(j+1) = d_t2_j"),
        ("d_X_(1:9) += -2 * (d_t2 * X_(1:9)) - 2 * t1", "df/dX_j += -2 * (d_t2_j * X_j) - 2 * t1_j"),
    ]


@pytest.mark.parametrize(
    ("place", "matrix", "index"),
    [
        (lambda i: 19 - i, "f = sum(t1_(20:-1:1) * X)", "f = sum_j t1_(21-j) * X_j"),
        (lambda i: 7 * i % 20, "f = sum(t1_(...) * X)", ""),
    ],
    ids=["backwards", "scattered"],
)
def test_places_without_a_rule_have_no_index_form(place: Callable[[int], int], matrix: str, index: str) -> None:
    program = trace(lambda x: ag.total([ag.sin(x[place(i)]) * x[i] for i in range(20)]), [0.1] * 20)
    assert {row.matrix: row.index for row in program.equations()}[matrix] == index


def test_a_layer_applied_to_many_tokens_counts_them() -> None:
    rows = {row.matrix: row.index for row in trace(_network_loss, _Attention(), [[0.1] * 4] * 3, [0.5] * 12).equations()}
    assert rows["z1 = X W1^T + b1"] == "z1_njk = sum_l W1_kl X_(n,4j+l-4) + b1_k"
    assert rows["d_W1 = d_z1^T X"] == "dC/dW1_jk = sum_n,l d_z1_nlj X_(n,4l+k-4)"
    assert rows["d_b1 = sum(1^T d_z1)"] == "dC/db1_j = sum_k sum_n d_z1_nkj"


def test_a_list_of_results_is_listed() -> None:
    program = trace(lambda x: [x[0] * x[1], ag.sin(x[2])], [1.0, 2.0, 3.0])
    assert [row.matrix for row in program.equations()] == ["f_1 = X_1 * X_2", "f_2 = sin(X_3)"]
    layer = trace(lambda model, x: model(x), Layer(2, 3, "tanh", seed=0), [0.1, 0.2])
    assert [row.index for row in layer.equations()][-1] == "f_j = a1_j"


def test_a_choice_is_written_out() -> None:
    rows = [row.latex_matrix for row in trace(lambda x, y: ag.where(x < y, x, y * y), 1.0, 2.0).equations()]
    assert any(r"\begin{cases}" in row for row in rows)
    assert any(r"\left[x < y\right]" in row for row in rows)


# ---- the names of a program --------------------------------------------------------------------------------------------------


def test_names_are_those_of_the_source() -> None:
    program = _network(3, [4, 2], "tanh")
    for row in program.equations():
        name = row.matrix.split(" = ")[0]
        assert name == "C" or f"{name} = " in program.source or f"out={name})" in program.source


def test_a_name_that_is_taken_is_left_alone() -> None:
    def f(C: Any, N: Any) -> Any:
        return C * N

    assert trace(f, 1.0, 2.0).equations()[0].matrix == "f = C * N"
    weight = Value(0.5, label="C")
    [row] = [row for row in trace(lambda x: weight * x, 1.0, parameters=[weight]).equations() if "mean" in row.matrix]
    assert row.matrix.startswith("C2 = ") or row.matrix.startswith("C1 = ")


def test_the_same_program_has_the_same_text() -> None:
    first = _network(3, [4, 3], "relu", _classifier_loss)
    texts = {(made.text, made.latex) for made in (first.equations() for _ in range(20))}
    assert len(texts) == 1
    assert texts == {(made.text, made.latex) for made in [_network(3, [4, 3], "relu", _classifier_loss).equations()]}
    assert first.equations() == first.equations()


def test_equations_are_a_sequence_of_rows() -> None:
    made = _network(3, [2]).equations()
    assert (len(made), made[-1].name, [row.name for row in made[-2:]]) == (7, "BP3", ["BP4", "BP3"])
    assert repr(made) == str(made) == made.text


def test_a_long_line_has_its_index_form_below() -> None:
    lines = _network(3, [4, 3], "mish").equations().text.split("\n")
    [place] = [number for number, line in enumerate(lines) if line.startswith("BP1")]
    assert "_nj" not in lines[place]
    assert lines[place + 1].lstrip().startswith("d_z2_nj = ")
    assert lines[place + 1].index("d_z2_nj") == lines[0].index("index form")


# ---- LaTeX -------------------------------------------------------------------------------------------------------------------


def _assert_sound(latex: str) -> None:
    """Braces, environments and delimiters are balanced; no cell has two lower or upper indices, or an index in plain text."""
    plain = latex.replace(r"\{", "").replace(r"\}", "")
    depth = 0
    for character in plain:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"\\left\b", plain)) == len(re.findall(r"\\right\b", plain))
    assert re.findall(r"\\begin\{(\w+)\}", plain).count("cases") == re.findall(r"\\end\{(\w+)\}", plain).count("cases")
    assert not re.search(r"(?<!\\)[_^](?!\{)", plain.replace(r"\log_2", ""))  # every index stands in braces
    assert not re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", plain)
    assert not re.search(r"\\(text|texttt|operatorname)\{[^{}]*(?<!\\)[_^$#%&]", plain)
    assert "$" not in plain
    assert "**" not in plain


@pytest.mark.parametrize(
    "program",
    [
        _network(2, [2, 1]),
        _network(3, [4, 3], "relu", _classifier_loss),
        trace(rosenbrock, [0.5] * 10),
        trace(beale, 1.0, 2.0),
        trace(lambda a_b, c__: a_b[0] ** c__ + ag.where(a_b[1] > 0.0, ag.sqrt(c__), 1e-9), [1.0, 2.0], 3.0),
    ],
    ids=["2-2-1", "softmax", "Rosenbrock", "Beale", "names with underscores"],
)
def test_the_latex_is_sound(program: Program) -> None:
    latex = program.equations().latex
    assert latex.startswith("\\begin{aligned}\n")
    assert latex.endswith("\n\\end{aligned}")
    _assert_sound(latex)


def test_the_latex_of_the_four_equations() -> None:
    rows = {row.name: row for row in _network(2, [2, 1]).equations()}
    assert rows["BP1"].latex_index == (
        r"\delta^{z_{2}}_{nj} &= \frac{t_{1,nj}}{N} \cdot a_{2,nj} \cdot \sigma\left(-z_{2,nj}\right)"
    )
    assert rows["BP2"].latex_matrix == (
        r"\delta^{z_{1}} &= \left(\delta^{z_{2}} W_{2}\right) \odot a_{1} \odot \sigma\left(-z_{1}\right)"
    )
    assert rows["BP3"].latex_index == r"\frac{\partial C}{\partial b_{2,j}} &= \sum_{n} \delta^{z_{2}}_{nj}"
    assert rows["BP4"].latex_matrix == r"\frac{\partial C}{\partial W_{2}} &= {\delta^{z_{2}}}^{\top} a_{1}"


def test_a_notebook_shows_the_latex() -> None:
    made = _network(2, [2, 1]).equations()
    assert made._repr_latex_() == f"$\\displaystyle {made.latex}$"
    assert made.latex.count(r"\text{(BP3)}") == 2


def test_labels_with_odd_characters_are_escaped() -> None:
    weights = [Value(0.5, label=label) for label in ("w_{\\", "50 %", "$x^2$", "a_b_c", "\n")]
    program = trace(lambda x: ag.total([w * ag.exp(w * x) for w in weights]), 1.0, parameters=weights)
    _assert_sound(program.equations().latex)


def test_a_primitive_of_the_user_is_written_as_it_says() -> None:
    class Cube(Unary):
        symbol = "cube({x})"

        def forward(self, x: Any) -> Any:
            return x * x * x

        def dx(self, x: Any, out: Any) -> Any:
            return 3.0 * x * x

    cube = Cube()
    assert [row.matrix for row in trace(lambda x: cube(x), 2.0).equations()] == ["f = cube(x)", "df/dx = 3 * (x * x)"]


@settings(max_examples=examples(100), deadline=None)
@given(programs(most_steps=12))
def test_every_program_has_equations(program: RandomProgram) -> None:
    made = trace(lambda *leaves: run(program, leaves)[-1], *program.leaves).equations()
    for row in made:
        assert all(side.strip() for side in row.matrix.split("= ", 1)), row
        assert "Term" not in row.matrix
    latex = made.latex
    assert latex.replace(r"\{", "").count("{") == latex.replace(r"\}", "").count("}")


# ---- what index forms say ----------------------------------------------------------------------------------------------------


def test_the_index_forms_of_2_2_1_are_the_numbers_of_the_replay() -> None:
    """Each line in loops, as it stands there."""
    program = _network(2, [2, 1])
    X, y = RNG.normal(size=(5, 2)), RNG.normal(size=5)
    loss, gradient = program.loss_and_gradient(X, y)
    W1, b1 = program.parameters[:4].reshape(2, 2), program.parameters[4:6]
    W2, b2 = program.parameters[6:8].reshape(1, 2), program.parameters[8:9]
    rows = [(n, j) for n in range(5) for j in range(2)]
    z1 = {(n, j): sum(W1[j, k] * X[n, k] for k in range(2)) + b1[j] for n, j in rows}
    a1 = {place: _sigmoid(z1[place]) for place in rows}
    z2 = {n: sum(W2[0, k] * a1[n, k] for k in range(2)) + b2[0] for n in range(5)}
    a2 = {n: _sigmoid(z2[n]) for n in range(5)}
    t1 = {n: a2[n] - y[n] for n in range(5)}
    assert loss == pytest.approx(sum(t1[n] * t1[n] / 2 for n in range(5)) / 5, rel=1e-14)
    d_z2 = {n: t1[n] / 5 * a2[n] * _sigmoid(-z2[n]) for n in range(5)}
    d_z1 = {(n, j): W2[0, j] * d_z2[n] * a1[n, j] * _sigmoid(-z1[n, j]) for n, j in rows}
    d_W1 = [sum(d_z1[n, j] * X[n, k] for n in range(5)) for j in range(2) for k in range(2)]
    d_b1 = [sum(d_z1[n, j] for n in range(5)) for j in range(2)]
    d_W2 = [sum(d_z2[n] * a1[n, k] for n in range(5)) for k in range(2)]
    d_b2 = [sum(d_z2[n] for n in range(5))]
    numpy.testing.assert_allclose(gradient, [*d_W1, *d_b1, *d_W2, *d_b2], rtol=1e-13)


class _Reader:
    """Reads index forms as a person would: an element per index, sums over letters, products without a sign.

    Attributes:
        arrays: by name, with the rows as first axis where there are rows. Numbers count from 1 on.
    """

    def __init__(self, arrays: dict[str, Any]) -> None:
        self.arrays = arrays
        self.tokens: list[str] = []

    def read(self, line: str) -> None:
        """Computes the array on the left."""
        left, sign, right = re.fullmatch(r"(\S+) (\+?=) (.*)", line).groups()  # type: ignore[union-attr]
        name, places = self._split(left)
        self.tokens = re.findall(r"\d+\.?\d*(?:e-?\d+)?(?![\w.])|[A-Za-z]\w*?(?:_\([^()]*\)|\b)|\S", right)
        ranges: dict[str, int] = {}
        value = self._sum(ranges)
        assert not self.tokens
        letters, shifts = zip(*map(_letter, places), strict=True) if places else ((), ())
        lengths = [ranges[letter] for letter in letters]
        if name not in self.arrays:
            self.arrays[name] = numpy.zeros(lengths if name[:4] != "dC/d" else numpy.shape(self.arrays[name[4:]]))
        for place in product(*map(range, lengths)):
            at = tuple(number + shift for number, shift in zip(place, shifts, strict=True))
            before = self.arrays[name][at] if sign == "+=" else 0.0
            self.arrays[name][at] = before + value(dict(zip(letters, place, strict=True)))

    def _split(self, text: str) -> tuple[str, list[str]]:
        if text in self.arrays or "_" not in text.removeprefix("d_"):
            return text, []
        name, _, places = text.rpartition("_")
        return name, places[1:-1].split(",") if places.startswith("(") else list(places)

    def _sum(self, ranges: dict[str, int]) -> Any:
        terms = [(1, self._product(ranges))]
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.tokens.pop(0) == "+" else -1
            terms.append((sign, self._product(ranges)))
        return lambda at: sum(sign * term(at) for sign, term in terms)

    def _product(self, ranges: dict[str, int]) -> Any:
        factors = [(1, self._factor(ranges))]
        while self.tokens and self.tokens[0] not in ("+", "-", ")", "]", ",", ">"):
            divided = self.tokens[0] == "/"
            if self.tokens[0] in ("*", "/"):
                self.tokens.pop(0)
            factors.append((-1 if divided else 1, self._factor(ranges)))
        return lambda at: numpy.prod([factor(at) ** power for power, factor in factors])

    def _factor(self, ranges: dict[str, int]) -> Any:
        token = self.tokens.pop(0)
        if token == "-":
            inside = self._factor(ranges)
            return lambda at: -inside(at)
        if token == "(":
            inside = self._sum(ranges)
            self.tokens.pop(0)
            return inside
        if token == "[":
            low = self._sum(ranges)
            self.tokens.pop(0)
            high = self._sum(ranges)
            self.tokens.pop(0)
            return lambda at: float(low(at) > high(at))
        if token[0].isdigit():
            return lambda at: float(token)
        if token.startswith(("sum_", "max_")):
            return self._over(token, ranges)
        if self.tokens and self.tokens[0] == "(" and hasattr(ag, token):
            self.tokens.pop(0)
            given = [self._sum(ranges)]
            while self.tokens.pop(0) == ",":
                given.append(self._sum(ranges))
            if token == "logsumexp":
                return lambda at: ag.logsumexp([each(at) for each in given])
            return lambda at: getattr(ag, token)(*(each(at) for each in given))
        return self._element(token, ranges)

    def _over(self, token: str, ranges: dict[str, int]) -> Any:
        letters = re.findall(r"[a-z]", token[4:])
        known = {letter: ranges.pop(letter) for letter in letters if letter in ranges}
        assert not known.keys() - {"j"}, token
        inside = self._product(ranges)
        lengths = [ranges.pop(letter) for letter in letters]
        ranges.update(known)
        fold = max if token.startswith("max") else sum
        return lambda at: fold(inside({**at, **dict(zip(letters, p, strict=True))}) for p in product(*map(range, lengths)))

    def _element(self, token: str, ranges: dict[str, int]) -> Any:
        name, places = self._split(token)
        array = numpy.asarray(self.arrays[name])
        assert array.ndim == len(places), token
        read = []
        for place, length in zip(places, array.shape, strict=True):
            letter, shift = _letter(place)
            if letter:
                ranges[letter] = min(ranges.get(letter, length), length - shift)
            read.append((letter, shift))
        return lambda at: array[tuple(at.get(letter, 0) + shift for letter, shift in read)]


def _letter(place: str) -> tuple[str, int]:
    """The letter of an index, and what is added to it when numbers count from 0 on."""
    letter, number = re.fullmatch(r"([a-z]?)(\+?\d*)", place).groups()  # type: ignore[union-attr]
    return letter, int(number or 0) - (not letter)


@pytest.mark.parametrize(
    ("model", "shape", "outputs", "loss"),
    [
        (MLP(2, [2, 1], "sigmoid", output_activation="sigmoid", seed=0), (2,), 0, _network_loss),
        (MLP(3, [4, 5, 3], "relu", seed=0), (3,), 3, _classifier_loss),
        (_Skip(), (3,), 4, _network_loss),
    ],
    ids=["2-2-1", "softmax", "skip connection and shared layer"],
)
def test_read_as_they_stand_the_index_forms_give_the_loss_and_its_gradient(model: Any, shape: Any, outputs: int, loss: Any) -> None:
    X = RNG.normal(size=(4, *shape))
    target = RNG.dirichlet(numpy.ones(outputs), 4) if outputs else RNG.normal(size=4)
    program = trace(loss, model, X[0].tolist(), target[0].tolist())
    parts = re.findall(r"(\w+) = parameters\[(\d+):(\d+)\](?:\.reshape\((\d+), (\d+)\))?", program.source)
    arrays = {"X": X, "Y" if outputs else "y": target, "N": 4.0}
    for name, start, stop, *sides in parts:
        part = program.parameters[int(start) : int(stop)]
        arrays[name] = part.reshape([int(side) for side in sides]) if sides[0] else part
    reader = _Reader(arrays)
    for row in program.equations():
        reader.read(row.index or row.matrix)
    value, gradient = program.loss_and_gradient(X, target)
    assert reader.arrays["C"] == pytest.approx(value, rel=1e-13)
    for name, start, stop, *_ in parts:
        numpy.testing.assert_allclose(
            reader.arrays[f"dC/d{name}"].ravel(), gradient[int(start) : int(stop)], rtol=1e-11, atol=1e-14
        )


def _sigmoid(x: float) -> float:
    return float(1.0 / (1.0 + numpy.exp(-x)))


def test_a_derivative_by_a_number_is_printed_once() -> None:
    rows = trace(lambda x, y: x * y + ag.sin(x), 2.0, 3.0).equations()
    assert [(row.matrix, row.index) for row in rows[1:]] == [("df/dx = cos(x) + y", ""), ("df/dy = x", "")]
    assert all(row.latex_index == "" for row in rows)

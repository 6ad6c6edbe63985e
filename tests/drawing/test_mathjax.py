"""equation() in the real MathJax: whatever a label holds, no formula shows an error.

MathJax comes from npm, at test time, where npm is there and reaches a registry.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd_lite import Value
from autograd_lite.drawing import equation
from autograd_lite.engine.latex import latex_name
from autograd_lite.engine.primitive import Nary
from autograd_lite.engine.primitives import TABLE
from autograd_lite.engine.text import ATOM, POWER, SIGN, SUM, Latex

VERSION = "mathjax-full@3.2.2"
PATIENCE = 120.0  # seconds
# Macros of base and ams alone, as the leanest notebook loads them: an unknown one is an error, and not red text.
SCRIPT = """
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { SerializedMmlVisitor } = require("mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js");
const { STATE } = require("mathjax-full/js/core/MathItem.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
require("mathjax-full/js/input/tex/ams/AmsConfiguration.js");
RegisterHTMLHandler(liteAdaptor());
const page = mathjax.document("", { InputJax: new TeX({ packages: ["base", "ams"] }) });
const visitor = new SerializedMmlVisitor();
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(formulas.map((tex) => visitor.visitTree(page.convert(tex, { end: STATE.CONVERT })))));
"""
Render = Callable[[list[str]], list[str]]


@pytest.fixture(scope="module")
def mathjax(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """LaTeX to MathML."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("MathJax comes from npm, and there is none on the PATH: on Debian, apt-get install npm")
    folder = tmp_path_factory.mktemp("mathjax")
    try:
        command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", VERSION]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install {VERSION} within {PATIENCE:g} s")
    if done.returncode:
        pytest.skip(f"npm does not install {VERSION} here: {done.stderr.strip().splitlines()[-1:]}")
    script = Path(folder, "render.js")
    script.write_text(SCRIPT)

    def render(formulas: list[str]) -> list[str]:
        asked = json.dumps(formulas)
        done = subprocess.run([node, script], cwd=folder, input=asked, capture_output=True, text=True, timeout=PATIENCE, check=True)
        found: list[str] = json.loads(done.stdout)
        return found

    return render


def words(mathml: str) -> str:
    """What a reader sees, without blanks."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]*>", "", mathml))


def test_an_error_is_noticed(mathjax: Render) -> None:
    wrong = [r"\text{a}\textasciitilde{}", "x^{1}^{2}", r"\frac{1}"]
    assert all("merror" in shown for shown in mathjax(wrong))
    assert [words(shown) for shown in mathjax([r"\text{50\%}"])] == [r"50\%"]  # the backslash shows: so signs stand outside


def test_labels_of_all_signs_are_shown(mathjax: Render) -> None:
    signs = [chr(c) for c in range(33, 127)]
    labels = [
        label for c in signs for label in (c, f"q{c}", f"{c}q", f"q{c}2", f"ab{c}c d", c * 3, f"x^{c}", f"x^1_{c}", f"w[{c}]")
    ]
    labels += [
        "z^1_1",
        "w^{l+1}_{jk}",
        "delta^2_1",
        "日本^2",
        "x^",
        "^",
        "a^b^c",
        r"\frac",
        r"a\text{b}",
        "$x$",
        "x^{",
        "_",
        "~~",
        "x" * 300,
    ]
    shown = mathjax([latex_name(label) for label in labels])
    assert [label for label, mathml in zip(labels, shown, strict=True) if "merror" in mathml] == []
    plain = [label for label in labels if not re.search(r"[\\^~_\[{}'<>&*-]|\d|xxx", label)]
    assert [words(mathml) for label, mathml in zip(labels, shown, strict=True) if label in plain] == [
        label.replace(" ", "").replace('"', "&quot;") for label in plain
    ]


def test_powers_of_values_with_indices_have_one_exponent(mathjax: Render) -> None:
    z = Value(2.0, label="z^1_1")
    made = [equation(z**2), equation((z**2) ** 3), equation(z.exp() ** z), equation(z ** (z + 1.0))]
    assert made[0].latex == r"\left(z^{1}_{1}\right)^{2}"
    assert not any("merror" in mathml for mathml in mathjax([formula.latex for formula in made]))


def test_every_primitive_is_shown(mathjax: Render) -> None:
    formulas = {}
    for primitive in (row for row in TABLE.values() if row.public):
        count = primitive.counts[-1] if isinstance(primitive, Nary) else primitive.arity
        assert count is not None
        operands = [Latex("a + b", SUM), Latex("-2", SIGN), Latex("z^{1}_{2}", POWER), *[Latex("d", ATOM)] * 20][:count]
        formulas[primitive.name] = primitive.write(operands).text
    shown = dict(zip(formulas, mathjax(list(formulas.values())), strict=True))
    assert [name for name, mathml in shown.items() if "merror" in mathml] == []

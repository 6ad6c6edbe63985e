"""What all commands share: lines no wider than the terminal, one JSON document, colours, `--open`, and the word that was meant."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from autograd_lite.commands import cli
from autograd_lite.commands.cli import main, parser
from autograd_lite.commands.printing import document, has_colours, judged, styled
from autograd_lite.engine.text import text_width
from tests.processes import REPOSITORY
from tests.torture.command_lines import ended

LONG_NAME = "a_very_long_name_" * 6 + "x"
POINT = ["w=2", "x=0.5", "b=1"]
# A run of every command that gives a result, each well below a second where nothing is drawn.
RUNS: dict[str, list[str]] = {
    "eval": ["eval", "tanh(w*x + b)", *POINT, "--order", "2"],
    "eval of nine": ["eval", "+".join(f"x{i}*x{i + 1}/3" for i in range(8)), *(f"x{i}={-i / 3}" for i in range(9)), "--order", "2"],
    "eval of a long name": ["eval", f"{LONG_NAME}*2", f"{LONG_NAME}=1", "--order", "2"],
    "eval of wide letters": ["eval", "漢*é + e\u0301t", "漢=1", "é=2", "ét=1"],
    "eval of nan": ["eval", "x*y", "x=nan", "y=-inf", "--order", "2"],
    "draw": ["draw", "tanh(w*x + b)*sin(x)", *POINT],
    "draw, deep": ["draw", "sin(" * 40 + "x" + ")" * 40, "x=1"],
    "step": ["step", "tanh(w*x + b)*sin(x)/x", *POINT],
    "step to a page": ["step", "x*x", "x=1", "--save", "s.html"],
    "check": ["check", "x**2 * sin(y)", "x=1", "y=2", "--order", "2"],
    "check, a kink": ["check", "relu(x) + abs(x)", "x=0"],
    "check, long": ["check", f"{LONG_NAME}*2", f"{LONG_NAME}=1"],
    "rounding": ["rounding", "(1 - cos(x)) / x**2", "x=1e-5"],
    "neuron": ["neuron"],
    "neuron, parts": ["neuron", "--steps", "--sweep", "--slow-start", "--published"],
    "equations": ["equations"],
    "equations, texts": ["equations", "--source", "--latex"],
    "equations, larger": ["equations", "--network", "3-4-4-2"],
    "equations, published": ["equations", "--network", "schiendorfer", "--table", "--slow"],
    "xor": ["xor", "--iterations", "3"],
    "xor, film": ["xor", "--film", "--iterations", "2"],
    "moons": ["moons", "--steps", "1", "--points", "4", "--engine", "eager"],
    "fit, list": ["fit", "nist"],
    "fit": ["fit", "nist", "Misra1a", "--start", "2"],
    "train": ["train", "mnist", "--samples", "30", "--epochs", "1", "--hidden", "2"],
    "canon": ["canon", "neuron", "hacker", "2-2-1", "mnist-results"],
    "cache": ["cache"],
}
COMMANDS = "neuron equations xor moons train fit eval draw step check rounding play canon cache".split()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, which takes seconds, and without what the terminal of the tests wants."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "PYTHON_COLORS", "TERM"):
        monkeypatch.delenv(name, raising=False)


def wide_lines(text: str, columns: int) -> list[str]:
    return [line for line in text.splitlines() if text_width(line) > columns]


# ---- widths ------------------------------------------------------------------------------------------------------------------


def test_every_command_is_run_here() -> None:
    assert {words[0] for words in RUNS.values()} | {"play"} == set(COMMANDS) == set(cli._COMMANDS)


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("name", RUNS)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if columns != 80:  # which is what a pipe has
        monkeypatch.setenv("COLUMNS", str(columns))
    code, output, complaint = ended(RUNS[name])
    assert (code, complaint) == (0, "")
    assert output
    assert wide_lines(output, columns) == []
    assert "\x1b" not in output, "a pipe has no colours"


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_help_is_wider_than_the_terminal(command: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, output, _ = ended([*command.split(), "--help"])
    assert code == 0
    assert wide_lines(output, columns) == []
    assert not command or f"\n  autograd-lite {command}" in output, "an example"


def test_an_example_that_is_broken_can_still_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    _, output, _ = ended(["rounding", "--help"])
    assert '  autograd-lite rounding "exp(x)" \\\n      x=700.1 --inputs 1e-16\n      700.1 is no float\n' in output


def test_the_source_that_is_shown_computes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    shown = ended(["equations", "--source"])[1].partition("---\n")[2]
    whole = json.loads(ended(["equations", "--source", "--json"])[1])["source"]["source"]
    import ast

    assert wide_lines(shown, 50) != wide_lines(whole, 50)
    bodies = [
        [ast.dump(node) for node in ast.parse(text).body if not isinstance(node, ast.Expr | ast.FunctionDef)]
        for text in (shown, whole)
    ]
    assert bodies[0] == bodies[1]


# ---- one document ------------------------------------------------------------------------------------------------------------


def refuse(word: str) -> Any:
    raise AssertionError(f"{word} is no JSON")


@pytest.mark.parametrize("name", RUNS)
def test_every_result_is_one_document(name: str) -> None:
    code, output, complaint = ended([*RUNS[name], "--json"])
    assert (code, complaint) == (0, "")
    found = json.loads(output, parse_constant=refuse)
    assert found["command"] == RUNS[name][0]
    assert len(found) > 1
    assert output.isascii()


def test_the_document_has_all_digits_and_texts_for_what_is_no_number() -> None:
    found = json.loads(ended([*RUNS["eval"], "--json"])[1])
    assert found["value"] == 0.9640275800758169
    assert found["gradient"] == {"w": 0.03532541242658224, "x": 0.14130164970632897, "b": 0.07065082485316448}
    assert found["hessian"]["w"]["x"] == found["hessian"]["x"]["w"]
    found = json.loads(ended([*RUNS["eval of nan"], "--json"])[1])
    assert (found["at"], found["value"]) == ({"x": "NaN", "y": "-Infinity"}, "NaN")
    assert [float(text) for text in (found["at"]["y"],)] == [float("-inf")]


def test_the_keys_of_documents_are_those_of_the_page() -> None:
    page = (REPOSITORY / "docs" / "commands.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.MULTILINE)
    assert {name for name, _ in rows} | {"play"} == set(COMMANDS)
    for name, keys in rows:
        found = json.loads(ended([*RUNS[name], "--json"])[1])
        assert list(found) == ["command", *re.findall(r"`(\w+)`", keys)], name


def test_the_keys_of_parts_are_their_flags() -> None:
    def keys(name: str) -> list[str]:
        return list(json.loads(ended([*RUNS[name], "--json"])[1]))

    assert keys("neuron, parts") == ["command", "steps", "sweep", "slow-start", "published", "written"]
    assert keys("fit, list") == ["command", "datasets", "written"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["eval", "1/x", "x=0"], 1, "`1 / x` divides by zero at x = 0.0"),
        (["eval", "2x", "x=0"], 2, "`2x` lacks an operator - write `2*x`\n  2x\n  ^~"),
        (
            ["eval", "x", "--ordr", "2"],
            2,
            "unrecognized arguments: --ordr 2 - did you mean --order? (see autograd-lite eval --help)",
        ),
        (["draw", "x", "x=1", "-o", "no/such.svg"], 1, "no/such.svg: No such file or directory"),
    ],
)
def test_an_error_is_a_document_too(words: list[str], code: int, message: str) -> None:
    assert ended(words)[0] == code
    found, output, complaint = ended([*words, "--json"])
    assert (found, output) == (code, "")
    assert json.loads(complaint) == {"error": message, "code": code}


def test_what_does_not_agree_is_a_document_and_code_1() -> None:
    code, output, complaint = ended(["check", "sin(x*1e300)", "x=1.1", "--json"])
    assert (code, complaint) == (1, "")
    assert json.loads(output)["outcome"] == "inconclusive"


def test_numbers_of_other_libraries_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert json.loads(document({"a": numpy.int64(3), "b": numpy.float64("inf"), "c": Path("x")})) == {
        "a": 3,
        "b": "Infinity",
        "c": "x",
    }


# ---- colours -----------------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"TERM": "xterm"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"PYTHON_COLORS": "0", "FORCE_COLOR": "1"}, False, False),
        ({"PYTHON_COLORS": "1", "NO_COLOR": "1"}, True, True),
    ],
)
def test_colours_are_for_terminals_and_as_python_has_them(
    environment: dict[str, str], terminal: bool, pipe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert (has_colours(Terminal()), has_colours(io.StringIO())) == (terminal, pipe)


def test_headings_verdicts_and_errors_have_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {name: ended(RUNS[name])[1] for name in ("neuron", "xor", "check")}
    monkeypatch.setenv("FORCE_COLOR", "1")
    for name, text in plain.items():
        shown = ended(RUNS[name])[1]
        assert shown != text
        assert re.sub(r"\x1b\[[\d;]*m", "", shown) == text, "nothing but colours is added"
    assert "\x1b[32mright\x1b[0m" in ended(RUNS["xor"])[1]
    assert ended(["eval", "1/x", "x=0"])[2].startswith("\x1b[1;31mautograd-lite:\x1b[0m `1 / x` divides")
    assert "\x1b" not in ended([*RUNS["neuron"], "--json"])[1]
    assert judged("a  disagrees  b right") == "a  \x1b[1;31mdisagrees\x1b[0m  b right"


@pytest.mark.parametrize("words", [["neuron", "--published"], ["check", "x*x", "x=1"], ["eval", "1/x", "x=0"], ["xor", "--help"]])
def test_a_terminal_of_60_columns_has_colours_and_no_wider_line(words: list[str], tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="a terminal needs a Unix system")
    termios = pytest.importorskip("termios", reason="a terminal needs a Unix system")
    reading, writing = pty.openpty()
    termios.tcsetwinsize(writing, (24, 60))
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "TERM": "xterm"}
    subprocess.run(
        [sys.executable, "-m", "autograd_lite", *words],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, stdout=writing, stderr=writing, timeout=240,
    )  # fmt: skip
    os.write(writing, b"end")
    shown = os.read(reading, 100_000).decode().replace("\r\n", "\n")
    for handle in (reading, writing):
        os.close(handle)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)
    assert wide_lines(plain, 60) == []
    assert "--help" in words or plain != shown


def test_a_style_without_colours_is_the_text() -> None:
    assert (styled("a", "heading"), styled("", "good")) == ("a", "")


# ---- --open ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["draw", "x*x", "x=1"], "graph.svg"),
        (["step", "x*x", "x=1"], "steps.html"),
        (["step", "x*x", "x=1", "--save", "s.html"], "s.html"),
        (["neuron", "--quiet"], "neuron-run/index.html"),
        (["xor", "--iterations", "1", "--json"], "xor-run/index.html"),
    ],
)
def test_open_shows_what_was_written(words: list[str], file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    assert ended([*words, "--open"])[::2] == (0, "")
    [address] = opened
    assert address.startswith("file:///")
    assert address.endswith(f"/{file}")
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert ended([*words, "--open"])[::2] == (0, f"no browser opens here: the picture is {file}\n")


def test_the_page_that_opens_has_every_picture_and_links_to_every_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    folder = tmp_path / 'a "quoted" & <b>'
    assert main(["xor", "--iterations", "1", "--quiet", "--open", "--out", str(folder)]) == 0
    page = (folder / "index.html").read_text()
    assert 'src="graph.svg"' in page
    assert 'href="steps.html"' in page
    assert "<b>" not in page


def test_the_browser_of_the_environment_opens(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "BROWSER": "echo OPENED %s"}
    command = [sys.executable, "-m", "autograd_lite", "draw", "x", "x=1", "--open", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"OPENED {(tmp_path / 'graph.svg').as_uri()}\n", "")


# ---- the word that was meant -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["trian", "digits"], "did you mean train?"),
        (["Eval", "x"], "did you mean eval?"),
        (["xor", "--iteratons=5"], "did you mean --iterations?"),
        (["xor", "--init", "unifrm"], "did you mean uniform?"),
        (["train", "digts"], "did you mean digits?"),
        (["canon", "mazr"], "did you mean mazur?"),
        (["equations", "--network", "mazr"], "did you mean mazur?"),
        (["fit", "nist", "thurbr"], "Did you mean Thurber?"),
        (["eval", "sen(x)", "x=1"], "write sin(x)"),
        (["eval", "2*alpha", "alpa=1"], "write alpha=NUMBER, not `alpa`"),
        (["eval", "2*X", "x=1"], "write X=NUMBER, not `x`"),
        (["eval", "2*alpha", "alpha=1", "alpa=1"], "leave it out, or did you mean `alpha`?"),
        (["draw", "alpha", "alpha=1", "--highlight", "alpa"], "did you mean alpha?"),
    ],
)
def test_the_word_that_was_meant_is_told(words: list[str], meant: str) -> None:
    code, output, complaint = ended(words)
    assert (code, output) == (2, "")
    assert meant in complaint


def test_what_is_like_nothing_is_not_guessed() -> None:
    for words in (["zzz"], ["xor", "--zzz"], ["eval", "x", "qqq=1"]):
        assert "did you mean" not in ended(words)[2]


# ---- names of files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["steps", "y.svg", "y.html.gz", ".", "a.HTM.txt"])
def test_a_page_is_not_written_under_another_name(name: str) -> None:
    code, output, complaint = ended(["step", "x*x", "x=1", "--save", name])
    assert (code, output) == (2, "")
    assert "its name must end in one of .html, .htm" in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("name", ["a.html", "a.HTM", "b c.Html"])
def test_the_case_of_an_ending_is_free(name: str) -> None:
    assert ended(["step", "x*x", "x=1", "--save", name]) == (0, f"wrote {name}\n", "")


def test_what_to_write_instead_is_said() -> None:
    assert ended(["step", "x", "x=1", "--save", "steps"])[2].endswith(" - write 'steps.html'\n")
    assert ended(["draw", "x", "x=1", "-o", "a"])[2].endswith("must end in one of .svg, .png, .pdf, .dot, .html\n")


# ---- the end -----------------------------------------------------------------------------------------------------------------


def run_shell(shell: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    program = shell.replace("autograd-lite", f'"{sys.executable}" -m autograd_lite')
    return subprocess.run(["bash", "-c", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize("command", ["--help", "equations --source", "eval x x=1 --json"])
def test_a_pipe_that_nobody_reads_is_quiet(command: str, tmp_path: Path) -> None:
    done = run_shell(f"autograd-lite {command} | true; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert done.stderr == ""
    assert done.stdout in ("0\n", "1\n")


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_is_one_line_wherever_it_comes(as_json: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd_lite.commands.cli.parser", stopped)
    code, output, complaint = ended(["eval", "x", *(["--json"] if as_json else [])])
    assert (code, output) == (130, "")
    assert json.loads(complaint) == {"error": "stopped", "code": 130} if as_json else complaint == "stopped\n"


def loaded_by(words: Sequence[str]) -> set[str]:
    text = f"import sys; from autograd_lite.commands.cli import main; main({list(words)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", text], cwd=REPOSITORY, capture_output=True, text=True, timeout=240)
    return set(done.stderr.split())


def test_a_value_is_printed_without_what_draws_it() -> None:
    loaded = loaded_by(["eval", "x*x", "x=1"])
    assert "autograd_lite.commands.evaluate" in loaded
    assert not loaded & {"json", "numpy", "webbrowser", "autograd_lite.plotting", "autograd_lite.drawing", "autograd_lite.stepping"}


def test_exit_codes_are_in_the_help() -> None:
    text = " ".join(parser().format_help().split())
    for told in (
        "0 done;",
        "1 the computation failed",
        "2 the arguments are wrong",
        "130 stopped by Ctrl-C",
        "NO_COLOR",
        "FORCE_COLOR",
    ):
        assert told in text

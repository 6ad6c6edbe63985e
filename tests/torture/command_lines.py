"""Command lines, sound, unsound and hostile: each ends with code 0, 1, 2 or 130 and at most a few lines on standard error."""

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Sequence
from random import Random

from autograd_lite.commands.cli import main
from autograd_lite.functions import scalar_functions
from autograd_lite.systems.canon import EXAMPLES, LONG

from .cases import Case, generator

FUNCTIONS = sorted(scalar_functions())
NAMES = ["x", "y", "w1", "é", "alpha_beta", "pi", "lambda", "__import__", "if", "ϕ", "x\u0301", "ﬁ", "\U0001d431"]
NUMBERS = (
    "0 1 2 3 0.5 -1 1e308 1e-320 5e-324 1e999 1_000 0x10 0b2 007 9**9 9**9**9 1j inf nan .5 5. 1e 00 -0.0 "
    "123456789012345678901234567890"
).split()
OPERATORS = ["+", "-", "*", "/", "**", "+", "-", "*", "//", "^", "%", "@", "=", "==", "<", ",", " ", ":=", ";"]
STRANGERS = [
    "",
    " ",
    "\0",
    "\n",
    "\t",
    "\udc80",
    "\ud800",
    "\u202e",
    "🦀",
    "'",
    '"',
    "\\",
    "`",
    "$(id)",
    "%n",
    "{0}",
    "-",
    "--",
    "=",
    "\U0001d7d9",
]
PATHS = [  # all of them below the folder at hand, which is a temporary one
    "out.svg",
    "out.dot",
    "out.html",
    "out",
    "no/such/out.svg",
    ".",
    "",
    "\0.svg",
    "\udc80.svg",
    "x" * 300 + ".svg",
    "é ü.svg",
    "no\nsuch.svg",
]
EXPRESSED = {
    "eval": {"--order": ["0", "1", "2", "3", "x", ""]},
    "draw": {"-o": PATHS, "--highlight": NAMES, "--quiet": None},
    "step": {"--save": [*PATHS, "steps.html"]},
    "check": {"--order": ["1", "2", "3", "-1"]},
}
COUNTS = ["1", "2", "0", "-1", "1.5", "x", "", "9" * 5000]
RATES = ["0.1", "1e308", "0", "-1", "nan", "inf", "1e-320", "x"]
SEEDS = ["0", "7", "9" * 40, "-1", "x"]
OTHERS = {
    "xor": {
        "--iterations": COUNTS,
        "--lr": RATES,
        "--seed": SEEDS,
        "--hidden": COUNTS,
        "--init": ["normal", "zeros"],
        "--out": PATHS,
    },
    "moons": {"--steps": COUNTS, "--points": COUNTS, "--noise": RATES, "--lr": RATES, "--seed": SEEDS, "--out": PATHS},
    "neuron": {"--out": PATHS, "--seed": SEEDS, "--quiet": None, "--published": None},
    "equations": {"--out": PATHS, "--quiet": None},
    "fit": {"--start": ["1", "2", "3"], "--out": PATHS, "--quiet": None},
    "canon": {"--quick": None, "--mnist": PATHS},
    "train": {"--epochs": COUNTS, "--samples": COUNTS, "--hidden": COUNTS, "--lr": RATES, "--data": PATHS, "--out": PATHS},
}
FIRST = {
    "fit": ["nist", "nist Misra1a", "nist misra1a", "nist \udc80", "else", ""],
    "canon": [*(name for name in EXAMPLES if name not in LONG), "else", "\udc80"],
    "train": ["synthetic --samples 9 --epochs 1", "mnist --samples 9", "else"],  # all of them would take minutes
}


def expression(random: Random, depth: int = 3) -> str:
    """Arithmetic, mostly sound."""
    way = random.random()
    if depth == 0 or way < 0.25:
        return random.choice(NAMES[:2]) if random.random() < 0.5 else random.choice(NUMBERS if random.random() < 0.6 else NAMES)
    if way < 0.5:
        name = random.choice(FUNCTIONS) if random.random() < 0.95 else random.choice(["eval", "open", "x"])
        return f"{name}({', '.join(expression(random, depth - 1) for _ in range(random.choice([1, 1, 1, 2, 2, 3, 0])))})"
    if way < 0.6:
        return f"({expression(random, depth - 1)})"
    if way < 0.65:
        return f"-{expression(random, depth - 1)}"
    sign = random.choice(OPERATORS[:8] if random.random() < 0.95 else OPERATORS)
    return f"{expression(random, depth - 1)}{sign}{expression(random, depth - 1)}"


def spoiled(text: str, random: Random) -> str:
    """The text with a few letters taken out, doubled, or strangers put in."""
    for _ in range(random.choice([0, 0, 0, 0, 0, 0, 1, 1, 3])):
        place = random.randrange(len(text) + 1)
        way = random.randrange(3)
        text = text[:place] + (random.choice(STRANGERS) if way == 0 else text[place : place + 5] * (way - 1)) + text[place + way :]
    return text


def command_line(random: Random) -> list[str]:
    """The words after the program's name: mostly an expression with a number for each of its names."""
    way = random.random()
    if way < 0.03:
        return [random.choice(["", "--version", "--help", "learn", *STRANGERS]) for _ in range(random.randrange(3))]
    if way < 0.9:
        command = random.choice(list(EXPRESSED))
        text = spoiled(expression(random), random)
        words = [command, text]
        for name in dict.fromkeys(re.findall(r"[^\W\d]\w*", text)):
            if name not in FUNCTIONS and random.random() < 0.97:
                words.append(
                    spoiled(f"{name}={random.choice(NUMBERS if random.random() < 0.5 else ['0.5', '2', '-1.25'])}", random)
                )
        return words + _options(random, EXPRESSED[command])
    command = random.choice(list(OTHERS))
    first = random.choice(FIRST[command]).split(" ") if command in FIRST else []
    return [command, *first, *_options(random, OTHERS[command]), *(["--help"] if random.random() < 0.1 else [])]


def _options(random: Random, known: dict[str, list[str] | None]) -> list[str]:
    words = []
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        name = random.choice(list(known))
        choices = known[name]
        words += [name] if choices is None else [name, random.choice(choices)] if random.random() < 0.95 else [name]
    return words + [random.choice(STRANGERS)] * (random.random() < 0.02)


def is_quick(words: Sequence[str]) -> bool:
    """Whether the command computes an expression, or nothing at all; the others train, fit and draw for seconds."""
    return not words or words[0] not in OTHERS


class Closed(io.TextIOWrapper):
    """Standard output and error as a process has them: text over bytes, and strict about letters."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), "utf-8", write_through=True)

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def ended(words: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, output and complaint of a command in this process, in a folder of its own."""
    before, output, complaint = os.getcwd(), Closed(), Closed()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(output), contextlib.redirect_stderr(complaint):
        os.chdir(folder)
        try:
            code = main(words)
        except SystemExit as stop:  # argparse's way
            code = int(stop.code or 0)
        finally:
            os.chdir(before)
    return code, output.text(), complaint.text()


def check(words: Sequence[str]) -> None:
    """Holds a command to its promises.

    Raises:
        AssertionError: if it ends with another code, with a traceback, without a word, or with many.
    """
    code, output, complaint = ended(words)
    lines = complaint.splitlines()
    assert code in (0, 1, 2), f"exit code {code}"
    assert "Traceback" not in complaint, complaint
    if code == 2:
        assert lines and lines[0].startswith("autograd-lite"), complaint
        assert len(lines) == 1 or (len(lines) == 3 and set(lines[2].strip()) <= {"^", "~"}) or "MNIST" in complaint, complaint
        assert output == ""
    if code == 1 and words[0] != "check":
        assert lines or "other than expected" in output or "agree" in output, "it failed without a word"
    if code == 0:
        assert output or "--quiet" in words


@generator("command lines about expressions")
def quick_commands(case: Case) -> None:
    for _ in range(20):
        words = command_line(case.random)
        if is_quick(words):
            case.note(f"autograd_lite.commands.cli.main({words!r})")
            check(words)


@generator("command lines", apart=True, limit=120.0)
def commands(case: Case) -> None:
    words = command_line(case.random)
    case.note(f"autograd_lite.commands.cli.main({words!r})")
    check(words)

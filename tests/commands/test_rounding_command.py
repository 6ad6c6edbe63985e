"""`autograd-lite rounding`: the digits of an expression's value."""

import pytest

from autograd_lite.commands.cli import main


def test_it_prints_the_digits_and_what_lost_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rounding", "(1 - cos(x)) / x**2", "x=1e-5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.pop(1) == "  5 of 16 digits are certain"  # the first line would be too long with it
    assert lines[1] == "  `1 - cos(x)`  cancellation, 10 of 16 digits lost"


def test_inputs_may_be_uncertain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rounding", "x", "x=0.1"]) == 0
    assert main(["rounding", "exp(x)", "x=700", "--inputs", "1e-10"]) == 0
    exact, uncertain = capsys.readouterr().out.split("\n", 1)
    assert exact == "0.1 is exact"
    assert "7 of 16 digits are certain" in uncertain and "`x`       uncertain as given" in uncertain


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["x", "x=1", "--inputs", "-1"], "an uncertainty is a finite number from 0 on, got -1.0"),
        (["x", "x=1", "--inputs", "nan"], "an uncertainty is a finite number"),
    ],
)
def test_what_it_cannot_do_is_one_line(words: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rounding", *words]) == 2
    said = capsys.readouterr()
    assert text in said.err and said.err.count("\n") == 1 and not said.out

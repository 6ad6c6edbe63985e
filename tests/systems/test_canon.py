"""Worked examples that teachers have published: numbers that nobody here wrote, each with its source.

The numbers are data of `autograd_lite.systems.canon`, which the command `autograd-lite canon` prints too. Where a published figure is
wrong, both are there: the figure, by doing what its author did, and the right one, by the engine.
"""

import argparse
import gzip
import math
import struct
from functools import cache
from pathlib import Path

import numpy
import pytest

import autograd_lite as ag
from autograd_lite.commands import canon as command
from autograd_lite.systems.canon import EXAMPLES, LONG, Example, Figure, mnist_files
from autograd_lite.systems.canon.networks import MAZUR_INPUTS, MAZUR_TARGETS, MAZUR_WEIGHTS, mazur_by_formulas, mazur_network
from autograd_lite.systems.canon.xor_runs import engine_gap

example_of = cache(lambda name: EXAMPLES[name]())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_is_what_it_should_be(name: str) -> None:
    example = example_of(name)
    assert example.source
    assert example.figures
    for figure in example.figures:
        assert figure.published_agrees, f"{figure}: published {figure.published}"
        assert figure.exact_agrees, f"{figure}: exact {figure.exact!r}"
        assert figure.published or figure.exact is not None
        assert figure.computed is not None or name == "mnist-results"
    assert example


def test_the_canon_is_complete() -> None:
    """As many published and exact numbers as there were when it was written; more are welcome, fewer are not."""
    found = [figure for name in EXAMPLES for figure in example_of(name).figures]
    assert len(found) >= 118
    assert sum(bool(figure.published) for figure in found) >= 83
    assert sum(figure.exact is not None for figure in found) >= 75


@pytest.mark.parametrize("name", ["2-2-1", "mazur", "mazur-trained"])
def test_errata_are_explained_and_are_errata(name: str) -> None:
    """The published number is what the author's way gives, and is not what is right."""
    example = example_of(name)
    assert "updated" in example.erratum
    wrong = [figure for figure in example.figures if figure.is_erratum]
    assert any(abs(figure.computed - float(figure.published)) > figure.tolerance for figure in wrong)
    for figure in example.figures:
        if "hidden delta" in figure.name or "10,000" in figure.name or "after 1 step" in figure.name:
            assert not figure.published or abs(figure.computed - float(figure.published)) > figure.tolerance


@pytest.mark.parametrize("through_updated", [False, True])
def test_the_formulas_of_mazurs_run_are_the_engines(through_updated: bool) -> None:
    """Twenty steps by the engine's gradients, with the slip put in by hand or not."""
    w = list(MAZUR_WEIGHTS)
    for _ in range(20):
        slopes = ag.grad(lambda v: mazur_network(v)[0])(w)
        if through_updated:
            updated = [weight - 0.5 * slope for weight, slope in zip(w[4:], slopes[4:], strict=True)]
            _, hidden, outputs = mazur_network(w)
            deltas = [(o - t) * o * (1 - o) for o, t in zip(outputs, MAZUR_TARGETS, strict=True)]
            back = [deltas[0] * updated[j] + deltas[1] * updated[2 + j] for j in (0, 1)]
            slopes[:4] = [back[j] * hidden[j] * (1 - hidden[j]) * MAZUR_INPUTS[i] for j in (0, 1) for i in (0, 1)]
        w = [weight - 0.5 * slope for weight, slope in zip(w, slopes, strict=True)]
    assert mazur_network(w)[0] == pytest.approx(mazur_by_formulas(20, through_updated)[0], rel=1e-13)


def test_the_engine_trains_as_numpy_does() -> None:
    random = numpy.random.default_rng(7)
    for width in (1, 2, 5):
        w1, w2 = random.uniform(-1, 1, (3, width)), random.uniform(-1, 1, (width, 1))
        assert engine_gap(w1, w2, steps=30) < 1e-12


# ---- figures -----------------------------------------------------------------------------------------------------------------


def test_a_figure_that_is_off_is_noticed() -> None:
    assert Figure("f", "0.73", 0.731, 0.731)
    assert not Figure("f", "0.74", 0.731)
    assert not Figure("f", "", 0.731, 0.731 + 1e-12)
    assert not Figure("f", "0.73", 0.731, by_author=0.74)
    assert Figure("f", "1.53", None, 1.5)
    assert not Example("f", "here", (Figure("f", "1", 2.0),))


@pytest.mark.parametrize(("text", "tolerance"), [("-.0406", 6e-5), ("-2.406e-3", 6e-7), ("200", 0.6), ("0.0000351085", 6e-11)])
def test_a_published_number_is_trusted_to_its_last_place(text: str, tolerance: float) -> None:
    assert math.isclose(Figure("f", text, 0.0).tolerance, tolerance)


# ---- MNIST -------------------------------------------------------------------------------------------------------------------


def _write_labels(folder: Path, part: str, labels: list[int], packed: bool) -> None:
    content = struct.pack(">ii", 2049, len(labels)) + bytes(labels)
    name = f"{part}-labels-idx1-ubyte"
    (folder / f"{name}.gz").write_bytes(gzip.compress(content)) if packed else (folder / name).write_bytes(content)


def _labels(counts: list[int], first: list[int]) -> list[int]:
    left = [count - first.count(digit) for digit, count in enumerate(counts)]
    return [*first, *(digit for digit, count in enumerate(left) for _ in range(count))]


def test_mnist_labels_are_counted(tmp_path: Path) -> None:
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    _write_labels(tmp_path, "train", _labels(train, [5, 0, 4, 1, 9]), packed=True)
    _write_labels(tmp_path, "t10k", _labels(test, [7, 2, 1, 0, 4]), packed=False)
    assert mnist_files(tmp_path)
    assert _run("--quick", "--mnist", str(tmp_path), "neuron") == 0
    _write_labels(tmp_path, "t10k", _labels([981, *test[1:]], [7, 2, 1, 0, 4]), packed=False)
    assert not mnist_files(tmp_path)
    assert _run("--mnist", str(tmp_path), "neuron") == 1


def test_a_file_that_is_no_label_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        mnist_files(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"hello")
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte: byte 0: "):
        mnist_files(tmp_path)


# ---- the command -------------------------------------------------------------------------------------------------------------


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser.add_subparsers())
    options = parser.parse_args(["canon", *words])
    return options.run(options)


def test_the_command_prints_published_exact_and_computed(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("neuron", "2-2-1") == 0
    printed = capsys.readouterr().out
    assert "  f        0.73       0.7310585786300049    0.7310585786300049\n" in printed
    assert "-2.406e-3  -0.0026544890308847417" in printed
    assert "* as the author did: -0.002406463468" in printed
    assert "* erratum: the error was sent back through output weights" in printed
    assert printed.endswith("20 figures, none other than expected\n")


def test_the_command_can_be_quick(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--quick") == 0
    printed = capsys.readouterr().out
    for name in set(EXAMPLES) - set(LONG):
        assert EXAMPLES[name]().title in printed
    assert "iamtrask" not in printed


def test_the_command_refuses_unknown_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _run("nobody")
    assert "no example is named 'nobody'; there are neuron, circuits" in capsys.readouterr().err

"""Two moons: the system and its command."""

import json
import math
from xml.etree import ElementTree

import numpy
import pytest

from autograd_lite import Value, hinge, total
from autograd_lite.commands.cli import main
from autograd_lite.datasets import moons as two_moons
from autograd_lite.optim import SGD
from autograd_lite.plotting.regions import regions
from autograd_lite.systems import moons
from tests.modules import numbers_of


def test_all_moons_are_told_apart_after_a_hundred_steps():
    data = two_moons(100, 0.1, seed=0)
    model = moons.network(seed=0)
    history = moons.train(model, data)
    assert moons.accuracy(model, data) == 1.0
    assert history.costs[-1] + moons.penalty(model) < 0.02
    assert len(history.costs) == 100


def test_a_step_is_one_on_the_penalised_cost_at_the_falling_rate():
    data = two_moons(12, 0.1, seed=1)
    model, by_hand = moons.network([5], seed=2), moons.network([5], seed=2)
    moons.train(model, data, steps=3)
    for step in range(3):
        optimizer = SGD(by_hand.parameters(), 1.0 - 0.9 * step / 3)
        optimizer.zero_grad()
        losses = [hinge(by_hand(x), int(t)) for x, t in zip(data.inputs.tolist(), data.targets, strict=True)]
        (total(losses) / 12 + 1e-4 * total([p * p for p in by_hand.parameters()])).backward()
        optimizer.step()
    assert numpy.allclose(numbers_of(model), numbers_of(by_hand), rtol=1e-12, atol=1e-14)
    assert math.isclose(moons.penalty(model), 1e-4 * sum(p.data**2 for p in by_hand.parameters()), rel_tol=1e-12)


def test_scores_are_those_of_the_network_from_below_and_from_the_left():
    data, model = two_moons(30), moons.network([4], seed=1)
    found, (left, right, bottom, top) = moons.scores(model, data, size=5)
    for row, y in enumerate(numpy.linspace(bottom, top, 5)):
        for column, x in enumerate(numpy.linspace(left, right, 5)):
            assert found[row, column] == model([float(x), float(y)]).data
    assert left < data.inputs[:, 0].min() < data.inputs[:, 0].max() < right


def test_regions_are_drawn_also_where_all_scores_are_alike():
    points, targets = numpy.zeros((2, 2)), numpy.array([-1.0, 1.0])
    for scores in (numpy.zeros((3, 3)), numpy.ones((3, 3)), numpy.arange(9.0).reshape(3, 3) - 4.0):
        assert regions(scores, (0.0, 1.0, 0.0, 1.0), points, targets, "flat").title == "flat"


# ---- the command -------------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_network_the_history_and_the_pictures(tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["moons", "--points", "20", "--steps", "10", "--seed", "3", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "MLP(2 -> 16 relu -> 16 relu -> 1 linear, 337 parameters) on 20 points" in printed
    assert "right after 10 steps" in printed
    names = sorted(path.name for path in out.iterdir())
    assert names == ["boundary.png", "boundary.svg", "cost.png", "cost.svg", "history.json", "model.json"]
    assert all(f"{out / name}" in printed for name in names)
    ElementTree.fromstring((out / "boundary.svg").read_text())
    record = json.loads((out / "history.json").read_text())
    assert record["settings"] == {"seed": 3, "points": 20, "noise": 0.1, "steps": 10, "lr": 1.0}
    assert len(record["epochs"]) == 10
    model = moons.network()
    model.load(out / "model.json")
    assert isinstance(model([0.0, 0.0]), Value)


def test_the_command_gives_the_same_bytes_for_the_same_seed_and_prints_nothing_when_quiet(tmp_path, capsys):
    for name in ("a", "b"):
        assert main(["moons", "--points", "10", "--steps", "3", "--quiet", "--out", str(tmp_path / name)]) == 0
    assert capsys.readouterr() == ("", "")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize("arguments", [["--points", "0"], ["--noise", "-1"], ["--lr", "nan"], ["--engine", "steam"]])
def test_bad_arguments_are_one_line_and_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["moons", *arguments])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1

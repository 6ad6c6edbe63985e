"""`autograd-lite train`: what it writes, how it goes on, and how it refuses."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy
import pytest

from autograd_lite.commands.cli import main
from autograd_lite.datasets import synthetic_mnist, write_idx
from autograd_lite.datasets.synthetic import synthetic_images
from autograd_lite.plotting.classes import class_frequencies, confusion_matrix
from autograd_lite.plotting.pictures import contact_sheet, one_picture
from autograd_lite.systems import digits
from autograd_lite.training import load_matrices, read_checkpoint
from tests.modules import numbers_of
from tests.processes import REPOSITORY

CHARTS = ("accuracy", "classes", "confusion", "cost", "digit", "sheet")
SHORT = ("--epochs", "2", "--hidden", "6", "--samples", "100")


@pytest.fixture
def mnist_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part, count, seed in (("train", 240, 0), ("t10k", 40, 1)):
        images, labels = synthetic_images(count, seed)
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture
def without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is missing; drawing takes longer than learning a little."""
    monkeypatch.setattr("autograd_lite.commands.report.available", lambda: False)


def record(folder: Path) -> dict:
    return json.loads((folder / "history.json").read_text())


# ---- what it writes ----------------------------------------------------------------------------------------------------------


def test_digits_are_learned_and_everything_is_written(tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["train", "digits", "--epochs", "8", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "MLP(64 -> 32 relu -> 10 linear, 2,410 parameters)" in printed
    assert "learns from 1,258 pictures, validated on 180" in printed
    share = float(re.search(r"test pictures \d+ are right, (\S+) %", printed)[1])
    assert share > 93.0
    written = {path.name for path in out.iterdir()}
    assert written >= {"model.json", "history.json", "checkpoint.npz", *(f"{name}.svg" for name in CHARTS)}
    assert all((out / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in CHARTS)
    for path in out.glob("*.svg"):
        ElementTree.fromstring(path.read_text())
    assert all(str(out / name) in printed for name in written)
    found = record(out)
    assert found["settings"] == {
        "set": "digits", "hidden": [32], "optimizer": "momentum", "lr": None, "seed": 0, "epochs": 8, "batch_size": 16,
    }  # fmt: skip
    assert len(found["epochs"]) == 8
    assert len(found["batches"]["cost"]) == 8 * found["batches_per_epoch"]
    model = digits.network(64, [32])
    model.load(out / "model.json")
    verdict = digits.judge(model, digits.load("digits").test)
    assert abs(100.0 * verdict.accuracy - share) < 0.01


@pytest.mark.usefixtures("without_charts")
def test_mnist_is_learned_from_its_files_and_a_large_network_is_written_as_matrices(tmp_path, mnist_folder, capsys, monkeypatch):
    monkeypatch.setattr("autograd_lite.commands.train._READABLE", 1000)
    out = tmp_path / "run"
    assert main(["train", "mnist", "--data", str(mnist_folder), "--epochs", "3", "--hidden", "12", "8", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "MLP(784 -> 12 relu -> 8 relu -> 10 linear" in printed
    assert "learns from 220 pictures, validated on 20" in printed
    assert "Of 40 test pictures" in printed
    model = digits.network(784, [12, 8], seed=5)
    load_matrices(model, out / "model.npz")
    assert sorted(numbers_of(model)) == sorted(read_checkpoint(out / "checkpoint.npz").parameters.tolist())


def test_the_same_seed_gives_the_same_bytes_and_quiet_prints_nothing(tmp_path, capsys):
    for name in ("a", "b"):
        assert main(["train", "digits", *SHORT, "--seed", "1", "--quiet", "--out", str(tmp_path / name)]) == 0
    assert capsys.readouterr() == ("", "")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


@pytest.mark.usefixtures("without_charts")
def test_options_matter(tmp_path):
    costs = set()
    for number, options in enumerate(
        (["--seed", "1"], ["--seed", "2"], ["--lr", "0.01"], ["--optimizer", "adam"], ["--optimizer", "sgd"], ["--batch-size", "7"])
    ):
        assert main(["train", "digits", *SHORT, "--quiet", *options, "--out", str(tmp_path / str(number))]) == 0
        costs.add(record(tmp_path / str(number))["batches"]["cost"][-1])
    assert len(costs) == 6


@pytest.mark.usefixtures("without_charts")
def test_both_engines_write_the_same_history_up_to_rounding(tmp_path):
    for engine in ("eager", "program"):
        assert main(["train", "digits", *SHORT, "--quiet", "--engine", engine, "--out", str(tmp_path / engine)]) == 0
    costs = [record(tmp_path / engine)["batches"]["cost"] for engine in ("eager", "program")]
    assert numpy.allclose(*costs, rtol=1e-11)


@pytest.mark.usefixtures("without_charts")
def test_where_matplotlib_is_missing_curves_are_lines_of_text(tmp_path, capsys):
    assert main(["train", "digits", *SHORT, "--out", str(tmp_path / "run")]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"training, means? .*[▁▂▃▄▅▆▇█]{5,}|training +[▁▂▃▄▅▆▇█]{5,}", printed)
    assert not list((tmp_path / "run").glob("*.svg"))


# ---- stopping and going on ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("without_charts")
@pytest.mark.usefixtures("without_charts")  # in this process; the interrupted one draws them
def test_ctrl_c_keeps_what_was_learned_and_resume_goes_on_to_the_same_bytes(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-u", "-m", "autograd_lite", "train", "digits", "--epochs", "40", "--out"]
    running = subprocess.Popen(
        [*command, "run"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert any(line.startswith("epoch") for line in running.stdout)
    running.send_signal(signal.SIGINT)
    rest, complaint = running.communicate(timeout=240)
    assert (running.returncode, complaint.strip()) == (130, "stopped")
    assert "--resume" in rest
    stopped = record(tmp_path / "run")
    assert 0 < len(stopped["batches"]["cost"]) < 40 * stopped["batches_per_epoch"]
    model = digits.network(64, [32])
    model.load(tmp_path / "run" / "model.json")
    assert sorted(numbers_of(model)) == sorted(read_checkpoint(tmp_path / "run" / "checkpoint.npz").parameters.tolist())
    for name, options in (("run", ["--resume"]), ("whole", [])):
        assert main(["train", "digits", "--epochs", "40", "--quiet", "--out", str(tmp_path / name), *options]) == 0
    for path in (tmp_path / "whole").iterdir():
        assert (tmp_path / "run" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.usefixtures("without_charts")
def test_resume_without_a_checkpoint_starts_anew(tmp_path):
    assert main(["train", "digits", *SHORT, "--quiet", "--resume", "--out", str(tmp_path / "run")]) == 0
    assert len(record(tmp_path / "run")["epochs"]) == 2


@pytest.mark.usefixtures("without_charts")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lr", "0.5"], "its lr is None, this one's 0.5"),
        (["--seed", "3"], "its seed is 0, this one's 3"),
        (["--hidden", "7"], "hidden"),
    ],
)
def test_resuming_another_run_is_refused_with_one_line(tmp_path, capsys, options, message):
    arguments = ["train", "digits", *SHORT, "--quiet", "--out", str(tmp_path / "run")]
    assert main(arguments) == 0
    kept = (tmp_path / "run" / "history.json").read_bytes()
    assert main([*arguments, "--resume", *options]) == 1
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1
    assert (tmp_path / "run" / "history.json").read_bytes() == kept


# ---- how it refuses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["letters"],
        ["digits", "--epochs", "0"],
        ["digits", "--lr", "-1"],
        ["digits", "--optimizer", "luck"],
        ["digits", "--hidden"],
    ],
)
def test_bad_arguments_are_one_line_and_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["train", *arguments])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.usefixtures("without_charts")
@pytest.mark.usefixtures("without_charts")
def test_real_digits_are_learned_with_no_data_and_all_of_them_are_named(tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["train", "mnist", "--hidden", "30", "--epochs", "8", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "learns from 1,833 pictures, validated on 167" in printed
    assert "--data DIR learns from all 60,000" in printed
    assert "t10k-labels-idx1-ubyte.gz" in printed
    assert "true 9" in printed
    right = int(re.search(r"Of 500 test pictures (\d+) are right", printed)[1])
    assert right >= 425  # 85 %; 784-500-400-10 with all 30 epochs is right on 96.20 %
    assert json.loads((out / "history.json").read_text())["settings"]["set"] == "mnist-sample"


@pytest.mark.usefixtures("without_charts")
def test_settings_say_how_the_sample_was_learned_and_the_test_result_stands_beside_them(tmp_path):
    few = ["train", "mnist", "--hidden", "3", "--epochs", "1", "--samples", "30", "--held-back", "0", "--quiet"]
    expected = {"set": "mnist-sample", "hidden": [3], "optimizer": "momentum", "lr": None, "seed": 0, "epochs": 1, "batch_size": 64}
    told = {"eager": {"shift": 1}, "program": {"dtype": "float32", "shift": 1}, "as they are": {"dtype": "float32"}}
    options = {"eager": ["--engine", "eager"], "program": [], "as they are": ["--shift", "0"]}
    costs = {}
    for name, more in options.items():
        assert main([*few, *more, "--out", str(tmp_path / name)]) == 0
        found = record(tmp_path / name)
        assert found["settings"] == expected | told[name] | {"held_back": 0}
        assert (found["test"]["pictures"], numpy.array(found["test"]["confusion"]).trace()) == (500, found["test"]["right"])
        assert found["epochs"][0].keys() == {"cost", "accuracy"}
        costs[name] = found["batches"]["cost"]
    assert numpy.allclose(costs["eager"], costs["program"], rtol=1e-5)
    assert not numpy.allclose(costs["as they are"], costs["program"], rtol=1e-5)


@pytest.mark.usefixtures("without_charts")
def test_what_was_learned_from_the_sample_is_not_gone_on_with_from_all_of_mnist(tmp_path, mnist_folder, capsys):
    arguments = ["train", "mnist", "--hidden", "3", "--epochs", "1", "--quiet", "--out", str(tmp_path / "run")]
    assert main(arguments) == 0
    assert main([*arguments, "--data", str(mnist_folder), "--resume"]) == 1
    assert "mnist-sample" in capsys.readouterr().err


def test_a_missing_and_a_damaged_file_are_named(tmp_path, mnist_folder, capsys):
    arguments = ["train", "mnist", "--data", str(mnist_folder), "--out", str(tmp_path / "run")]
    (mnist_folder / "train-labels-idx1-ubyte.gz").write_bytes(b"\0\0\x08\x01\0\0\0\x05abc")
    assert main(arguments) == 1
    assert "train-labels-idx1-ubyte.gz: byte 11: the file ends here" in capsys.readouterr().err
    (mnist_folder / "train-labels-idx1-ubyte.gz").unlink()
    assert main(arguments) == 1
    complaint = capsys.readouterr().err
    assert "has no train-labels-idx1-ubyte" in complaint
    assert "https://" in complaint
    assert not (tmp_path / "run").exists()


def test_a_missing_scikit_learn_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert main(["train", "digits", "--out", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err == ('autograd-lite: the 8x8 digits come with scikit-learn: pip install "autograd_lite[data]"\n')


def test_a_picture_that_is_not_there_is_refused_before_training(tmp_path, capsys):
    assert main(["train", "digits", "--samples", "50", "--show", "50", "--out", str(tmp_path / "run")]) == 1
    assert "there is no training picture 50 to show: there are 50, from 0" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_training_that_diverges_is_one_line(tmp_path, capsys):
    arguments = ["train", "digits", *SHORT, "--optimizer", "sgd", "--lr", "1e200", "--quiet", "--out", str(tmp_path / "run")]
    assert main(arguments) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_help_says_where_mnist_goes_and_loads_no_numpy():
    program = "import sys; from autograd_lite.commands import moons, train; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "False"
    done = subprocess.run(
        [sys.executable, "-m", "autograd_lite", "train", "--help"], capture_output=True, text=True, cwd=REPOSITORY
    )
    assert "train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz" in done.stdout


# ---- the system --------------------------------------------------------------------------------------------------------------


def test_the_confusion_matrix_counts_every_answer_once():
    rng = numpy.random.default_rng(0)
    labels, answers = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    matrix = digits.confusion(labels, answers, 4)
    assert matrix.sum() == 200
    assert matrix.tolist() == [[int(((labels == i) & (answers == j)).sum()) for j in range(4)] for i in range(4)]


def test_the_worst_mistakes_come_first_and_are_mistakes():
    data = synthetic_mnist(60, seed=1)
    model = digits.network(784, [4], seed=1)
    verdict = digits.judge(model, data)
    assert len(verdict.mistakes) == 60 - int(verdict.confusion.trace())
    costs = [mistake.cost for mistake in verdict.mistakes]
    assert costs == sorted(costs, reverse=True)
    for mistake in verdict.mistakes:
        logits = [output.data for output in model(data.inputs[mistake.place].tolist())]
        assert (mistake.truth, mistake.answer) == (data.labels[mistake.place], logits.index(max(logits)))
        assert mistake.truth != mistake.answer


def test_the_parts_of_a_set_share_no_picture():
    parts = digits.load("synthetic", seed=1, samples=200)
    pictures = [{row.tobytes() for row in part.inputs} for part in (parts.training, parts.validation, parts.test)]
    assert [len(each) for each in pictures] == [200, 5000, 10_000]
    assert len(set.union(*pictures)) == 15_200
    with pytest.raises(ValueError, match="MNIST is read from a folder"):
        digits.load("mnist")


def test_the_sample_is_the_sample_wherever_a_folder_is(mnist_folder):
    sample, given = digits.load("mnist-sample"), digits.load("mnist-sample", mnist_folder)
    assert len(given.training) == 1833
    assert given.training.inputs.tobytes() == sample.training.inputs.tobytes()
    assert given.test.inputs.tobytes() == sample.test.inputs.tobytes()
    assert len(digits.load("mnist", mnist_folder).training) == 220


@pytest.mark.parametrize(("held_back", "learned"), [(0, 2000), (1, 1999), (400, 1600), (1999, 1)])
def test_so_many_pictures_are_held_back(held_back, learned):
    parts = digits.load("mnist-sample", held_back=held_back)
    kept = [] if parts.validation is None else [row.tobytes() for row in parts.validation.inputs]
    assert (len(parts.training), len(kept)) == (learned, held_back)
    whole = [row.tobytes() for row in digits.mnist_sample()[0].inputs]
    assert sorted([*kept, *(row.tobytes() for row in parts.training.inputs)]) == sorted(whole)


@pytest.mark.parametrize(
    ("name", "held_back", "message"),
    [
        ("mnist-sample", 2000, "of 2,000 training pictures 0 to 1,999 can be held back, not 2,000"),
        ("mnist-sample", -1, "can be held back, not -1"),
        ("digits", 5, '"digits" has a validation part of its own'),
        ("synthetic", 0, '"synthetic" has a validation part of its own'),
    ],
)
def test_what_cannot_be_held_back_is_refused(name, held_back, message):
    with pytest.raises(ValueError, match=message):
        digits.load(name, held_back=held_back)


def test_initial_weights_are_hes():
    model = digits.network(64, [32], seed=0)
    weights = [weight.data for neuron in model.layers[0].neurons for weight in neuron.w]
    assert abs(numpy.std(weights) - (2 / 64) ** 0.5) < 0.01
    assert all(neuron.b.data == 0.0 for neuron in model.layers[0].neurons)


# ---- charts ------------------------------------------------------------------------------------------------------------------


def test_charts_say_what_they_are(tmp_path):
    picture = numpy.linspace(0.0, 1.0, 6).reshape(2, 3)
    charts = [
        (class_frequencies([3, 14_000], ["no", "yes"], "Answers"), ["Answers", "class", "samples", "14,000"]),
        (confusion_matrix([[5, 0], [1, 4]], ["no", "yes"], "Taken"), ["Taken", "truth", "answer", "share of the row, %"]),
        (one_picture(picture, "A slope"), ["A slope", "row, pixels", "column, pixels", "grey level"]),
        (contact_sheet([picture] * 12, [f"number {i}" for i in range(12)], "Slopes"), ["Slopes", "number 11"]),
    ]
    for chart, words in charts:
        text = chart.save(tmp_path / "chart.svg").read_text()
        assert all(word in text for word in words), words


def test_a_sheet_without_pictures_or_with_too_few_captions_is_refused():
    for pictures, captions in (([], []), ([numpy.zeros((2, 2))], [])):
        with pytest.raises(ValueError, match="requires pictures and a caption for each"):
            contact_sheet(pictures, captions, "nothing")

"""Checkpoints: a training that was stopped anywhere, even killed, goes on to the same bytes as one that was not."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest

from autograd_lite import cross_entropy
from autograd_lite.datasets import Dataset
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD, Adam, Cosine
from autograd_lite.training import Callback, Checkpoint, Checkpoints, EarlyStopping, History, fit, read_checkpoint
from tests.modules import numbers_of
from tests.processes import REPOSITORY
from tests.samples import examples

DATA = Dataset(numpy.random.default_rng(0).normal(size=(23, 2)), numpy.arange(23) % 3, ("a", "b", "c"))


def session(
    folder: Path, *callbacks: Callback, epochs: int = 3, data: Dataset = DATA, every: int | None = 1, **options: Any
) -> Any:
    """A process of training: a model made afresh, taken up from the checkpoint if there is one; gives both files' bytes."""
    model = MLP(2, [4, 3], "tanh", seed=0)
    optimizer = Adam(model.parameters(), Cosine(0.1, 15))
    arguments = {"batch_size": 5, "validation": 0.3, "seed": 4} | options
    keeper = Checkpoints(folder / "checkpoint.npz", every)
    history = History()
    fit(
        model, data, cross_entropy, optimizer, epochs=epochs, callbacks=callbacks, checkpoint=keeper, resume=True, history=history, **arguments
    )  # fmt: skip
    model.save(folder / "model.json")
    history.save(folder / "history.json")
    return [(folder / name).read_bytes() for name in ("model.json", "history.json", "checkpoint.npz")]


class StopAfter(Callback):
    def __init__(self, batches: int) -> None:
        self.batches = batches

    def after_batch(self, run: Any) -> None:
        if len(run.history.costs) == self.batches:
            run.stop("for a test")


class Breaks(Callback):
    """Fails after an epoch, before anybody could write it down."""

    def after_epoch(self, run: Any) -> None:
        raise RuntimeError("power cut")


@pytest.fixture(scope="module")
def uninterrupted_run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return session(tmp_path_factory.mktemp("whole"))


class Positions(Callback):
    """After which epochs there was a checkpoint of that epoch's end."""

    def __init__(self, path: Path) -> None:
        self.path, self.seen = path, []

    def before_step(self, run: Any) -> None:
        if self.path.exists():
            self.seen.append(len(read_checkpoint(self.path).history.epochs))


@pytest.mark.parametrize(("pause", "seconds", "seen"), [(0.0, 1.0, {1, 2, 3}), (2.5, 1.0, {3}), (2.0, 1.0, {2}), (9.0, 1.0, set())])
def test_a_pause_leaves_checkpoints_of_epochs_out_but_not_the_last(tmp_path, monkeypatch, pause, seconds, seen):
    """The clock is read once an epoch, at the beginning and after each checkpoint."""
    ticks = iter(numpy.arange(0.0, 100.0, seconds))
    monkeypatch.setattr("autograd_lite.training.checkpoint_writer.monotonic", lambda: next(ticks))
    model, path = MLP(2, [4, 3], "tanh", seed=0), tmp_path / "kept.npz"
    watcher = Positions(path)
    keeper = Checkpoints(path, pause=pause)
    fit(model, DATA, cross_entropy, SGD(model.parameters(), 0.1), batch_size=12, epochs=4, checkpoint=keeper, callbacks=[watcher])
    assert set(watcher.seen) == seen
    assert len(read_checkpoint(path).history.epochs) == 4


def test_a_pause_below_0_is_refused(tmp_path):
    for pause in (-1.0, float("nan"), "long"):
        with pytest.raises(ValueError, match="pause must be a finite number of at least 0"):
            Checkpoints(tmp_path / "kept.npz", pause=pause)


@pytest.mark.parametrize("batches", range(1, 13))
def test_a_training_stopped_after_any_batch_goes_on_to_the_same_bytes(tmp_path, batches, uninterrupted_run):
    session(tmp_path, StopAfter(batches))
    assert session(tmp_path) == uninterrupted_run


def test_a_training_stopped_many_times_goes_on_to_the_same_bytes(tmp_path, uninterrupted_run):
    for batches in (2, 3, 4, 7, 11):
        session(tmp_path, StopAfter(batches))
    assert session(tmp_path) == uninterrupted_run


def test_a_training_that_fails_at_the_end_of_an_epoch_goes_on_to_the_same_bytes(tmp_path, uninterrupted_run):
    for _ in range(2):
        with pytest.raises(RuntimeError, match="power cut"):
            session(tmp_path, Breaks())
    assert session(tmp_path) == uninterrupted_run


def test_epochs_may_be_added(tmp_path, uninterrupted_run):
    session(tmp_path, epochs=1)
    assert session(tmp_path, epochs=3) == uninterrupted_run


def test_a_finished_training_is_left_as_it_is(tmp_path, uninterrupted_run):
    session(tmp_path)
    before = (tmp_path / "checkpoint.npz").stat().st_mtime_ns
    assert session(tmp_path) == uninterrupted_run
    assert (tmp_path / "checkpoint.npz").stat().st_mtime_ns == before


def test_early_stopping_ends_a_resumed_training_where_it_would_have_ended_the_other(tmp_path):
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = session(tmp_path / "whole", EarlyStopping(1, least_gain=0.05), epochs=20)
    count = len(json.loads(whole[1])["epochs"])
    assert 1 < count < 20
    session(tmp_path / "parts", EarlyStopping(1, least_gain=0.05), StopAfter(5), epochs=20)
    assert session(tmp_path / "parts", EarlyStopping(1, least_gain=0.05), epochs=20) == whole
    assert session(tmp_path / "parts", EarlyStopping(1, least_gain=0.05), epochs=20) == whole


def test_a_checkpoint_in_memory_stays_what_it_was_while_the_run_goes_on(tmp_path):
    class Undo(Callback):
        def after_batch(self, run):
            if len(run.history.costs) == 2:
                self.kept = Checkpoint.of(run)

        def end(self, run):
            self.kept.restore(run)

    undo = Undo()
    session(tmp_path, undo, epochs=3)
    assert (len(undo.kept.history.costs), len(undo.kept.history.epochs), undo.kept.steps) == (2, 0, 2)
    written = json.loads((tmp_path / "history.json").read_text())
    assert len(written["batches"]["cost"]) == 2


def test_checkpoints_come_as_often_as_asked_for_and_after_each_epoch(tmp_path, monkeypatch):
    import autograd_lite.training.checkpoint_writer as module

    positions = []
    write = module.write_checkpoint

    def spy(path, checkpoint):
        positions.append((len(checkpoint.history.costs), len(checkpoint.history.epochs)))
        return write(path, checkpoint)

    monkeypatch.setattr(module, "write_checkpoint", spy)
    session(tmp_path, every=3, epochs=2)
    assert positions == [(3, 0), (4, 1), (6, 1), (8, 2)]
    positions.clear()
    session(tmp_path, every=None, epochs=3)
    assert positions == [(12, 3)]


# ---- killed ------------------------------------------------------------------------------------------------------------------

_KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {repository!r})
from tests.training.test_checkpoints import session
print("ready", flush=True)
session(Path({folder!r}), epochs=4000)
"""


def test_a_training_killed_at_any_moment_leaves_a_whole_checkpoint_or_none(tmp_path):
    program = _KILLED.format(repository=str(REPOSITORY), folder=str(tmp_path))
    delays, longest = numpy.random.default_rng(7), 0.15
    reached = tries = 0
    while tries < examples(12) or (not reached and tries < 30):
        delay, tries = delays.uniform(0.0, longest), tries + 1
        longest *= 1.0 if reached else 1.5  # on a machine that others use, the first checkpoint comes late
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        path = tmp_path / "checkpoint.npz"
        if path.exists():
            found = read_checkpoint(path)
            assert len(found.history.costs) == found.steps >= reached
            reached = found.steps
    assert reached > 0
    (tmp_path / "again").mkdir()
    epochs = len(found.history.epochs) + 1
    assert session(tmp_path, epochs=epochs) == session(tmp_path / "again", epochs=epochs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "checkpoint.npz", "history.json", "model.json"]


def test_what_a_killed_process_left_beside_the_checkpoint_is_cleared_away(tmp_path):
    (tmp_path / "checkpoint.npz.0123abcd.part").write_bytes(b"half of one")
    (tmp_path / "other.npz.0123abcd.part").write_bytes(b"somebody else's")
    session(tmp_path, epochs=1)
    assert [path.name for path in tmp_path.glob("*.part")] == ["other.npz.0123abcd.part"]


def _interrupted(handle: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # zipfile tries once more when it is freed
def test_an_interrupt_while_a_checkpoint_is_packed_is_an_interrupt(tmp_path, monkeypatch):
    whole = session(tmp_path, epochs=1)
    with zipfile.ZipFile(io.BytesIO(), "w") as archive, archive.open("a member", "w") as member:
        written = type(member)
    monkeypatch.setattr(written, "close", _interrupted)
    with pytest.raises(KeyboardInterrupt):  # zipfile says ValueError: an open writing handle
        session(tmp_path, epochs=2)
    monkeypatch.undo()
    assert (tmp_path / "checkpoint.npz").read_bytes() == whole[-1]
    (tmp_path / "again").mkdir()
    assert session(tmp_path, epochs=2) == session(tmp_path / "again", epochs=2)


# ---- what is refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": 5}, "checkpoint.npz is of another training: its seed is 4, this one's 5"),
        ({"batch_size": 4}, "its batch size is 5, this one's 4"),
        ({"validation": 0.5}, "its samples is 16, this one's 12"),
        ({"data": Dataset(DATA.inputs + 1.0, DATA.targets, DATA.names)}, "its checksum of data is"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_kept(tmp_path, options, message):
    before = session(tmp_path, epochs=1)
    with pytest.raises(ValueError, match=message):
        session(tmp_path, **options)
    assert (tmp_path / "checkpoint.npz").read_bytes() == before[2]


def test_settings_of_ones_own_must_be_the_same_too(tmp_path):
    def train(rate: float) -> None:
        model = MLP(2, [3], seed=0)
        keeper = Checkpoints(tmp_path / "kept.npz", settings={"learning_rate": rate})
        fit(model, DATA, cross_entropy, SGD(model.parameters(), rate), checkpoint=keeper, resume=True)

    train(0.1)
    with pytest.raises(ValueError, match=r"its learning rate is 0\.1, this one's 0.2"):
        train(0.2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: (MLP(2, [5, 3], "tanh", seed=0), Adam), "its parameters is 27, this one's 33"),
        (lambda: (MLP(2, [4, 3], "tanh", seed=0), partial(SGD, momentum=0.9)), r"its rule of group 0 is 'AdamRule\(.*this one's 'SGDRule"),
        (lambda: (MLP(2, [4, 3], "tanh", seed=0), partial(Adam, beta1=0.8)), "its rule of group 0 is .*beta1=0.9.* this one's .*0.8"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_does_not_fit_changes_nothing(tmp_path, make, message):
    path = tmp_path / "checkpoint.npz"
    session(tmp_path, epochs=1)
    model, rule = make()
    optimizer = rule(model.parameters(), Cosine(0.1, 15))
    before = numbers_of(model), optimizer.state_dict(), path.read_bytes()
    with pytest.raises(ValueError, match=message):
        fit(model, DATA, cross_entropy, optimizer, batch_size=5, validation=0.3, seed=4, checkpoint=path, resume=True)
    assert (numbers_of(model), optimizer.state_dict(), path.read_bytes()) == before


def test_a_file_that_is_no_checkpoint_is_refused_by_name(tmp_path):
    path = tmp_path / "checkpoint.npz"
    whole = session(tmp_path, epochs=1)[2]
    archive = io.BytesIO()
    numpy.savez(archive, parameters=numpy.zeros(3))
    foreign = io.BytesIO()
    numpy.savez(foreign, record=numpy.frombuffer(b'{"format": "else", "version": 1}', numpy.uint8))
    for content in (b"", b"PK", whole[: len(whole) // 2], b"\x93NUMPY", archive.getvalue(), foreign.getvalue()):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"checkpoint.npz is no checkpoint of autograd_lite, version 2"):
            read_checkpoint(path)


def test_pickles_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    archive = io.BytesIO()
    numpy.savez(archive, record=numpy.array([Trap()], dtype=object), allow_pickle=True)
    (tmp_path / "checkpoint.npz").write_bytes(archive.getvalue())
    with pytest.raises(ValueError, match="is no checkpoint"):
        read_checkpoint(tmp_path / "checkpoint.npz")
    assert not (tmp_path / "sprung").exists()


def test_checkpoints_every_no_batches_are_refused():
    with pytest.raises(ValueError, match="every so many batches, at least 1, got 0"):
        Checkpoints("checkpoint.npz", 0)

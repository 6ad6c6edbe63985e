"""Files: what is damaged, hostile or in somebody else's hands is refused in one sentence, and nothing is changed or lost by it."""

import errno
import io
import json
import math
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy
import pytest

from autograd_lite import Value, squared_error
from autograd_lite.datasets import Dataset
from autograd_lite.files import remove_left_over, write_whole
from autograd_lite.nn import MLP
from autograd_lite.nn.archives import read_archive
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam
from autograd_lite.training import Callback, Checkpoints, History, fit, load_matrices, read_checkpoint, save_matrices
from autograd_lite.training.checkpoints import write_checkpoint
from tests.counting import peak
from tests.modules import numbers_of
from tests.processes import REPOSITORY
from tests.torture.files import mutated

DATA = Dataset(numpy.linspace(-1.0, 1.0, 8).reshape(8, 1), numpy.linspace(0.0, 1.0, 8))


def trained(folder: Path, epochs: int = 1, seed: int = 0, **options: Any) -> tuple[MLP, Adam]:
    """A small training with its checkpoint in a folder, taken up from there."""
    model = MLP(1, [2, 1], "tanh", seed=seed)
    optimizer = Adam(model.parameters(), 0.01)
    options = {"checkpoint": folder / "checkpoint.npz", "resume": True, "batch_size": 4} | options
    fit(model, DATA, squared_error, optimizer, epochs=epochs, **options)
    return model, optimizer


def archived(**arrays: Any) -> bytes:
    archive = io.BytesIO()
    numpy.savez(archive, **arrays)
    return archive.getvalue()


# ---- two writers, a full disk ------------------------------------------------------------------------------------------------


def test_a_second_training_on_the_folder_leaves_the_first_one_writing(tmp_path, monkeypatch):
    begun = []
    fsync = os.fsync

    def while_it_writes(descriptor: int) -> None:
        remove_left_over(tmp_path / "kept.json")
        begun.append([path.name for path in tmp_path.iterdir()])
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", while_it_writes)
    write_whole(tmp_path / "kept.json", "whole")
    assert re.fullmatch(r"kept\.json\.[0-9a-f]{8}\.part", *begun[0])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.json", "whole")]


def test_a_part_that_was_taken_for_one_left_over_is_written_again(tmp_path, monkeypatch):
    import autograd_lite.files as module

    lock, removed = module._lock, []

    def after_another_took_it(file: Any) -> None:
        if not removed:
            removed.append(file.name)
            os.unlink(file.name)
        lock(file)

    monkeypatch.setattr(module, "_lock", after_another_took_it)
    write_whole(tmp_path / "kept.json", "whole")
    assert removed
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("kept.json", "whole")]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="asks Linux which files are open, as Windows asks itself")
def test_where_open_files_cannot_be_removed_what_was_left_over_is_removed_and_a_part_taken_for_that_is_written_again(
    tmp_path, monkeypatch
):
    import autograd_lite.files as module

    unlink, replace_, taken = Path.unlink, os.replace, []

    def unlink_what_is_closed(path: Path, missing_ok: bool = False) -> None:
        if str(path) in [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]:
            raise PermissionError(errno.EACCES, "the file is in use", str(path))
        unlink(path, missing_ok)

    def replace_after_another_took_it(source: Path, target: Path) -> None:
        if not taken:
            taken.append(source)
            unlink(source)
        replace_(source, target)

    monkeypatch.setattr(module, "fcntl", None)
    monkeypatch.setattr(Path, "unlink", unlink_what_is_closed)
    monkeypatch.setattr(os, "replace", replace_after_another_took_it)
    (tmp_path / "kept.json.0123abcd.part").write_text("half of")
    with open(tmp_path / "kept.json.89abcdef.part", "xb") as held:
        write_whole(tmp_path / "kept.json", "whole")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.json", Path(held.name).name]
    assert taken
    assert (tmp_path / "kept.json").read_text() == "whole"


_TRAINING = """
import sys
sys.path.insert(0, {repository!r})
from pathlib import Path
from tests.test_files import trained
from autograd_lite.training import Checkpoints
folder = Path({folder!r})
for epochs in range(1, 9):
    trained(folder, epochs, checkpoint=Checkpoints(folder / "checkpoint.npz", 1), resume=False)
"""


def test_two_trainings_on_one_folder_both_reach_their_end(tmp_path):
    program = _TRAINING.format(repository=str(REPOSITORY), folder=str(tmp_path))
    both = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in both:
        _, said = process.communicate(timeout=120)
        assert (process.returncode, said) == (0, "")
    assert read_checkpoint(tmp_path / "checkpoint.npz").steps > 0
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_names_the_file_and_leaves_the_old_one(tmp_path, monkeypatch, call):
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "model.json").write_text("the last one that worked")
    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match=r"No space left on device: '.*model\.json'") as caught:
        write_whole(tmp_path / "model.json", "x" * 100)
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "model.json"))
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("model.json", "the last one that worked")]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "hello")
        assert os.read(reading, 100) == b"hello"
    finally:
        os.close(reading)
    assert pipe.is_fifo()


def test_a_missing_folder_is_told_by_the_name_that_was_given(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        write_whole(tmp_path / "no" / "model.json", "")
    assert caught.value.filename == str(tmp_path / "no" / "model.json")


# ---- archives ----------------------------------------------------------------------------------------------------------------


def zeros_packed(size: int, shape: tuple[int, ...] | None = None) -> bytes:
    """An archive with one array of zeros, packed to a thousandth; its header may say another shape."""
    member = io.BytesIO()
    numpy.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": shape or (size // 8,)})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped, zipped.open("numbers.npy", "w") as stream:
        stream.write(member.getvalue())
        for _ in range(size // 2**20):
            stream.write(bytes(2**20))
    return archive.getvalue()


@pytest.mark.parametrize("shape", [None, (3,), (2**40,), (2**70, 2)])
def test_an_archive_is_not_unpacked_beyond_what_its_headers_say_and_its_reader_has_room_for(tmp_path, shape):
    path = tmp_path / "bomb.npz"
    path.write_bytes(zeros_packed(100 * 2**20, shape))
    for read in (read_archive, read_checkpoint, lambda path: load_matrices(MLP(1, [2, 1], seed=0), path)):

        def refused(read: Any = read) -> None:
            with pytest.raises(ValueError, match=r"the array 'numbers' of shape .* takes"):
                read(path)

        assert peak(refused) < 8 * 2**20


def test_the_arrays_of_an_archive_share_the_room(tmp_path):
    path = tmp_path / "many.npz"
    numpy.savez_compressed(path, **{name: numpy.zeros(1000) for name in "abcd"})
    assert read_archive(path, room=32_000).keys() == set("abcd")
    with pytest.raises(ValueError, match=r"the array 'd' of shape \(1000,\) takes 8,000 bytes, and there is room for 7,999"):
        read_archive(path, room=31_999)


@pytest.mark.parametrize("kind", ["object", "U3", "c16", "M8[s]", "f8,i4"])
def test_archives_hold_numbers_only(tmp_path, kind):
    path = tmp_path / "archive.npz"
    archive = io.BytesIO()
    numpy.savez(archive, allow_pickle=True, a=numpy.zeros(3, kind))
    path.write_bytes(archive.getvalue())
    with pytest.raises(ValueError, match=r"the array 'a' holds .* and not numbers"):
        read_archive(path)


def test_damaged_archives_are_refused_with_one_kind_of_error(tmp_path):
    model = MLP(1, [2, 1], seed=0)
    path = save_matrices(model, tmp_path / "model.npz")
    whole, before = path.read_bytes(), numbers_of(model)
    random = Random(0)
    refused = 0
    for _ in range(400):
        path.write_bytes(mutated(whole, random))
        try:
            load_matrices(model, path)
        except ValueError:
            refused += 1
        assert numbers_of(model) == before
    assert refused > 250


# ---- checkpoints -------------------------------------------------------------------------------------------------------------


def with_record(path: Path, change: Any) -> None:
    """Writes a checkpoint again with its JSON changed."""
    arrays = read_archive(path)
    text = arrays["record"].tobytes()
    changed = change(json.loads(text)) if callable(change) else change
    text = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
    path.write_bytes(archived(**(arrays | {"record": numpy.frombuffer(text, numpy.uint8)})))


def changed_at(*way: Any, to: Any) -> Any:
    def change(record: Any) -> Any:
        at = record
        for key in way[:-1]:
            at = at[key]
        at[way[-1]] = to
        return record

    return change


DAMAGED: dict[str, Any] = {
    "steps too many for a float": changed_at("state", "steps", to=10**400),
    "steps below zero": changed_at("state", "steps", to=-1),
    "steps that are true": changed_at("state", "steps", to=True),
    "steps as a text": changed_at("state", "steps", to="3"),
    "no steps": lambda record: record["state"].pop("steps") and record,
    "no state": lambda record: record.pop("state") and record,
    "a state that is none": changed_at("state", to=[1, 2]),
    "callbacks that are none": changed_at("state", "callbacks", to=[1]),
    "answers that are none": changed_at("state", "answers", to=["a"]),
    "answers as a number": changed_at("state", "answers", to=1.0),
    "a best epoch that is none": changed_at("state", "best", to=["a", 0]),
    "half a best epoch": changed_at("state", "best", to=[1.0]),
    "settings that are none": changed_at("settings", to=None),
    "more memories than there are": changed_at("memories", to=10**9),
    "as many memories as no machine holds": changed_at("memories", to=10**400),
    "memories below zero": changed_at("memories", to=-1),
    "a cost beyond the largest float": changed_at("history", "batches", "cost", to=[10**400, 1.0]),
    "a cost that is a text": changed_at("history", "batches", "cost", to=["a", 1.0]),
    "more batches than epochs": changed_at("history", "batches", "cost", to=[1.0] * 9),
    "fewer batches than epochs": changed_at("history", "epochs", to=[{"cost": 1.0}] * 5),
    "epochs of no batches": changed_at("history", "batches_per_epoch", to=0),
    "epochs of huge size": changed_at("history", "batches_per_epoch", to=-(10**30)),
    "an epoch of something else": changed_at("history", "epochs", to=[{"weather": 1.0}]),
    "a list": lambda record: [record],
    "nested deeply": b"[" * 100_000,
    "a number of many digits": b'{"format": ' + b"9" * 5000 + b"}",
    "no JSON": b"\xff\xfe",
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_checkpoint_with_a_damaged_record_is_refused_at_reading_and_at_resuming(tmp_path, damage):
    trained(tmp_path)
    path = tmp_path / "checkpoint.npz"
    with_record(path, DAMAGED[damage])
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"checkpoint\.npz is no checkpoint of autograd_lite, version 2: ."):
        read_checkpoint(path)
    with pytest.raises(ValueError, match="is no checkpoint of autograd_lite"):
        trained(tmp_path, 2)
    assert path.read_bytes() == before


ARRAYS: dict[str, Any] = {
    "nan among the numbers": {"numbers": lambda found: numpy.where(numpy.arange(len(found)) == 2, math.nan, found)},
    "inf among the numbers": {"numbers": lambda found: found + math.inf},
    "nan in the memory": {"memory0": lambda found: found * math.nan},
    "numbers in two dimensions": {"numbers": lambda found: found.reshape(-1, 1)},
    "one number": {"numbers": lambda found: found[0]},
    "numbers that are whole": {"numbers": lambda found: found.astype(int)},
    "one number less": {"numbers": lambda found: found[:-1]},
    "a memory of one row": {"memory0": lambda found: found[0]},
    "a memory of truths": {"memory0": lambda found: found > 0.0},
    "best ones that are no numbers": {"best": lambda found: numpy.array([True])},
    "who learns as numbers": {"learning": lambda found: found.astype(float)},
    "fewer that learn": {"learning": lambda found: found[:-1]},
}


@pytest.mark.parametrize("damage", ARRAYS)
def test_a_checkpoint_with_a_damaged_array_is_refused_at_reading_and_at_resuming(tmp_path, damage):
    trained(tmp_path)
    path = tmp_path / "checkpoint.npz"
    arrays = read_archive(path)
    with numpy.errstate(invalid="ignore"):
        path.write_bytes(archived(**(arrays | {name: change(arrays[name]) for name, change in ARRAYS[damage].items()})))
    with pytest.raises(ValueError, match=r"checkpoint\.npz is no checkpoint of autograd_lite, version 2: ."):
        read_checkpoint(path)
    with pytest.raises(ValueError, match="is no checkpoint of autograd_lite"):
        trained(tmp_path, 2)


def test_a_checkpoint_with_nan_in_hand_is_not_restored(tmp_path):
    trained(tmp_path)
    path = tmp_path / "checkpoint.npz"
    found = read_checkpoint(path)
    write_checkpoint(path, replace(found, parameters=found.parameters * math.nan))
    with pytest.raises(ValueError, match="numbers holds nan, from which nothing can be learned"):
        trained(tmp_path, 2)


class Remembers(Callback):
    """Counts, and cannot take back what is no count."""

    def __init__(self) -> None:
        self.count = 0

    def after_batch(self, run: Any) -> None:
        self.count += 1

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count}

    def load_state_dict(self, state: Any) -> None:
        self.count = int(state["count"])


class RemembersToo(Remembers):
    pass


RATES: dict[str, Any] = {
    "no groups": changed_at("state", "groups", to=None),
    "groups that are none": changed_at("state", "groups", to=[1]),
    "a group without a rate": changed_at("state", "groups", 0, to={"rule": "x"}),
    "a rate that is nan": changed_at("state", "groups", 0, "rate", to=math.nan),
    "a rate beyond the largest float": changed_at("state", "groups", 0, "rate", to=10**400),
    "a rate below zero": changed_at("state", "groups", 0, "rate", to=-1.0),
    "a schedule that there is none": changed_at("state", "groups", 0, to={"rate": 1.0, "rule": "x", "schedule": ["A", {}]}),
    "constants that do not fit": changed_at("state", "groups", 0, "constants", to={"weather": 1.0}),
    "a callback whose state is damaged": changed_at("state", "callbacks", "RemembersToo 1", to={"count": "many"}),
    "answers of another model": changed_at("state", "answers", to=[0.5, 0.5]),
}


@pytest.mark.parametrize("damage", RATES)
def test_restoring_sets_everything_or_nothing(tmp_path, damage):
    callbacks = [Remembers(), RemembersToo()]
    trained(tmp_path, callbacks=callbacks)
    path = tmp_path / "checkpoint.npz"
    with_record(path, RATES[damage])
    if damage == "constants that do not fit":
        with_record(path, changed_at("state", "groups", 0, "rule", to="AdamRule(beta1=0.5)"))
    model = MLP(1, [2, 1], "tanh", seed=0)
    optimizer = Adam(model.parameters(), 0.01)
    fresh = [Remembers(), RemembersToo()]
    fresh[0].count = 77
    before = numbers_of(model), optimizer.state_dict(), optimizer.learning_rate
    with pytest.raises((ValueError, TypeError)):
        fit(model, DATA, squared_error, optimizer, epochs=2, batch_size=4, checkpoint=path, resume=True, callbacks=fresh)
    assert (numbers_of(model), optimizer.state_dict(), optimizer.learning_rate) == before
    assert [callback.count for callback in fresh] == [77, 0]


def test_damaged_checkpoints_are_refused_with_one_kind_of_error_or_are_whole(tmp_path):
    trained(tmp_path)
    path = tmp_path / "checkpoint.npz"
    whole = path.read_bytes()
    random = Random(1)
    record = read_archive(path)["record"].tobytes()
    for turn in range(400):
        path.write_bytes(whole)
        if turn % 2:
            path.write_bytes(mutated(whole, random))
        else:
            with_record(path, mutated(record, random))
        try:
            found = read_checkpoint(path)
        except ValueError:
            continue
        assert (len(found.parameters), found.steps >= 0) == (7, True)


# ---- the error that ended a training -----------------------------------------------------------------------------------------


class FailsAt(Callback):
    def __init__(self, moment: str, error: BaseException) -> None:
        self.moment, self.error = moment, error
        setattr(self, moment, self._fail)

    def _fail(self, run: Any) -> None:
        raise self.error


class Ended(Callback):
    def __init__(self) -> None:
        self.times = 0

    def end(self, run: Any) -> None:
        self.times += 1


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("moment", ["begin", "after_epoch"])
def test_what_ended_a_training_is_the_error_and_what_fails_after_it_a_note(tmp_path, moment, kind):
    others = [Ended(), FailsAt("end", RuntimeError("at last")), Ended()]
    with pytest.raises(kind, match="at first") as caught:
        trained(tmp_path, callbacks=[*others, FailsAt(moment, kind("at first")), Ended()])
    assert caught.value.__notes__ == ["At the end of the training, besides: RuntimeError: at last"]
    assert [others[0].times, others[2].times] == [1, 1]


def test_of_several_that_fail_at_the_end_the_first_is_the_error(tmp_path):
    one, other, ended = FailsAt("end", ValueError("one")), FailsAt("end", KeyError("other")), Ended()
    with pytest.raises(ValueError, match="one") as caught:
        trained(tmp_path, callbacks=[one, other, ended])
    assert caught.value.__notes__ == ["At the end of the training, besides: KeyError: 'other'"]
    assert ended.times == 1


def test_a_folder_that_cannot_be_made_is_what_a_training_says(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises((FileExistsError, NotADirectoryError)) as caught:
        trained(tmp_path, checkpoint=Checkpoints(tmp_path / "file" / "checkpoint.npz"), resume=False)
    assert not hasattr(caught.value, "__notes__")


# ---- states and histories ----------------------------------------------------------------------------------------------------


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.offset = Value(2.0), Value(1.0)


def test_a_state_with_a_number_beyond_the_largest_float_changes_nothing():
    line = Line()
    for number in (10**400, -(10**400)):
        with pytest.raises(ValueError, match=r"`offset` is beyond the largest float, 1\.8e308\. The model is unchanged\."):
            line.load_state_dict({"slope": 3.0, "offset": number})
        assert line.state_dict() == {"slope": 2.0, "offset": 1.0}


@pytest.mark.parametrize("number", [10**400, math.nan, math.inf, -math.inf])
def test_an_optimizer_takes_only_finite_numbers_back(number):
    optimizer = SGD([Value(1.0)], 0.1, momentum=0.9)
    with pytest.raises(ValueError, match=r"`groups\[0\]\.velocity\[0\]` must be a finite number"):
        optimizer.load_state_dict({"steps": 3, "groups": [{"velocity": [number]}]})
    assert optimizer.state_dict() == {"steps": 0, "groups": [{"velocity": [0.0]}]}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"batches_per_epoch": 1, "batches": {"cost": [1' + "0" * 400 + '], "accuracy": []}, "epochs": []}',
        "9" * 5000,
    ],
)
def test_a_history_that_no_float_or_stack_can_hold_is_refused_by_name(tmp_path, text):
    path = tmp_path / "history.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"cannot load '.*history\.json'"):
        History.load(path)


def test_matrices_with_nan_are_neither_written_nor_read(tmp_path):
    model = MLP(1, [2, 1], seed=0)
    path = save_matrices(model, tmp_path / "model.npz")
    arrays, before = read_archive(path), numbers_of(model)
    path.write_bytes(archived(**(arrays | {"layer1.w": arrays["layer1.w"] * math.nan})))
    with pytest.raises(ValueError, match=r"layer1\.w holds nan or inf\. The model is unchanged"):
        load_matrices(model, path)
    assert numbers_of(model) == before
    kept = path.read_bytes()
    model.parameters()[0].data = math.inf
    with pytest.raises(ValueError, match=r"`layer0\.w` holds nan or inf\. No file was written"):
        save_matrices(model, path)
    assert path.read_bytes() == kept


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a writer is killed, by a signal of POSIX")
def test_what_a_killed_writer_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    """Of this file only, and not what somebody is writing just now."""
    target, other = tmp_path / "model.json", tmp_path / "other.json.0000.part"
    other.write_text("of another file")
    left = tmp_path / "model.json.0123abcd.part"
    left.write_text("half of")
    held = tmp_path / "model.json.89abcdef.part"
    with open(held, "xb") as writing:
        fcntl = pytest.importorskip("fcntl")
        fcntl.flock(writing.fileno(), fcntl.LOCK_EX)
        write_whole(target, "whole")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", held.name, other.name]
    assert target.read_text() == "whole"

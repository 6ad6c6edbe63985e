"""Trainings that are killed or interrupted at any moment: a whole checkpoint or none, and the same bytes as one left alone."""

import os
import signal
import tempfile
import time
import traceback
from functools import cache
from pathlib import Path

from .cases import Case, generator
from .files import model, train

SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EPOCHS = 60


def _in_a_child(path: Path, epochs: int) -> int:
    """The id of a process that trains; it ends by itself, or by a signal, which it gets no sooner than it can tell of it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    child = os.fork()
    if child == 0:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            network = model()
            train(path, epochs, network)
            network.save(path.with_name("model.json"))
            os._exit(0)
        except KeyboardInterrupt:
            os._exit(130)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return child


@cache
def undisturbed() -> tuple[bytes, bytes]:
    """Checkpoint and model of a training that nobody interrupts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.npz"
        os.waitpid(_in_a_child(path, EPOCHS), 0)
        return path.read_bytes(), path.with_name("model.json").read_bytes()


@generator("trainings under signals", apart=True, limit=120.0)
def trainings(case: Case) -> None:
    whole = undisturbed()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.npz"
        for _ in range(5):
            number, delay = case.random.choice(SIGNALS), case.random.uniform(0.0, 0.15)
            case.note(f"{signal.Signals(number).name} after {delay:.4f} s of a training of {EPOCHS} epochs")
            child = _in_a_child(path, EPOCHS)
            time.sleep(delay)
            os.kill(child, number)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert code in (0, 130, -number), f"the training ended with code {code}"
        child = _in_a_child(path, EPOCHS)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert (path.read_bytes(), path.with_name("model.json").read_bytes()) == whole, "the resumed training has other bytes"
        assert sorted(os.listdir(folder)) == ["checkpoint.npz", "model.json"]


@generator("two trainings on one folder", apart=True, limit=120.0)
def together(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.npz"
        case.note(f"two trainings of {EPOCHS} epochs at once")
        children = []
        for _ in range(2):
            children.append(_in_a_child(path, EPOCHS))
            time.sleep(case.random.uniform(0.0, 0.05))
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert codes == [0, 0], f"they ended with {codes}"

"""Malformed files: sound ones with bytes changed, cut, doubled or put in; each is refused by the documented error, or is whole."""

import gzip
import io
import json
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy

from autograd_lite import squared_error
from autograd_lite.datasets import Dataset, read_idx, write_idx
from autograd_lite.nn import MLP
from autograd_lite.nn.archives import read_archive
from autograd_lite.optim import Adam
from autograd_lite.training import History, fit, load_matrices, read_checkpoint, save_matrices

from .cases import Case, generator

ROUNDS = 50  # files in a case
DATA = Dataset(numpy.linspace(-1.0, 1.0, 8).reshape(8, 1), numpy.linspace(0.0, 1.0, 8))


def mutated(content: bytes, random: Random) -> bytes:
    """The content with a few bytes changed, cut out, doubled or put in."""
    changed = bytearray(content)
    for _ in range(random.randint(1, 4)):
        place, other = (random.randrange(max(1, len(changed))) for _ in range(2))
        way = random.randrange(7)
        if way == 0 and changed:
            changed[place] = random.randrange(256)
        elif way == 1 and changed:
            changed[place] ^= 1 << random.randrange(8)
        elif way == 2:
            del changed[place : place + random.randint(1, 40)]
        elif way == 3:
            changed[place:place] = changed[other : other + 40]
        elif way == 4:
            changed[place : place + 2] = bytes([255, 255])
        elif way == 5:
            changed[place:place] = random.choice([b"9" * 400, b"nan", b"-1", b"1e999", b"[" * 2000, b"null", b"\0" * 50, b"{}"])
        else:
            del changed[place:]
    return bytes(changed)


def model() -> MLP:
    return MLP(1, [2, 1], "tanh", seed=0)


def train(path: Path, epochs: int, network: MLP, resume: bool = True) -> None:
    """A small training that goes on from its checkpoint."""
    fit(
        network,
        DATA,
        squared_error,
        Adam(network.parameters(), 0.01),
        batch_size=4,
        epochs=epochs,
        checkpoint=path,
        resume=resume,
        progress=False,
    )


@cache
def sound() -> dict[str, bytes]:
    """A file of each kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train(folder / "checkpoint.npz", 1, model())
        model().save(folder / "model.json")
        save_matrices(model(), folder / "model.npz")
        History([0.5, 0.25], [], []).save(folder / "history.json")
        write_idx(folder / "images.idx", numpy.arange(60, dtype="u1").reshape(3, 4, 5))
        write_idx(folder / "images.gz", numpy.arange(3000, dtype="i2").reshape(3, 1000))
        return {path.name: path.read_bytes() for path in folder.iterdir()}


def _read(name: str, path: Path) -> Any:
    if name == "checkpoint.npz":
        return read_checkpoint(path)
    if name == "history.json":
        return History.load(path)
    if name.startswith("images"):
        return read_idx(path)
    network = model()
    before = network.state_dict()
    try:
        return network.load(path) if name == "model.json" else load_matrices(network, path)
    except ValueError:
        assert network.state_dict() == before, "the model is changed though its file was refused"
        raise


@generator("malformed files")
def files(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            name = case.random.choice(sorted(sound()))
            content = sound()[name]
            packed = name.endswith(".gz") and case.random.random() < 0.5  # else the packing itself is damaged
            content = gzip.compress(mutated(gzip.decompress(content), case.random)) if packed else mutated(content, case.random)
            path = Path(folder) / name
            path.write_bytes(content)
            case.note(f"{name}: {content[:200]!r}")
            with suppress(ValueError):
                _read(name, path)


@generator("checkpoints with a damaged record")
def records(case: Case) -> None:
    """Behind a checksum that is right: reading refuses them, or resuming does and changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.npz"
        for _ in range(ROUNDS):
            path.write_bytes(sound()["checkpoint.npz"])
            arrays = read_archive(path)
            text = _other_record(arrays["record"].tobytes(), case.random)
            archive = io.BytesIO()
            numpy.savez(archive, **(arrays | {"record": numpy.frombuffer(text, numpy.uint8)}))
            path.write_bytes(archive.getvalue())
            case.note(f"the record {text[:300]!r}")
            network = model()
            before = network.state_dict()
            try:
                train(path, 1, network)
            except ValueError:
                assert network.state_dict() == before, "the model is changed though its checkpoint was refused"


def _other_record(text: bytes, random: Random) -> bytes:
    """Damaged as text, or one of its values in the place of another or replaced by a stranger."""
    if random.random() < 0.4:
        return mutated(text, random)
    record = json.loads(text)
    places: list[tuple[Any, Any]] = []
    todo: list[Any] = [record]
    while todo:
        found = todo.pop()
        keys = list(found) if isinstance(found, dict) else range(len(found)) if isinstance(found, list) else []
        places += [(found, key) for key in keys]
        todo += [found[key] for key in keys]
    at, key = random.choice(places)
    strangers = [
        None,
        True,
        -1,
        0,
        2**63,
        10**400,
        0.5,
        float("nan"),
        float("inf"),
        "",
        "x",
        [],
        {},
        [1],
        {"a": 1},
        random.choice(places),
    ]
    chosen = random.choice(strangers)
    at[key] = json.loads(json.dumps(chosen[0][chosen[1]])) if isinstance(chosen, tuple) else chosen
    return json.dumps(record).encode()

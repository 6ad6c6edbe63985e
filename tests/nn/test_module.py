"""Module: names of parameters from the structure, and files that never harm a model."""

import json
import math
import os
import re
import signal
import subprocess
import sys
from collections import UserDict, deque
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import functions, squared_error
from autograd_lite.datasets import Dataset
from autograd_lite.engine.value import Value, constant
from autograd_lite.nn import MLP, Layer, Module, Neuron
from autograd_lite.optim import SGD
from autograd_lite.training import fit
from tests.modules import FINITE, numbers_of, with_numbers

# ---- names -------------------------------------------------------------------------------------------------------------------


def test_labels_are_names() -> None:
    model = MLP(2, [2, 1])
    names = [name for name, _ in model.named_parameters()]
    assert names == [
        *("layer0.neuron0.w[0]", "layer0.neuron0.w[1]", "layer0.neuron0.b"),
        *("layer0.neuron1.w[0]", "layer0.neuron1.w[1]", "layer0.neuron1.b"),
        *("layer1.neuron0.w[0]", "layer1.neuron0.w[1]", "layer1.neuron0.b"),
    ]
    assert [parameter.label for parameter in model.parameters()] == names


class Everything(Module):
    """One of each way to hold a parameter, and things that are none."""

    def __init__(self) -> None:
        self.shared = Value(1.0)
        self.body = Layer(2, 1, bias=False)
        self.heads = {"left": Neuron(1), "right": Neuron(1, bias=False)}
        self.blocks = [[Neuron(1, bias=False)], Neuron(1, bias=False)]
        self.table = ([Value(2.0)], {0: Value(3.0)})
        self.tied = self.shared
        self.bus, self.s = [Value(4.0)], [Neuron(1, bias=False)]
        self.scale = constant(5.0)
        self.computed = self.shared * 2.0
        self.me = self
        self.name, self.count, self.options = "x", 3, {"a": 1, "b": {1, 2}}


def test_names_of_everything() -> None:
    model = Everything()
    assert [name for name, _ in model.named_parameters()] == [
        *("shared", "body.neuron0.w[0]", "body.neuron0.w[1]"),
        *("heads['left'].w[0]", "heads['left'].b", "heads['right'].w[0]"),
        *("blocks[0][0].w[0]", "block1.w[0]", "table[0][0]", "table[1][0]", "bus[0]", "s[0].w[0]"),
    ]
    assert model.state_dict()["scale"] == 5.0
    assert repr(model) == "Everything(12 parameters)"
    model.label_parameters()
    assert [parameter.label for parameter in model.parameters()] == [name for name, _ in model.named_parameters()]


class Branched(Module):
    def __init__(self) -> None:
        self.branches, self.axes = [Neuron(1, bias=False), Layer(1, 1, bias=False)], [Neuron(1, bias=False)]
        self.label_parameters()


def test_labels_say_what_the_attribute_says() -> None:
    model = Branched()
    labels = ["branches[0].w[0]", "branches[1].neuron0.w[0]", "axes[0].w[0]"]
    assert [parameter.label for parameter in model.parameters()] == list(model.state_dict()) == labels


def test_a_file_with_the_names_of_earlier_versions_still_loads(tmp_path: Path) -> None:
    model = Branched()
    model.save(tmp_path / "new.json")
    before = (tmp_path / "new.json").read_text()
    (tmp_path / "old.json").write_text(
        before.replace("branches[0]", "branche0").replace("branches[1]", "branche1").replace("axes[0]", "axe0")
    )
    assert "branche1.neuron0.w[0]" in (tmp_path / "old.json").read_text()
    other = Branched()
    other.load(tmp_path / "old.json")
    assert other.state_dict() == model.state_dict()
    (tmp_path / "old.json").write_text(before.replace("axes[0]", "axis0"))
    with pytest.raises(ValueError, match=r"1 missing: `axes\[0\]\.w\[0\]`; 1 not in the model: `axis0\.w\[0\]`"):
        other.load(tmp_path / "old.json")


def test_a_model_is_saved_as_matrices_by_the_name_of_its_file(tmp_path: Path) -> None:
    class Mixed(Module):
        def __init__(self, seed: int) -> None:
            self.body, self.heads = MLP(2, [3, 1], seed=seed), {"left": Neuron(2, seed=seed)}
            self.scale, self.table = Value(float(seed)), numpy.array([[Value(1.0 + seed), Value(2.0)], [Value(3.0), Value(4.0)]])

    model, other = Mixed(1), Mixed(2)
    assert model.save(tmp_path / "model.npz") == tmp_path / "model.npz"
    with numpy.load(tmp_path / "model.npz") as archive:
        assert {name: archive[name].shape for name in archive} == {
            "body.layer0.w": (3, 2),
            "body.layer0.b": (3,),
            "body.layer1.w": (1, 3),
            "body.layer1.b": (1,),
            "heads['left'].w": (1, 2),
            "heads['left'].b": (1,),
            "scale": (1,),
            "table": (2, 2),
        }
    other.load(str(tmp_path / "model.npz"))
    assert other.state_dict() == model.state_dict()


def test_a_deep_module_is_walked_without_recursion() -> None:
    top = here = Module()
    for _ in range(3000):
        here.m = Module()  # type: ignore[attr-defined]
        here = here.m  # type: ignore[attr-defined]
    here.w = Value(1.0)  # type: ignore[attr-defined]
    assert len(top.parameters()) == 1


def test_names_that_clash() -> None:
    model: Any = Module()
    model.layers, model.layer0 = [Neuron(1)], Neuron(1)
    with pytest.raises(ValueError, match=r"two parameters of Module are named `layer0\.w\[0\]`: rename one of the attributes"):
        model.named_parameters()


def test_sets_have_no_order() -> None:
    model: Any = Module()
    model.ws = {Value(1.0)}
    with pytest.raises(TypeError, match=r"`ws` keeps parameters in a set, which has no order\. Use a list\."):
        model.parameters()


def test_frozen_parameters_stay_in_the_state() -> None:
    model = MLP(2, [1])
    model(Layer(2, 2)([1.0, 2.0])).backward()
    frozen = model.layers[0].neurons[0].w[0]
    frozen.requires_grad = False
    assert len(model.parameters()) == 2
    assert len(model.state_dict()) == 3
    model.zero_grad()
    assert frozen.grad == 0.0


# ---- states and files --------------------------------------------------------------------------------------------------------


@given(numbers=st.lists(FINITE, min_size=9, max_size=9))
def test_files_keep_every_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.getbasetemp() / "model.json"
    with_numbers(MLP(2, [2, 1]), numbers).save(path)
    other = MLP(2, [2, 1])
    other.load(path)
    assert [number.hex() for number in numbers_of(other)] == [number.hex() for number in numbers]


def test_a_file_can_be_read_by_people(tmp_path: Path) -> None:
    with_numbers(MLP(1, [1]), [0.5, -2.0]).save(str(tmp_path / "model.json"))
    assert json.loads((tmp_path / "model.json").read_text()) == {
        "format": "autograd_lite parameters",
        "version": 1,
        "model": "MLP(1 -> 1 linear, 2 parameters)",
        "parameters": {"layer0.neuron0.w[0]": 0.5, "layer0.neuron0.b": -2.0},
    }
    assert os.listdir(tmp_path) == ["model.json"]


def test_states_may_hold_anything_a_value_can() -> None:
    model = MLP(1, [1])
    model.load_state_dict({"layer0.neuron0.b": numpy.float32(0.5), "layer0.neuron0.w[0]": math.nan})  # type: ignore[dict-item]
    assert math.isnan(numbers_of(model)[0])
    assert numbers_of(model)[1] == 0.5


@pytest.mark.parametrize(
    ("state", "kind", "message"),
    [
        ([1.0], TypeError, "load_state_dict takes a dictionary as state_dict() gives, got list"),
        (
            {},
            ValueError,
            "expected 2 numbers, found 0; 2 missing: `layer0.neuron0.w[0]`, `layer0.neuron0.b`. The model is unchanged.",
        ),
        (
            {"layer0.neuron0.w[0]": 9.0, "layer0.neuron0.b": "9"},
            TypeError,
            "`layer0.neuron0.b`: a Value holds one real number, got the str",
        ),
    ],
)
def test_states_that_do_not_fit(state: Any, kind: type[Exception], message: str) -> None:
    model = with_numbers(MLP(1, [1]), [0.5, -2.0])
    with pytest.raises(kind, match=re.escape(message)):
        model.load_state_dict(state)
    assert numbers_of(model) == [0.5, -2.0]


W, B = '"layer0.neuron0.w[0]"', '"layer0.neuron0.b"'


def document(parameters: str, extra: str = "", kind: str = '"autograd_lite parameters"', version: str = "1") -> str:
    return f'{{"format": {kind}, "version": {version}, {extra}"parameters": {parameters}}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not JSON as `save` writes it: Expecting value"),
        ('{"format": "autograd', "it is not JSON as `save` writes it: Unterminated string"),
        (document(f"{{{W}: 1.0, {B}: 2.0}}")[:-1], "it is not JSON as `save` writes it"),
        (b"\xff\xfe\x00", "it is not JSON as `save` writes it: 'utf-8' codec can't decode"),
        (b"\x80\x04\x95 pickled", "it is not JSON as `save` writes it: 'utf-8' codec can't decode"),
        ("[" * 200_000, "it is nested too deeply to be a file of parameters"),
        ("[1.0, 2.0]", 'expected an object with "format", "version" and "parameters", found a list of 2'),
        ("1.5", "found 1.5"),
        ("{}", '"format" must be "autograd_lite parameters", found no such key'),
        (document("{}", kind='"onnx"'), '"format" must be "autograd_lite parameters", found "onnx"'),
        (document("{}", version="2"), '"version" must be 1, found 2'),
        (document("{}", version="true"), '"version" must be 1, found true'),
        (
            '{"format": "autograd_lite parameters", "version": 1}',
            '"parameters" must be an object of name: number, found no such key',
        ),
        (document("null"), '"parameters" must be an object of name: number, found null'),
        (document("[1.0, 2.0]"), '"parameters" must be an object of name: number, found a list of 2'),
        (document(f"{{{W}: 1.0}}"), "expected 2 numbers, found 1; 1 missing: `layer0.neuron0.b`. The model is unchanged."),
        (
            document(f'{{{W}: 1.0, {B}: 2.0, "c": 3.0}}', '"model": "MLP(9 -> 9)", '),
            "does not fit MLP(1 -> 1 linear, 2 parameters): expected 2 numbers, found 3; 1 not in the model: `c`.",
        ),
        (document(f"{{{W}: 1.0, {B}: null}}"), "`layer0.neuron0.b` must be a finite number, found null"),
        (document(f'{{{W}: 1.0, {B}: "2.0"}}'), '`layer0.neuron0.b` must be a finite number, found "2.0"'),
        (document(f"{{{W}: 1.0, {B}: true}}"), "`layer0.neuron0.b` must be a finite number, found true"),
        (document(f"{{{W}: 1.0, {B}: [2.0]}}"), "`layer0.neuron0.b` must be a finite number, found a list of 1"),
        (document(f"{{{W}: 1.0, {B}: {{}}}}"), "`layer0.neuron0.b` must be a finite number, found an object of 0"),
        (document(f"{{{W}: 1.0, {B}: NaN}}"), "NaN is no number in JSON"),
        (document(f"{{{W}: -Infinity, {B}: 2.0}}"), "-Infinity is no number in JSON"),
        (document(f"{{{W}: 1.0, {B}: 1e999}}"), "`layer0.neuron0.b` must be a finite number, found inf"),
        (document(f"{{{W}: 1.0, {B}: 1{'0' * 400}}}"), "`layer0.neuron0.b` must be a finite number, found 1000000000"),
        (document(f"{{{W}: 1.0, {B}: 1{'0' * 5000}}}"), "it is not JSON as `save` writes it: Exceeds the limit"),
        (document(f"{{{W}: 1.0, {B}: 2.0, {B}: 3.0}}"), "the key `layer0.neuron0.b` stands there twice"),
    ],
)
def test_files_that_do_not_fit(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    model = with_numbers(MLP(1, [1]), [0.5, -2.0])
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        model.load(path)
    assert repr(str(path)) in str(caught.value)
    assert numbers_of(model) == [0.5, -2.0]


def test_a_file_of_another_shape_says_which(tmp_path: Path) -> None:
    MLP(2, [5, 1], seed=0).save(tmp_path / "five.json")
    model = MLP(2, [4, 1], seed=0)
    before = numbers_of(model)
    expected = (
        "(written by MLP(2 -> 5 tanh -> 1 linear, 21 parameters)) does not fit MLP(2 -> 4 tanh -> 1 linear, 17 parameters): "
        "expected 17 numbers, found 21; 4 not in the model: `layer0.neuron4.w[0]`, `layer0.neuron4.w[1]`, `layer0.neuron4.b`, ..."
    )
    with pytest.raises(ValueError, match=re.escape(expected)):
        model.load(tmp_path / "five.json")
    assert numbers_of(model) == before


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        MLP(1, [1]).load(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError):
        MLP(1, [1]).save(tmp_path / "no" / "folder.json")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_ruined_model_does_not_replace_a_good_file(tmp_path: Path, number: float) -> None:
    model = with_numbers(MLP(1, [1]), [0.5, -2.0])
    model.save(tmp_path / "model.json")
    model.layers[0].neurons[0].w[0].data = number
    with pytest.raises(
        ValueError, match=re.escape(f"linear, 2 parameters): `layer0.neuron0.w[0]` is {number!r}. No file was written")
    ):
        model.save(tmp_path / "model.json")
    model.load(tmp_path / "model.json")
    assert numbers_of(model) == [0.5, -2.0]


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = with_numbers(MLP(1, [1]), [0.5, -2.0])
    model.save(tmp_path / "model.json")
    old = (tmp_path / "model.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        with_numbers(model, [7.0, 7.0]).save(tmp_path / "model.json")
    assert os.listdir(tmp_path) == ["model.json"]
    assert (tmp_path / "model.json").read_bytes() == old


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    with_numbers(MLP(1, [1]), [0.5, -2.0]).save(path)
    old = path.read_bytes()
    program = (
        "import os, signal, sys; from autograd_lite.nn import MLP\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "MLP(1, [1]).save(sys.argv[1])"
    )
    root = str(Path(functions.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", program, str(path)], env={**os.environ, "PYTHONPATH": root}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == old


def test_save_follows_links(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    try:
        (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    except OSError:
        pytest.skip("this system makes no links")
    MLP(1, [1]).save(tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() != "old"


# ---- other containers --------------------------------------------------------------------------------------------------------


class Arrays(Module):
    def __init__(self) -> None:
        self.w = numpy.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
        self.b = numpy.array(Value(5.0), dtype=object)
        self.layers = numpy.array([Line(), Line()])
        self.mixed = {"a": [numpy.array([Value(6.0), None], dtype=object)]}
        self.fixed = numpy.ones(3)
        self.queue = deque([Value(7.0)])
        self.table = UserDict(x=Value(8.0))


class Line(Module):
    def __init__(self) -> None:
        self.slope = Value(9.0)


def test_parameters_in_arrays_and_other_containers_are_found_and_named() -> None:
    model = Arrays()
    assert model.state_dict() == {
        "w[0][0]": 1.0, "w[0][1]": 2.0, "w[1][0]": 3.0, "w[1][1]": 4.0, "b": 5.0, "layer0.slope": 9.0, "layer1.slope": 9.0,
        "mixed['a'][0][0]": 6.0, "queue[0]": 7.0, "table['x']": 8.0,
    }  # fmt: skip
    assert len(model.parameters()) == 10
    other = Arrays()
    other.load_state_dict({name: 2.0 * number for name, number in model.state_dict().items()})
    assert [parameter.data for parameter in other.parameters()] == [2.0 * parameter.data for parameter in model.parameters()]
    assert list(model.named_leaves()) == list(model.state_dict())


@pytest.mark.parametrize("engine", ["eager", "program"])
def test_a_model_of_arrays_learns(engine) -> None:
    class Linear(Module):
        def __init__(self) -> None:
            self.w = numpy.array([Value(0.0), Value(0.0)])

        def __call__(self, x: Any) -> Any:
            return self.w[0] * x[0] + self.w[1] * x[1]

    inputs = numpy.random.default_rng(0).normal(size=(20, 2))
    model = Linear()
    fit(
        model,
        Dataset(inputs, inputs @ [2.0, -1.0]),
        squared_error,
        SGD(model.parameters(), 0.3),
        engine=engine,
        batch_size=5,
        epochs=60,
    )
    assert list(model.state_dict().values()) == pytest.approx([2.0, -1.0], rel=1e-6)

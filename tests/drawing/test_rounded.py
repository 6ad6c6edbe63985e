"""Pictures by rounding: boxes filled by the digits that are certain."""

from dataclasses import replace

import pytest

from autograd_lite import Value, cos, draw, rounding
from autograd_lite.nn import MLP


def _picture() -> tuple[Value, Value]:
    x = Value(1e-5, label="x")
    return x, (1.0 - cos(x)) / x**2


def test_boxes_say_how_far_they_are_off_and_are_the_darker_the_fewer_digits_are_certain() -> None:
    _, out = _picture()
    graph = draw(out, color="rounding")
    by_op = {node.op or node.label: node for node in graph.scene.nodes}
    assert {name: node.tint for name, node in by_op.items() if name in ("x", "cos", "-", "/")} == {
        "x": "none",
        "cos": "pos1",
        "-": "pos3",
        "/": "pos3",
    }
    assert by_op["-"].data == "5e-11 \u00b1 4e-16"
    assert by_op["-"].detail.endswith("5 of 16 digits are certain; cancellation, 10 of 16 digits lost")
    assert "filled by rounding" in graph.text()
    assert graph.html() == draw(out, color="rounding").html()  # without leaves that move: the colours would be of gradients


def test_the_picture_by_gradients_is_as_it_was() -> None:
    _, out = _picture()
    assert draw(out).scene == draw(out, color="gradient").scene
    assert [replace(node, tint="", data="", detail="") for node in draw(out).scene.nodes] == [
        replace(node, tint="", data="", detail="") for node in draw(out, color="rounding").scene.nodes
    ]


def test_groups_are_filled_by_their_worst_value() -> None:
    model = MLP(2, [3, 1], activation="tanh", seed=1)
    graph = draw(model([0.1, 0.7]), depth=1, color="rounding")
    assert {node.tint for node in graph.scene.nodes if node.kind == "group"} == {"pos1"}


def test_a_highlight_goes_with_it_and_doubts_are_written_below() -> None:
    x, out = _picture()
    assert any(node.emphasis == "path" for node in draw(out, highlight=x, color="rounding").scene.nodes)
    kink = (Value(0.1) * 10.0 - 1.0).relu()
    assert rounding(kink).notes[0] in draw(kink, color="rounding").text()


def test_another_colour_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`color` is 'red': there are \"gradient\" and \"rounding\""):
        draw(Value(1.0) * 2.0, color="red")

"""draw and Graph: what a picture shows, that one always comes out, and that it is the same picture every time."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from xml.etree import ElementTree

import pytest

from autograd_lite import GraphError, Value, constant, relu, tanh, topological_order, total
from autograd_lite.drawing import Graph, draw, rendering
from autograd_lite.drawing.scene import Edge, Node
from autograd_lite.nn import MLP

HOSTILE = "x|y {z}<b>&\"'\\N\\l\\\\G\\ %s ${a}"
UNPRINTABLE = "a\x00\x07\n\t\x1b\udc80\ufffe\u202eb"
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's dot is not on the PATH")
needs_pygraphviz = pytest.mark.skipif(find_spec("pygraphviz") is None, reason="pygraphviz is not installed")
RENDERERS = [pytest.param("builtin"), pytest.param("dot", marks=needs_dot), pytest.param("pygraphviz", marks=needs_pygraphviz)]


@pytest.fixture(autouse=True)
def _no_forced_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(rendering.VARIABLE, raising=False)


def example() -> tuple[Value, dict[str, Value]]:
    """A loss with a repeated operand, a dead path and constants, after its backward pass."""
    w, x, b = Value(2.0, label="w"), Value(0.5, label="x"), Value(1.0, label="b")
    y = tanh(w * x + b)
    loss = y * y + relu(-w) * x + 3.0
    loss.label = "loss"
    loss.backward()
    return loss, {"w": w, "x": x, "b": b}


def xml(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def by_id(svg: str) -> dict[str, ElementTree.Element]:
    return {element.get("id", ""): element for element in xml(svg).iter() if element.get("id")}


def texts(svg: str) -> str:
    return "\n".join(element.text or "" for element in xml(svg).iter() if element.tag.endswith("text"))


# ---- what is drawn -----------------------------------------------------------------------------------------------------------


def node_of(graph: Graph, **wanted: str) -> Node:
    (found,) = [node for node in graph.scene.nodes if all(getattr(node, key) == value for key, value in wanted.items())]
    return found


def test_one_box_per_value_and_one_edge_per_use_with_stable_ids() -> None:
    loss, _ = example()
    scene = draw(loss).scene
    order = topological_order(loss)
    assert [node.id for node in scene.nodes] == [f"n{i}" for i in range(len(order))]
    uses = [(i, k, operand) for i, value in enumerate(order) for k, operand in enumerate(value.operands)]
    assert [edge.id for edge in scene.edges] == [f"e{i}_{k}" for i, k, _ in uses]
    assert all(order[edge.operand] is operand for edge, (_, _, operand) in zip(scene.edges, uses, strict=True))


def test_a_repeated_operand_is_two_edges() -> None:
    x = Value(3.0, label="x")
    assert [(edge.operand, edge.user, edge.local) for edge in draw(x * x).scene.edges] == [(0, 1, "3"), (0, 1, "3")]


def test_local_derivatives_are_known_before_any_backward_pass() -> None:
    x = Value(3.0, label="x")
    graph = draw(x * 2.0)
    assert [edge.local for edge in graph.scene.edges] == ["2", ""]
    assert {node.tint for node in graph.scene.nodes} == {"none"}


def test_exactly_zero_after_backward_is_grey_and_before_it_is_not() -> None:
    loss, _ = example()
    graph = draw(loss)
    assert node_of(graph, op="-").tint == "zero"
    assert [edge.dead for edge in graph.scene.edges if graph.scene.nodes[edge.user].op == "relu"] == [True]
    loss.zero_grad()
    assert {node.tint for node in draw(loss).scene.nodes} == {"none"}


def test_sign_and_size_of_the_gradient_give_the_fill() -> None:
    a, b, c = (Value(1.0, label=name) for name in "abc")
    (a * 1.0 - b * 0.01 + c * 1e-9).backward()
    root = a * 1.0 - b * 0.01 + c * 1e-9
    root.backward()
    scene = draw(root).scene
    assert {node.label: node.tint for node in scene.nodes if node.label} == {"a": "pos4", "b": "neg2", "c": "pos1"}


@pytest.mark.parametrize(("gradient", "tint"), [(float("nan"), "nan"), (float("inf"), "pos4"), (float("-inf"), "neg4")])
def test_gradients_that_are_no_numbers_have_a_fill(gradient: float, tint: str) -> None:
    x = Value(1.0, label="x")
    y = x + 1.0
    y.backward()
    x.grad = gradient
    assert node_of(draw(y), label="x").tint == tint
    assert xml(draw(y).svg("builtin")) is not None


def test_the_builtin_svg_keeps_its_contract_for_players() -> None:
    loss, _ = example()
    svg = draw(loss).svg("builtin")
    found = by_id(svg)
    for i, value in enumerate(topological_order(loss)):
        group = found[f"n{i}"]
        classes = [(child.tag.split("}")[1], child.get("class")) for child in group]
        assert "node" in (group.get("class") or "").split()
        assert ("rect", "box") in classes
        assert ("text", "data") in classes
        assert (("text", "grad") in classes) == value.requires_grad
        assert (("text", "op") in classes) == (value.primitive is not None)
        assert (("text", "label") in classes) == bool(value.label)
        for k in range(len(value.operands)):
            edge = found[f"e{i}_{k}"]
            assert "edge" in (edge.get("class") or "").split()
            assert next(child.tag.split("}")[1] for child in edge) == "path"


def test_the_style_sheet_stays_below_its_class_and_knows_dark() -> None:
    style = next(
        element.text or "" for element in xml(draw(Value(1.0) + 1.0).svg("builtin")).iter() if element.tag.endswith("style")
    )
    light, dark = style.split("@media (prefers-color-scheme:dark)")
    for part in (light, dark.strip()[1:-1]):
        selectors = [selector for rule in part.split("}") for selector in rule.split("{")[0].split(",") if selector.strip()]
        assert selectors
        assert all(selector.strip().startswith(".agl") for selector in selectors)


def test_a_picture_of_15_values_is_small() -> None:
    loss, _ = example()
    assert len(topological_order(loss)) <= 15
    assert len(draw(loss).svg("builtin")) < 20_000


def test_small_graphs_of_modules_are_framed() -> None:
    model = MLP(2, [3, 1], "tanh", seed=0)
    scene = draw((model([0.5, -1.0]) - constant(1.0, "y")) ** 2).scene
    assert sorted(scene.clusters) == ["layer0.neuron0", "layer0.neuron1", "layer0.neuron2", "layer1.neuron0"]
    inside = {scene.clusters[node.cluster] for node in scene.nodes if node.op == "tanh" and node.cluster is not None}
    assert inside == {"layer0.neuron0", "layer0.neuron1", "layer0.neuron2"}


# ---- user text ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_hostile_label_draws_as_itself(renderer: str) -> None:
    x = Value(1.0, label=HOSTILE)
    svg = draw(tanh(x), title=HOSTILE).svg(renderer)
    assert texts(svg).replace("\u00a0", " ").count(HOSTILE) == 2


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize(
    "label", [UNPRINTABLE, "", " ", "<>", "&amp;", "</svg>", "日本語 ✓ é", "\N{FAMILY}\u200d", "w" * 500, "-->", "]]>"]
)
def test_no_label_breaks_a_picture(renderer: str, label: str) -> None:
    x = Value(1.0, label=label)
    graph = draw(tanh(x) + constant(2.0, label), title=label)
    assert xml(graph.svg(renderer)) is not None
    assert graph.text().isprintable() or "\n" in graph.text()


def test_a_label_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="a label is a string or None, got 3"):
        Value(1.0, label=3)  # type: ignore[arg-type]


# ---- highlighting and arguments ----------------------------------------------------------------------------------------------


def test_highlight_marks_the_ways_with_shares_that_add_up() -> None:
    loss, names = example()
    scene = draw(loss, highlight=names["x"]).scene
    assert node_of(Graph(scene), label="x").emphasis == "path"
    assert node_of(Graph(scene), label="b").emphasis == "dim"

    def share(edge: Edge) -> float:
        return float(re.sub(r"[^0-9.e-]", "", edge.share))

    leaving = [edge for edge in scene.edges if edge.emphasis == "path" and scene.nodes[edge.operand].label == "x"]
    arriving = [edge for edge in scene.edges if edge.emphasis == "path" and edge.user == scene.root]
    assert sum(map(share, leaving)) == pytest.approx(100.0)
    assert sum(map(share, arriving)) == pytest.approx(100.0)
    assert any("highlighted: the ways from x to the root" in note for note in scene.notes)


def test_highlight_must_be_a_value_of_the_graph() -> None:
    loss, _ = example()
    with pytest.raises(GraphError, match="is not part of the graph"):
        draw(loss, highlight=Value(1.0))
    with pytest.raises(TypeError, match="`highlight` must be a Value of the graph, got str 'w'"):
        draw(loss, highlight="w")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"), [({"depth": 0}, "`depth` is 0"), ({"max_nodes": -1}, "`max_nodes` is -1"), ({"digits": 0}, "`digits`")]
)
def test_options_are_checked(options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(example()[0], **options)  # type: ignore[arg-type]


def test_only_values_are_drawn() -> None:
    with pytest.raises(TypeError, match=r"draw takes a Value, got list .*total\(\)"):
        draw([Value(1.0)])  # type: ignore[arg-type]


def test_a_single_leaf_and_a_constant_are_pictures_too() -> None:
    for value in (Value(1.0, label="x"), constant(2.0), total([Value(1.0)] * 30)):
        assert xml(draw(value).svg()) is not None
        assert draw(value).text()

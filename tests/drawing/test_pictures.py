"""draw and Graph: what a picture shows, that one always comes out, and that it is the same picture every time."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from autograd_lite import GraphError, Value, constant, exp, log, relu, softmax, tanh, topological_order, total
from autograd_lite.drawing import Graph, draw, rendering
from autograd_lite.drawing.layout.labels import ARRIVING, label_place, label_sides
from autograd_lite.drawing.layout.metrics import SMALL, text_width
from autograd_lite.drawing.scene import Edge, Node
from autograd_lite.drawing.svg import scene_layout
from autograd_lite.losses import cross_entropy
from autograd_lite.nn import MLP
from tests.skipped_examples import run_example

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
    with pytest.raises(TypeError, match="draw takes a Value, or a list of Values, got str 'x'"):
        draw("x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"draw takes a list of Values, got float 1\.0 at place 1"):
        draw([Value(1.0), 1.0])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="got an empty one"):
        draw([])


def test_a_single_leaf_and_a_constant_are_pictures_too() -> None:
    for value in (Value(1.0, label="x"), constant(2.0), total([Value(1.0)] * 30)):
        assert xml(draw(value).svg()) is not None
        assert draw(value).text()


# ---- several roots -------------------------------------------------------------------------------------------------------------


def test_several_roots_are_drawn_together() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    product, both = a * b, (a + b).tanh()
    product.label, both.label = "p", "s"
    graph = draw([product, both])
    scene = graph.scene
    assert sorted(scene.nodes[i].label for i in scene.roots) == ["p", "s"]
    assert len(scene.nodes) == 5
    assert [line.split("  ")[1] for line in graph.text().splitlines() if not line.startswith(" ")] == ["p", "s"]
    for renderer in ("builtin", "dot") if shutil.which("dot") else ("builtin",):
        classes = {name: element.get("class", "").split() for name, element in by_id(graph.svg(renderer)).items()}
        assert sum("root" in found for found in classes.values()) == 2
    assert "<!doctype html>" in graph.html()


def test_roots_may_share_stand_in_one_another_and_repeat() -> None:
    x = Value(3.0, label="x")
    inner = x * x
    outer = inner + x
    for roots in ([outer, inner], [inner, outer], [inner, outer, inner], (outer, x)):
        scene = draw(roots).scene
        assert len(scene.nodes) == 3
        assert len(scene.roots) == len({id(root) for root in roots})
        assert scene.nodes[scene.root].op == "+"
    assert len(draw([constant(1.0), constant(2.0)]).scene.nodes) == 2


def test_a_highlight_of_several_roots_is_of_their_sum() -> None:
    x = Value(3.0, label="x")
    graph = draw([x * x, 2.0 * x], highlight=x)
    assert graph.scene.notes == ("highlighted: the ways from x to the roots; the gradient of their sum is 8",)
    assert draw([x * x, Value(1.0) * 2.0], highlight=x).scene.notes[0].endswith("is 6")


def test_several_roots_of_modules_and_of_many_values() -> None:
    model = MLP(2, [30, 2], "tanh", seed=0)
    scene = draw(model([0.5, 1.0]), depth=2).scene
    assert {scene.nodes[i].op for i in scene.roots} == {"layer1.neuron0", "layer1.neuron1"}
    chains = []
    for _ in range(2):
        v = Value(0.5)
        for _ in range(300):
            v = -v
        chains.append(v)
    assert "round the roots" in draw(chains).scene.notes[-1]


def test_a_function_may_give_several_roots() -> None:
    x = Value(3.0, label="x")
    assert len(draw(lambda: [x + 1.0, x * 2.0]).scene.roots) == 2


# ---- functions -----------------------------------------------------------------------------------------------------------------


def logits(count: int) -> list[Value]:
    return [Value(0.4 * k - 1.0, label=f"z{k}") for k in range(count)]


@pytest.mark.parametrize("count", [2, 3, 10])
@pytest.mark.parametrize("right", [0, -1])
@pytest.mark.parametrize("shape", ["index", "one-hot", "soft", "smooth"])
def test_a_cross_entropy_is_one_box_whose_edges_carry_p_minus_t(count: int, right: int, shape: str) -> None:
    z, right = logits(count), right % count
    sure = [float(k == right) for k in range(count)]
    soft = [(0.5 + k) * 2.0 / count**2 for k in range(count)]
    target = {"index": right, "one-hot": sure, "soft": soft, "smooth": right}[shape]
    loss = cross_entropy(z, target, label_smoothing=0.1 if shape == "smooth" else 0.0)
    loss.label = "loss"
    loss.backward()
    scene = draw(loss, digits=6).scene
    assert [node.op for node in scene.nodes] == [*[""] * count, "cross_entropy"]
    assert scene.root == count
    assert (scene.nodes[-1].label, scene.nodes[-1].data, scene.nodes[-1].grad) == ("loss", f"data {loss.data:.6g}", "grad 1")
    shares = {"index": sure, "one-hot": sure, "soft": soft, "smooth": [0.9 * t + 0.1 / count for t in sure]}[shape]
    slopes = [p - t for p, t in zip(softmax([value.data for value in z]), shares, strict=True)]
    shown = {scene.nodes[edge.operand].label: float(edge.text) for edge in scene.edges}
    assert shown == pytest.approx({f"z{k}": slope for k, slope in enumerate(slopes)}, rel=1e-5)
    assert len(draw(loss, max_nodes=None).scene.nodes) == len(topological_order(loss))


@pytest.mark.parametrize("count", [2, 3, 10])
@pytest.mark.parametrize("taken", ["all", "last"])
def test_a_softmax_is_one_box(count: int, taken: str) -> None:
    p = softmax(logits(count))
    scene = draw(total([q * q for q in p]) if taken == "all" else -log(p[-1])).scene
    assert [node.op for node in scene.nodes if node.kind == "group"] == ["softmax"]
    assert "-" not in [node.op for node in scene.nodes if node.kind != "constant"][:-1]


def test_functions_of_one_batch_and_of_each_other_fold_one_by_one() -> None:
    a, b = logits(3), logits(3)
    losses = [cross_entropy(a, 0), cross_entropy(b, 2)]
    assert [node.op for node in draw(total(losses)).scene.nodes if node.kind == "group"] == ["cross_entropy"] * 2
    attention = softmax([q * 2.0 for q in softmax(a)])
    assert [node.op for node in draw(total([attention[0] * 3.0, attention[1]])).scene.nodes if node.kind == "group"] == [
        "softmax"
    ] * 2


def test_what_only_looks_like_a_softmax_stays_as_it_is() -> None:
    z = logits(3)
    e = [exp(v - 1.0) for v in z]
    others = [exp(v - 2.0) for v in z]
    for impostor in (e[0] / total([*e[1:], e[0]]), e[0] / total(others), e[0] / total([e[0], e[1], others[2]])):
        kinds = [node.kind for node in draw(impostor).scene.nodes]
        assert "group" not in kinds or impostor.operands[1].operands[0] is not e[0]


def test_a_function_in_a_network_keeps_the_frames_and_folds_with_the_modules() -> None:
    model = MLP(2, [3], "linear", seed=0)
    loss = cross_entropy(model([0.5, -1.0]), 1)
    loss.backward()
    scene = draw(loss).scene
    assert scene.nodes[-1].op == "cross_entropy"
    assert sorted(scene.clusters) == [f"layer0.neuron{k}" for k in range(3)]
    assert [node.op for node in draw(loss, depth=1).scene.nodes if node.kind == "group"] == ["layer0", "cross_entropy"]


# ---- words, and colours that are explained --------------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", RENDERERS)
def test_boxes_and_edges_say_what_they_are(renderer: str) -> None:
    w = Value(2.0, label="w")
    loss = w * -1.5
    loss.backward()
    found = by_id(draw(loss, title="T").svg(renderer))

    def title(name: str) -> str:
        return next(child.text or "" for child in found[name] if child.tag.endswith("title"))

    assert title("n0") == "w: data 2.0, grad -1.5"
    assert title("n2") == "*: data -3.0, grad 1.0"
    assert title("e2_0") == "w to *: local derivative -1.5"
    assert found["n0"].get("role") == "graphics-symbol"
    assert found["e2_0"].get("data-from") == "n0"
    root = xml(draw(loss, title="T").svg(renderer))
    assert (root.get("role"), root.get("aria-label")) == ("graphics-document", "T")
    assert not re.search(r"<title>(n\d|cluster|autograd|%3)", draw(loss).svg(renderer))


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_legend_explains_the_colours_that_there_are(renderer: str) -> None:
    loss, names = example()
    loss = loss - 2.0 * names["x"]
    loss.backward()
    shown = texts(draw(loss).svg(renderer)).replace("\u00a0", " ")
    for words in ("grad > 0", "grad < 0", "the darker, the larger", "grad = 0", "local derivative 0"):
        assert words in shown
    loss.zero_grad()
    assert "grad > 0" not in texts(draw(loss).svg(renderer))


# ---- modules: order, dead ones, frames -------------------------------------------------------------------------------------------


def heights(svg: str, stem: str) -> list[float]:
    """How far down the boxes of a family stand, by their numbers."""
    found = {}
    for element in xml(svg).iter():
        name = next((child.text or "" for child in element if child.tag.endswith("title")), "")
        number = re.match(rf"{re.escape(stem)}(\d+)\b", name)
        if number and "node" in (element.get("class") or "").split():
            place = re.search(r"translate\([^,]+,([-\d.]+)\)", element.get("transform") or "")
            text = next(child.get("y") for child in element.iter() if child.tag.endswith("text"))
            found[int(number[1])] = float(place[1] if place else text or 0.0)
    return [found[number] for number in sorted(found)]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_neurons_stand_in_their_order(renderer: str) -> None:
    model = MLP(2, [16, 16, 1], "tanh", seed=0)
    loss = (model([0.5, -1.0]) - 1.0) ** 2
    loss.backward()
    svg = draw(loss, depth=2).svg(renderer)
    for layer in (0, 1):
        places = heights(svg, f"layer{layer}.neuron")
        assert len(places) == 16
        assert places == sorted(places)


def test_frames_and_leaves_stand_in_their_order() -> None:
    model = MLP(3, [5, 12, 1], "tanh", seed=0)
    scene = draw((model([0.5, -1.0, 2.0]) - 1.0) ** 2, max_nodes=None).scene
    layout = scene_layout(scene)
    for layer, size in ((0, 5), (1, 12)):
        tops = [layout.clusters[scene.clusters.index(f"layer{layer}.neuron{k}")][1] for k in range(size)]
        assert tops == sorted(tops)
    for neuron in scene.clusters:
        weights = [layout.centers[i][1] for i, node in enumerate(scene.nodes) if node.label.startswith(f"{neuron}.w[")]
        assert weights == sorted(weights)


def test_large_graphs_are_framed_too() -> None:
    model = MLP(2, [8, 8, 1], "tanh", seed=0)
    scene = draw((model([0.5, -1.0]) - 1.0) ** 2, max_nodes=None).scene
    assert len(scene.nodes) > 100
    assert len(re.findall('class="cluster"', draw((model([0.5, -1.0]) - 1.0) ** 2, max_nodes=None).svg("builtin"))) == 17


def test_a_dead_neuron_looks_dead() -> None:
    model = MLP(2, [4, 1], "relu", seed=1)
    dead = model.layers[0].neurons[1]
    assert dead.b is not None
    dead.b.data = -9.0
    alive = model.layers[0].neurons[3]
    assert alive.b is not None
    alive.b.data = 9.0
    loss = model([0.5, 0.2]) - 1.0
    loss.backward()
    scene = draw(loss, depth=2).scene
    boxes = {node.op: node for node in scene.nodes}
    assert (boxes["layer0.neuron1"].tint, boxes["layer0.neuron1"].grad) == ("zero", "dead: no grad gets in")
    assert boxes["layer0.neuron3"].tint not in ("zero", "none")
    arriving = {scene.nodes[edge.user].op: edge.dead for edge in scene.edges if scene.nodes[edge.user].op.startswith("layer0")}
    assert arriving["layer0.neuron1"] is True
    assert arriving["layer0.neuron3"] is False


# ---- texts of edges --------------------------------------------------------------------------------------------------------------


def test_edge_texts_lie_on_no_arrowhead_and_on_no_other_text() -> None:
    for value in (example()[0], total([x * w for x, w in zip(logits(9), logits(9), strict=True)]), cross_entropy(logits(8), 1)):
        scene = draw(value).scene
        routes = scene_layout(scene).routes
        sides = label_sides([(edge.operand, edge.user) for edge in scene.edges], routes)
        boxes = []
        for edge, side, route in zip(scene.edges, sides, routes, strict=True):
            width = text_width(edge.text, SMALL)
            left, bottom = label_place(side, route)
            left -= width if side == ARRIVING else 0.0
            if edge.text:
                boxes.append((left, bottom - 7.0, left + width, bottom))
        for left, top, right, bottom in boxes:
            tips = [route[-1] for route in routes]
            assert not [(x, y) for x, y in tips if left < x and x - 6.0 < right and top < y + 3.0 and y - 3.0 < bottom]
        for one, other in combinations(boxes, 2):
            assert min(one[2], other[2]) <= max(one[0], other[0]) or min(one[3], other[3]) <= max(one[1], other[1])


def test_texts_make_no_piles_in_dense_layers() -> None:
    model = MLP(2, [8, 8, 1], "tanh", seed=0)
    loss = total([(model([0.5, x]) - 1.0) ** 2 for x in (0.0, 1.0, 2.0)])
    for options in ({"depth": 2}, {"depth": 1}, {"max_nodes": None}):
        svg = draw(loss, **options).svg("builtin")  # type: ignore[arg-type]
        assert "edges</text>" in svg or "max_nodes" in options
        arriving = re.findall(
            r'class="edge (?!.*crowded)[^"]*"[^>]*><path[^>]*/>(?:<title>[^<]*</title>)?<text class="local" x="([-\d.]+)" y="([-\d.]+)"',
            svg,
        )
        places = sorted((float(x), float(y)) for x, y in arriving)
        assert all(x != other or abs(y - above) >= 8.9 for (x, y), (other, above) in pairwise(places))


# ---- showing -------------------------------------------------------------------------------------------------------------------


def test_show_opens_the_page_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    graph = draw(example()[0])
    path = graph.show()
    assert opened == [path.as_uri()]
    assert path.read_text() == graph.html()
    run_example(Graph.show)


def test_show_says_where_the_picture_is_if_no_browser_opens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    path = draw(example()[0]).show()
    assert capsys.readouterr().out == f"no browser opens here: the picture is {path}\n"
    assert path.exists()

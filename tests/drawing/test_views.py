"""Which boxes a large graph is drawn with: modules, neighbours that are alike, or the values round the root."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite import Value, constant, tanh, topological_order, total
from autograd_lite.drawing import draw
from autograd_lite.drawing.scene import Scene
from autograd_lite.drawing.view import collapse
from autograd_lite.drawing.view.focus import focus
from autograd_lite.drawing.view.homes import homes, module_path
from autograd_lite.drawing.view.partition import Partition, components
from autograd_lite.drawing.view.survey import Survey
from autograd_lite.functions import gelu, mish, silu
from autograd_lite.nn import MLP


def assert_acyclic(scene: Scene) -> None:
    edges = [(edge.operand, edge.user) for edge in scene.edges]
    assert len(set(components(len(scene.nodes), edges))) == len(scene.nodes)
    assert all(a != b for a, b in edges)


def named(scene: Scene) -> list[str]:
    return [node.op for node in scene.nodes if node.kind == "group"]


# ---- homes -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "relu", silu, gelu, mish, None])
def test_a_neuron_is_at_home_with_its_weights(expanded: bool, activation: object) -> None:
    model = MLP(2, [3, 2, 1], activation, output_activation="sigmoid", expanded=expanded, seed=0)  # type: ignore[arg-type]
    hidden = model.layers[0]([0.5, -1.0])
    middle = model.layers[1](hidden)
    out = model.layers[2](middle)
    loss = total([(out - constant(1.0, "y")) ** 2, constant(0.0)])
    survey = Survey(loss)
    home = homes(survey)

    def home_of(value: Value) -> tuple[str, ...]:
        place = survey.place_of(value)
        assert place is not None
        return home[place]

    assert [home_of(value) for value in hidden] == [("layer0", f"neuron{k}") for k in range(3)]
    assert [home_of(value) for value in middle] == [("layer1", f"neuron{k}") for k in range(2)]
    assert home_of(out) == ("layer2", "neuron0")
    assert home_of(loss) == ()
    for k, value in enumerate(hidden):
        for below in topological_order(value):
            assert home_of(below) == (("layer0", f"neuron{k}") if below.primitive or "." in (below.label or "") else ())


def test_the_plain_target_of_a_loss_is_outside() -> None:
    model = MLP(2, [2, 1], gelu, seed=0)
    out = model([0.5, 1.0])
    error = out - 1.0
    survey = Survey(error**2)
    home = homes(survey)
    assert home[survey.place_of(out) or 0] == ("layer1", "neuron0")
    assert home[survey.place_of(error) or 0] == ()


@pytest.mark.parametrize("expanded", [False, True])
def test_samples_share_modules_but_their_losses_are_outside(expanded: bool) -> None:
    model = MLP(2, [2, 1], "tanh", expanded=expanded, seed=0)
    outputs = [model([x, 1.0]) for x in (0.0, 1.0, 2.0)]
    loss = total(outputs) * 0.5
    survey = Survey(loss)
    home = homes(survey)
    assert all(home[survey.place_of(out) or 0] == ("layer1", "neuron0") for out in outputs)
    assert home[survey.place_of(loss.operands[0]) or 0] == ()


def test_mixing_siblings_is_outside_and_mixing_parts_is_inside() -> None:
    def weight(name: str) -> Value:
        return Value(1.0, label=name)

    x = Value(2.0, label="x")
    query, key = x * weight("block.attention.query.w"), x * weight("block.attention.key.w")
    score = query * key
    left, right = x * weight("block.mlp.neuron0.w"), x * weight("block.mlp.neuron1.w")
    root = score + left * right
    survey = Survey(root + x)
    home = {id(value): path for value, path in zip(survey.values, homes(survey), strict=True)}
    assert home[id(score)] == ("block", "attention")
    product = root.operands[1]
    assert home[id(product)] == ("block",)
    assert home[id(root)] == ("block",)


@pytest.mark.parametrize("label", [None, "", "x", "x[0]", "1.5", "a b.c", ".w", "w.", 3, "version 1.0"])
def test_labels_without_a_module_have_no_home(label: object) -> None:
    assert module_path(label) == ()


def test_labels_with_keys_have_one() -> None:
    assert module_path("heads['left'].b") == ("heads['left']",)


# ---- collapsing --------------------------------------------------------------------------------------------------------------


def network(*sizes: int, samples: int = 1, expanded: bool = False) -> tuple[Value, MLP]:
    model = MLP(sizes[0], sizes[1:], "tanh", seed=0, expanded=expanded)
    rng = random.Random(0)
    outputs = [model([rng.random() for _ in range(sizes[0])]) for _ in range(samples)]
    loss = total([(total(out if isinstance(out, list) else [out]) - constant(1.0, "y")) ** 2 for out in outputs])
    loss.backward()
    return loss, model


def test_depth_1_is_layers_and_depth_2_neurons() -> None:
    loss, _ = network(2, 4, 1)
    assert sorted(named(draw(loss, depth=1).scene)) == ["layer0", "layer1"]
    assert sorted(named(draw(loss, depth=2).scene)) == [*(f"layer0.neuron{k}" for k in range(4)), "layer1.neuron0"]


def test_a_group_says_what_is_in_it() -> None:
    model = MLP(2, [4, 1], "tanh", seed=0)
    out = model([0.5, -1.0])
    loss = (out - constant(1.0, "y")) ** 2
    loss.backward()
    (layer,) = [node for node in draw(loss, depth=1).scene.nodes if node.op == "layer1"]
    steepest = max(abs(value.grad) for value in (out, *model.layers[1].parameters()))
    assert (layer.label, layer.data, layer.grad) == ("6 values", f"out {out.data:.4g}", f"max |grad| {steepest:.4g}")


@pytest.mark.parametrize("samples", [1, 4])
@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize("options", [{}, {"depth": 1}, {"depth": 2}, {"depth": 9}, {"max_nodes": 20}, {"max_nodes": 3}])
def test_every_collapsed_view_is_acyclic_and_counts_every_value(samples: int, expanded: bool, options: dict[str, int]) -> None:
    loss, model = network(3, 6, 5, 1, samples=samples, expanded=expanded)
    scene = draw(loss, highlight=model.parameters()[0], **options).scene  # type: ignore[arg-type]
    assert_acyclic(scene)
    groups = [node for node in scene.nodes if node.kind == "group"]
    inside = sum(int(node.label.split()[0].replace(",", "")) for node in groups if node.label)
    assert inside + len(scene.nodes) - len(groups) == len(topological_order(loss))
    assert scene.nodes[scene.root].id


def test_above_the_cut_over_it_collapses_by_itself_and_none_forces_everything() -> None:
    loss, _ = network(2, 16, 16, 1)
    count = len(topological_order(loss))
    assert 150 < count < 2000
    assert len(draw(loss).scene.nodes) < 60
    assert len(draw(loss, max_nodes=None).scene.nodes) == count
    assert any(f"{count:,} values" in note for note in draw(loss).scene.notes)


def test_many_alike_neighbours_fold() -> None:
    loss, _ = network(4, 70, 1)
    scene = draw(loss, depth=2).scene
    assert "layer0.neuron x 70" in named(scene)
    assert any("values" in note for note in scene.notes)


def test_very_deep_models_are_drawn_in_chunks() -> None:
    h = Value(0.5, label="x")
    for k in range(400):
        h = tanh(h * Value(1.0, label=f"layer{k}.{'abc'[k % 3]}.w"))
    loss = h * 2.0
    scene = draw(loss).scene
    assert len(scene.nodes) <= 150
    assert_acyclic(scene)


def test_a_cell_that_feeds_itself_is_drawn_without_a_cycle() -> None:
    w, u = Value(0.5, label="cell.w"), Value(0.7, label="other.w")
    h = Value(0.1, label="h")
    for _ in range(60):
        h = tanh(h * w)
        h = tanh(h * u)
    scene = draw(h + Value(0.0, label="z")).scene
    assert_acyclic(scene)
    assert any("1 module lies on a cycle and is drawn merged with what lies between" in note for note in scene.notes)


@given(st.data())
def test_random_graphs_collapse_without_cycles(data: st.DataObject) -> None:
    labels = st.sampled_from(["a.w", "a.b.w", "b.w", "b.c0.w", "b.c1.w", "x", None])
    pool = [Value(0.5, label=data.draw(labels)) for _ in range(3)]
    for _ in range(data.draw(st.integers(1, 25))):
        x, y = data.draw(st.sampled_from(pool)), data.draw(st.sampled_from(pool))
        fresh = Value(0.5, label=data.draw(labels))
        pool.append(
            data.draw(st.sampled_from([lambda a, b, c: a * b, lambda a, b, c: a * c, lambda a, b, c: tanh(a)]))(x, y, fresh)
        )
    for options in ({"depth": 1}, {"depth": 2}, {"max_nodes": 2}, {"max_nodes": 6}):
        scene = draw(pool[-1], **options).scene  # type: ignore[arg-type]
        assert_acyclic(scene)
        assert draw(pool[-1], **options).svg("builtin")  # type: ignore[arg-type]


def test_chunks_are_the_last_resort_and_still_acyclic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collapse, "CHUNKS", 5)
    loss, _ = network(3, 8, 8, 8, 8, 8, 8, 1)
    scene = draw(loss, depth=2, max_nodes=8).scene
    assert len(scene.nodes) <= 8
    assert_acyclic(scene)


# ---- the focus view ----------------------------------------------------------------------------------------------------------


def chain(length: int) -> tuple[Value, Value]:
    x = Value(0.5, label="x")
    v = x
    for _ in range(length):
        v = -v
    v.backward()
    return v, x


def test_without_modules_the_root_is_in_focus_and_the_rest_is_counted() -> None:
    root, x = chain(5000)
    scene = draw(root).scene
    assert len(scene.nodes) < 30
    assert_acyclic(scene)
    (rest,) = named(scene)
    shown = len(scene.nodes) - 1
    assert rest == f"... {5001 - shown:,} more"
    assert any(rest in note for note in scene.notes)
    assert rest in draw(root).text()
    assert any(node.label == "x" for node in scene.nodes)
    assert draw(root, highlight=x).svg("builtin")


@given(st.integers(0, 10**6), st.integers(2, 40))
def test_focus_is_acyclic_and_within_its_budget(seed: int, most: int) -> None:
    rng = random.Random(seed)
    pool = [Value(rng.random()) for _ in range(4)]
    for _ in range(50):
        pool.append(rng.choice(pool) * rng.choice(pool[-6:]))
    survey = Survey(pool[-1])
    partition = focus(survey, most)
    assert partition.count <= max(most, 4)
    pairs = [(partition.part[p], partition.part[i]) for i in range(len(survey)) for p in survey.operands_of(i)]
    assert len(set(components(partition.count, [pair for pair in pairs if pair[0] != pair[1]]))) == partition.count


def test_a_highlight_without_modules_shows_its_ways_where_they_fit() -> None:
    x = Value(0.5, label="x")
    v = total([Value(1.0) for _ in range(400)]) * x
    scene = draw(v + 1.0, highlight=x).scene
    assert {node.op for node in scene.nodes if node.emphasis == "path"} == {"", "*", "+"}
    assert_acyclic(scene)


def test_a_long_chain_draws_without_recursion() -> None:
    root, _ = chain(200_000)
    graph = draw(root)
    assert len(graph.svg("builtin")) < 100_000
    assert "199,98" in graph.text()


def test_a_wide_layer_is_one_page() -> None:
    loss, _ = network(200, 100, 10)
    for options in ({}, {"depth": 2}):
        scene = draw(loss, **options).scene  # type: ignore[arg-type]
        assert len(scene.nodes) <= 60
        assert_acyclic(scene)


# ---- growth ------------------------------------------------------------------------------------------------------------------


def test_the_text_of_a_large_picture_is_bounded() -> None:
    loss, _ = network(2, 16, 16, 1)
    text = draw(loss, max_nodes=None).text()
    assert len(text.splitlines()) <= 202
    assert "boxes more" in text


def test_the_svg_grows_linearly() -> None:
    sizes = [
        (len(topological_order(loss)), len(draw(loss, max_nodes=None).svg("builtin")))
        for loss in (network(2, k, k, 1)[0] for k in (8, 16, 24))
    ]
    assert all(size < 900 * count for count, size in sizes)
    for (few, small), (many, large) in pairwise(sizes):
        assert large / small < 1.6 * many / few


def test_partition_without_names_is_the_graph_itself() -> None:
    partition = Partition([0, 1, 2], ["", "", ""])
    assert partition.members() == [[0], [1], [2]]

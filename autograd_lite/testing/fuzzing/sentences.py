"""What programs also say: losses, derivatives inside, Python's own choices, numbers outside the graph, and whole statements."""

import re

from autograd_lite.testing.fuzzing.case import Piece
from autograd_lite.testing.fuzzing.grammar import Maker, Sampler, constant_text
from autograd_lite.testing.fuzzing.likeness import like_terms

# ---- losses ------------------------------------------------------------------------------------------------------------------


def _loss(sampler: Sampler, depth: int) -> Piece:
    kind, given, random = sampler.random.randrange(5), sampler.list(depth), sampler.random
    if kind == 0 and given.length > 1:
        return _classes(sampler, given)
    if kind == 1:
        targets = _targets(sampler, given.length, ("0.0", "1.0", "0.3", "1"))
        return Piece("number", "binary_cross_entropy_with_logits({0}, {1})", (given, targets))
    if kind == 2:
        targets = _targets(sampler, given.length, ("0.0", "1.0", "0.3", "1"))
        [a] = sampler.fresh()
        shares = Piece("list", f"[0.5 + 0.49 * softsign({a}) for {a} in {{0}}]", (given,), given.length)
        return Piece("number", "binary_cross_entropy({0}, {1})", (shares, targets))
    if kind == 3:
        targets = _targets(sampler, given.length, ("1", "-1"))
        return Piece("number", f"hinge({{0}}, {{1}}{random.choice(('', ', margin=0.5'))})", (given, targets))
    form = random.choice(("half", "sum", "mean"))
    return Piece("number", f'squared_error({{0}}, {{1}}, form="{form}")', (given, sampler.list(depth, given.length)))


def _targets(sampler: Sampler, count: int, choices: tuple[str, ...]) -> Piece:
    return Piece("list", "[" + ", ".join(sampler.random.choice(choices) for _ in range(count)) + "]", (), count)


def _classes(sampler: Sampler, given: Piece) -> Piece:
    count, choice = given.length, sampler.random.random()
    right = sampler.random.randrange(count)
    hot = [float(place == right) for place in range(count)]
    smooth = [round(0.5 * share + 0.5 / count, 17) for share in hot]
    target = Piece("target", sampler.random.choice([str(right), f"[1 / {count}] * {count}", repr(hot), repr(smooth)]))
    if choice < 0.6:
        return Piece("number", "cross_entropy({0}, {1})", (given, target))
    if choice < 0.75:
        soft = Piece("list", "softmax({0})", (sampler.list(0, count),), count)
        return Piece("number", "cross_entropy({0}, {1})", (given, soft))
    return Piece("number", "cross_entropy_of_probabilities(softmax({0}), {1})", (given, target))


# ---- derivatives inside ------------------------------------------------------------------------------------------------------


_INSIDE = (  # how many arguments the function inside has, and a text with its body {0} and the point {1}, {2}
    (1, "derivative(lambda {a}: {{0}})({{1}})"),
    (1, "derivative(lambda {a}: {{0}}, order=2)({{1}})"),
    (1, "grad(lambda {a}: {{0}})({{1}})"),
    (1, "value_and_grad(lambda {a}: {{0}})({{1}})[{place}]"),
    (1, "jacobian(lambda {a}: [{{0}}, {a} * {{0}}])({{1}})[{place}][0]"),
    (2, "grad(lambda {a}, {b}: {{0}})({{1}}, {{2}})[{place}]"),
    (2, "hessian(lambda {a}, {b}: {{0}})({{1}}, {{2}})[{place}][{other}]"),
    (2, "hvp(lambda {a}, {b}: {{0}})({{1}}, {{2}}, vector=(1.0, 0.5))[{place}]"),
)


def _inner(sampler: Sampler, depth: int) -> Piece:
    if sampler.inside > 2:
        return sampler.leaf()
    random, (a, b) = sampler.random, sampler.fresh(2)
    if random.random() < 0.15:
        given = sampler.list(depth - 1)
        body = sampler.under([a], depth, 4, {a: given.length})
        return Piece("number", f"{random.choice(('sum', 'norm'))}(grad(lambda {a}: {{0}})({{1}}))", (body, given))
    count, text = random.choice(_INSIDE)
    template = text.format(a=a, b=b, place=random.randrange(2), other=random.randrange(2))
    body = sampler.under([a, b][:count], depth)
    return Piece("number", template, (body, *(sampler.number(depth) for _ in range(count))))


# ---- Python's own choices, and numbers outside the graph ---------------------------------------------------------------------


def _python(sampler: Sampler, depth: int) -> Piece:
    sampler.guarded = True
    template = sampler.random.choice(
        ("max({0})", "min({0})", "sorted({0})[0]", "({1} if {2} else {3})", "sum(a for a in {0} if a > 0.1)")
    )
    if "{1}" in template:
        return Piece("number", "({1} if {0} else {2})", (sampler.truth(1), sampler.number(depth), sampler.number(depth)))
    return Piece("number", template, (sampler.list(depth),))


def _outside(sampler: Sampler, depth: int) -> Piece:
    names = [name for name in sampler.numbers if not re.fullmatch(r"s\d", name)]  # a name given inside may be of a plain number
    if not names or sampler.inside:
        return sampler.leaf()
    sampler.detached = True
    name = sampler.random.choice(names)
    template = sampler.random.choice(("{0}.detach()", "(0.0 + {0}).detach()") * 3 + ("float(str({0}.detach().data))", "{0}.data"))
    return Piece("number", template, (Piece("number", name),))


FURTHER: tuple[tuple[Maker, int], ...] = ((_loss, 2), (_inner, 1), (_python, 1), (_outside, 1), (like_terms, 4))


# ---- statements --------------------------------------------------------------------------------------------------------------


def statement(sampler: Sampler, name: str, depth: int) -> Piece:
    """Lines that give `name` a number or a list, which is in scope from then on."""
    choice = sampler.random.random()
    if choice < 0.4:
        piece = Piece("lines", f"{name} = {{0}}", (sampler.number(depth),))
    elif choice < 0.65:
        given = sampler.list(depth)
        sampler.lists += [(name, given.length)] * 2
        return Piece("lines", f"{name} = {{0}}", (given,))
    else:
        piece = sampler.random.choice((_loop, _loop, _recurrence, _countdown, _either, _appended, _paused))(
            sampler, name, depth - 1
        )
    if not sampler.lists or sampler.lists[-1][0] != name:
        sampler.numbers += [name] * 3
    return piece


def _loop(sampler: Sampler, name: str, depth: int) -> Piece:
    [a] = sampler.fresh()
    given = sampler.list(depth)
    step = sampler.under([a, name], depth, given.length)
    grown = "softsign({2})" if sampler.random.random() < 0.5 else "{2}"
    return Piece("lines", f"{name} = {{0}}\nfor {a} in {{1}}:\n    {name} = {grown}", (sampler.number(depth), given, step))


def _recurrence(sampler: Sampler, name: str, depth: int) -> Piece:
    count = sampler.random.choice((2, 3, 9, 20))
    start, step = sampler.number(depth), sampler.under([name], depth, count)
    return Piece("lines", f"{name} = {{0}}\nfor _ in range({count}):\n    {name} = softsign({{1}})", (start, step))


def _countdown(sampler: Sampler, name: str, depth: int) -> Piece:
    sampler.guarded = True
    lines = (
        f"{name}, k = {{0}}, 0\nwhile {name} > 0.4 and k < 9:\n    {name} = {name} * 0.7\n    k += 1\n{name} = {name} * {{1}} + k"
    )
    return Piece("lines", lines, (sampler.number(depth), sampler.number(depth)))


def _either(sampler: Sampler, name: str, depth: int) -> Piece:
    sampler.guarded = True
    lines = f"if {{0}}:\n    {name} = {{1}}\nelse:\n    {name} = {{2}}"
    return Piece("lines", lines, (sampler.truth(1), sampler.number(depth), sampler.number(depth)))


def _appended(sampler: Sampler, name: str, depth: int) -> Piece:
    [a] = sampler.fresh()
    given = sampler.list(depth)
    step = sampler.under([a, f"{name}[-1]"], depth, given.length)
    sampler.lists += [(name, given.length + 1)] * 2
    lines = f"{name} = [{constant_text(sampler.random)}]\nfor {a} in {{0}}:\n    {name}.append(softsign({{1}}))"
    return Piece("lines", lines, (given, step))


def _paused(sampler: Sampler, name: str, depth: int) -> Piece:
    sampler.detached = True
    return Piece("lines", f"with no_grad():\n    {name} = {{0}}", (sampler.number(depth),))

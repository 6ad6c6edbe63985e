"""The page of published numbers: what teachers have printed, the right number, and what is computed here."""

from autograd_lite.systems.canon import EXAMPLES, Example, Figure

_ABOUT = """\
# Published numbers, and their errata

Worked examples that teachers have published, recomputed: the number as it was printed, the exact one from an independent program,
and what this library computes. `autograd-lite canon` prints the same; a test fails if one of them changes."""


def canon() -> str:
    """The text of the page: the errata, then every example."""
    examples = [make() for make in EXAMPLES.values()]
    errata = ["## Errata", "Numbers that were copied into many courses, and what their authors must have done:"]
    return "\n\n".join([_ABOUT, *errata, _errata(examples), *map(_section, examples)]) + "\n"


def _errata(examples: list[Example]) -> str:
    lines = []
    for example in examples:
        if example.erratum:
            lines.append(f"* **{_upper(example.source)}**: {example.erratum} ([the numbers]({_place(example)})).")
    return "\n".join(lines)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _place(example: Example) -> str:
    """The heading of an example, as a link within the page."""
    return "#" + example.title.lower().replace(" ", "-")


def _section(example: Example) -> str:
    remarks = [""] * any(figure.is_erratum for figure in example.figures)
    head = ["", "published", "exact", "computed", *remarks]
    rows = [head, ["---"] * len(head), *(_row(figure)[: len(head)] for figure in example.figures)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    return f"## {_upper(example.title)}\n\n{_upper(example.source)}\n\n{table}"


def _row(figure: Figure) -> list[str]:
    computed = "not recomputed here" if figure.computed is None else _number(figure.computed)
    exact = "" if figure.exact is None else _number(figure.exact)
    remark = f"erratum: as the author did, {figure.by_author:.10g}" if figure.is_erratum else ""
    return [figure.name.replace("_", " ").replace("|", r"\|"), figure.published, exact, computed, remark]


def _number(number: float) -> str:
    return repr(number).removesuffix(".0")

"""The colours of a picture, light and dark, in one place for every writer.

Orange is a positive gradient, blue a negative one (a pair that colour-blind readers tell apart), grey and dashed exactly 0.
"""

from functools import cache

from autograd_lite.drawing.scene import TINTS, WIDTHS

LIGHT = {
    "page": "#ffffff",
    "ink": "#1c1e21",
    "soft": "#5b626b",
    "line": "#6b727b",
    "none": "#ffffff",
    "zero": "#e4e4e4",
    "nan": "#f7b6d2",
    "pos1": "#fff3e4",
    "pos2": "#fee0bd",
    "pos3": "#fcc488",
    "pos4": "#f6a04d",
    "neg1": "#eaf3fc",
    "neg2": "#cbe1f6",
    "neg3": "#9cc8ee",
    "neg4": "#66a9e0",
    "constant": "#f2f2f0",
    "cluster": "#f7f8fa",
    "path": "#b3005e",
}
DARK = {
    "page": "#15171b",
    "ink": "#f0f1f3",
    "soft": "#a3abb5",
    "line": "#98a1ac",
    "none": "#23262c",
    "zero": "#3a3c40",
    "nan": "#7a2450",
    "pos1": "#33261a",
    "pos2": "#52371c",
    "pos3": "#784a1c",
    "pos4": "#a2601b",
    "neg1": "#1a2836",
    "neg2": "#1d3b57",
    "neg3": "#20517b",
    "neg4": "#276ca6",
    "constant": "#1d1f24",
    "cluster": "#1b1e23",
    "path": "#ff8cc6",
}
FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


@cache
def style_sheet() -> str:
    """The style sheet of the built-in SVG: every rule below the class `agl`, dark colours by the reader's preference.

    >>> style_sheet().count("prefers-color-scheme:dark")
    1
    """
    rules = [
        f".agl{{font-family:{FONTS};font-size:11px}}",
        ".agl .box,.agl .inner,.agl .cluster rect{stroke-width:1}",
        ".agl .inner{fill:none}",
        ".agl .op,.agl .title{font-weight:bold}",
        ".agl .title{font-size:13px}",
        ".agl .edge path{fill:none}",
        *[f".agl .w{i} path{{stroke-width:{width:g}}}" for i, width in enumerate(WIDTHS)],
        ".agl .local{font-size:9px;text-anchor:end;paint-order:stroke;stroke-width:2.5px;stroke-linejoin:round}",
        ".agl .leaving{text-anchor:start}",
        ".agl .leaf .label{font-weight:bold}",
        ".agl .crowded .local{display:none}.agl.busy .edge path{stroke-opacity:.6}.agl.busy .path path{stroke-opacity:1}",
        *[f".agl.busy .w{i} path{{stroke-width:{0.6 * width:.2g}}}" for i, width in enumerate(WIDTHS)],
        ".agl .zero .box,.agl .dead path{stroke-dasharray:4 3}",
        ".agl .constant text,.agl .cluster text{font-size:10px}.agl .legend text{font-size:9px}",
        ".agl .root .box{stroke-width:2}",
        ".agl .path .box{stroke-width:2.5}",
        ".agl .dim{opacity:.35}",
        *_coloured(LIGHT),
    ]
    return "\n".join(rules) + "\n@media (prefers-color-scheme:dark){\n" + "\n".join(_coloured(DARK)) + "\n}"


def _coloured(colour: dict[str, str]) -> list[str]:
    return [
        f".agl .page{{fill:{colour['page']}}}",
        f".agl text{{fill:{colour['ink']}}}",
        f".agl .note,.agl .local,.agl .cluster text{{fill:{colour['soft']}}}",
        f".agl .local{{stroke:{colour['page']}}}",
        f".agl .box,.agl .inner,.agl .edge path{{stroke:{colour['line']}}}",
        f".agl .cluster rect{{fill:{colour['cluster']};stroke:{colour['soft']};stroke-opacity:.4}}",
        *[f".agl .{name} .box{{fill:{colour[name]}}}" for name in TINTS],
        f".agl .constant .box{{fill:{colour['constant']}}}",
        f".agl .path .box,.agl .edge.path path{{stroke:{colour['path']}}}",
        f".agl .edge.path .local{{fill:{colour['path']}}}",
    ]

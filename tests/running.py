"""What runs sketches where there is no browser: as Pyodide does, the value of a text is that of its last line."""

import ast
import linecache
from typing import Any

from autograd_lite.playground.sketch import FILE, Runner


def compiled(text: str) -> Runner:
    """What runs the text in a namespace."""
    tree = ast.parse(text, FILE)
    last: ast.expr = ast.Constant(None)
    match tree.body[-1:]:
        case [ast.Expr(value=last)]:
            tree.body.pop()
        case [ast.Assign(targets=[ast.Name(id=name), *_])]:
            last = ast.Name(name, ast.Load())
    body = compile(tree, FILE, "exec")
    value = compile(ast.fix_missing_locations(ast.Expression(last)), FILE, "eval")

    def run(namespace: dict[str, Any]) -> Any:
        linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
        exec(body, namespace)
        return eval(value, namespace)

    return run

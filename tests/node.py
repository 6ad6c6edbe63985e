"""JavaScript in node: a script is given numbers and answers with numbers, to the bit."""

import json
import math
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: apt install nodejs")

_FRAME = """
const decoded = (thing) =>
  typeof thing === "string" ? Buffer.from(thing.slice(1), "hex").readDoubleBE()
  : Array.isArray(thing) ? thing.map(decoded) : thing;
const encoded = (thing) => {
  if (Array.isArray(thing)) return thing.map(encoded);
  if (typeof thing !== "number") return thing;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(thing);
  return `#${bytes.toString("hex")}`;
};
const tried = (compute) => {
  try {
    return compute();
  } catch (error) {
    return { error: error.name, message: error.message, ...error };
  }
};
const given = decoded(JSON.parse(require("fs").readFileSync(0, "utf8")));
"""


def answers(script: str, given: Any, folder: Path) -> Any:
    """What a script answers: numbers to the bit, texts, truths, errors as dictionaries, and lists of them.

    Args:
        script: the body of an async function, to which `given` is known and `tried(() => ...)`, which gives an error as an object.
        given: lists of floats. folder: where modules stand that the script imports as "./name.mjs".
    """
    program = f"{_FRAME}\n(async () => {{ {script} }})().then((found) => console.log(JSON.stringify(encoded(found))));"
    path = folder / "script.cjs"
    path.write_text(program, encoding="utf-8")
    done = subprocess.run(
        ["node", str(path)], input=json.dumps(_encoded(given)), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return _decoded(json.loads(done.stdout))


def units(found: float, expected: float) -> float:
    """How many units in the last place two numbers differ by; 0 for equal bits or two nans, inf for unlike signs of a zero."""
    if found != found and expected != expected:
        return 0.0
    if found == expected:
        return 0.0 if math.copysign(1.0, found) == math.copysign(1.0, expected) else math.inf
    if not (math.isfinite(found) and math.isfinite(expected)):
        return math.inf
    return abs(found - expected) / math.ulp(expected)


def _encoded(thing: Any) -> Any:
    if isinstance(thing, list | tuple):
        return list(map(_encoded, thing))
    return f"#{struct.pack('>d', thing).hex()}" if isinstance(thing, float | int) else thing


def _decoded(thing: Any) -> Any:
    if isinstance(thing, list):
        return list(map(_decoded, thing))
    return struct.unpack(">d", bytes.fromhex(thing[1:]))[0] if isinstance(thing, str) and thing.startswith("#") else thing

"""Examples that pytest leaves out, as they need a library that not everybody has, for the tests that have it."""

import doctest
from typing import Any


def run_example(thing: Any, **names: Any) -> None:
    """Runs the example of a docstring, with what it says is to be skipped; `names` are what it takes as given besides the thing."""
    names[thing.__name__] = thing
    parsed = doctest.DocTestParser().get_doctest(thing.__doc__, names, thing.__name__, None, None)
    assert any(doctest.SKIP in example.options for example in parsed.examples), f"the example of {thing.__name__} runs anyway"
    for example in parsed.examples:
        example.options.pop(doctest.SKIP, None)
    said: list[str] = []
    found = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(parsed, out=said.append)
    assert not found.failed, "".join(said)

"""Steps: a recorded forward and backward pass as a sequence, to read, slice, search, prove, play and save."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from autograd_lite.drawing.live.branches import computed
from autograd_lite.engine.errors import GraphError, expression
from autograd_lite.engine.text import shorten
from autograd_lite.engine.value import Value
from autograd_lite.files import write_whole
from autograd_lite.pages import PAGES, named
from autograd_lite.stepping import page
from autograd_lite.stepping.playback import Playback
from autograd_lite.stepping.proof import Proof, prove
from autograd_lite.stepping.recording import Recording
from autograd_lite.stepping.steps import Step

LONGEST_LISTING = 400
MOST_COMPARED = 10_000


def record(loss: Value | Callable[[], Value], *, gradient: float = 1.0, rounding: bool = False) -> "Steps":
    """The forward and the backward pass of `loss` as a sequence of steps.

    dL/d operand += d node/d operand * dL/d node, one step per edge, users before operands: the numbers of `loss.backward()` to the
    last bit, starting from the leaves' present `grad`. Recording writes nothing into the graph; call `backward` for that.

    Args:
        loss: the Value to differentiate; or a function of no arguments that computes it, whose comparisons are noted: the page
            then says when a moved leaf would turn one of them.
        gradient: the derivative of whatever comes after it, with respect to it.
        rounding: whether forward steps that lose digits are flagged, as "cancellation, 8 of 16 digits lost".
    Returns:
        A Steps: iterable, indexable, sliceable, printable; a player in a notebook.
    Raises:
        TypeError: if `loss` is not a Value.
        GraphError: if it needs no gradient, or some `.data` was changed since the forward pass.
    Example:
        >>> from autograd_lite import Value
        >>> w, x, b = Value(2.0, label="w"), Value(0.5, label="x"), Value(1.0, label="b")
        >>> print(record((w * x + b).tanh()))
        v1 = w * x = 2.0000 * 0.5000 = 1.0000
        v2 = v1 + b = 1.0000 + 1.0000 = 2.0000
        L = tanh(v2) = tanh(2.0000) = 0.9640
        dL/dL = 1.0000   [0 -> 1.0000]
        dL/dv2 += dL/dv2 * dL/dL = (1 - L ** 2) * 1.0000 = 0.0707 * 1.0000 = 0.0707   [0 -> 0.0707]
        dL/dv1 += dv2/dv1 * dL/dv2 = (1) * 0.0707 = 1.0000 * 0.0707 = 0.0707   [0 -> 0.0707]
        dL/db += dv2/db * dL/dv2 = (1) * 0.0707 = 1.0000 * 0.0707 = 0.0707   [0 -> 0.0707]
        dL/dw += dv1/dw * dL/dv1 = (x) * 0.0707 = 0.5000 * 0.0707 = 0.0353   [0 -> 0.0353]
        dL/dx += dv1/dx * dL/dv1 = (w) * 0.0707 = 2.0000 * 0.0707 = 0.1413   [0 -> 0.1413]
    """
    loss, branches = computed(loss)
    if not isinstance(loss, Value):
        raise TypeError(f"record takes the Value to differentiate, got {type(loss).__name__} {loss!r:.60}")
    if not loss.requires_grad:
        text = shorten(expression(loss).text) if loss.label else repr(loss)
        raise GraphError(f"`{text}` needs no gradient: there is no backward pass to record. Start from a Value that requires one.")
    recording = Recording(loss, gradient, branches, rounding)
    return Steps(recording, range(len(recording)))


class Steps(Sequence[Step]):
    """A recorded pass, or a slice of one. Given by `record`.

    The items are `ForwardStep`s in order of computation, one `SeedStep`, then the `BackwardStep`s. They are made when asked for.

    Attributes:
        recording: the numbers behind the steps.
    Example:
        >>> from autograd_lite import Value
        >>> x = Value(3.0, label="x")
        >>> steps = record(x * x)
        >>> len(steps), len(steps.forward), len(steps.backward), str(steps.forward[0])
        (4, 1, 3, 'L = x * x = 3.0000 * 3.0000 = 9.0000')
        >>> print(steps[-1])
        dL/dx += dL/dx * dL/dL = (x) * 1.0000 = 3.0000 * 1.0000 = 3.0000   [3.0000 -> 6.0000, 2 of 2 contributions]
        >>> "<script" in steps.html(), steps[2:].save("steps.html").name  # the page of the last two
        (True, 'steps.html')
    """

    __slots__ = ("_numbers", "recording")

    def __init__(self, recording: Recording, numbers: range) -> None:
        self.recording = recording
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Step]:
        return map(self.recording.step, self._numbers)

    @overload
    def __getitem__(self, key: int) -> Step: ...
    @overload
    def __getitem__(self, key: slice) -> "Steps": ...
    def __getitem__(self, key: int | slice) -> "Step | Steps":
        if isinstance(key, slice):
            return Steps(self.recording, self._numbers[key])
        return self.recording.step(self._numbers[key])

    def __repr__(self) -> str:
        root = self.recording.names[-1]
        return f"<{len(self)} steps of {root}: {len(self.forward)} forward, {len(self.backward)} backward>"

    def __str__(self) -> str:
        if len(self) <= LONGEST_LISTING:
            return "\n".join(map(str, self))
        half = LONGEST_LISTING // 2
        return "\n".join([*map(str, self[:half]), f"... {len(self) - 2 * half} more steps ...", *map(str, self[-half:])])

    # ---- searching -----------------------------------------------------------------------------------------------------------

    @property
    def forward(self) -> "Steps":
        """The steps of the forward pass."""
        return self._within(range(len(self.recording.interior)))

    @property
    def backward(self) -> "Steps":
        """The steps of the backward pass, the seed first."""
        return self._within(range(len(self.recording.interior), len(self.recording)))

    def _within(self, phase: range) -> "Steps":
        inside = [k for k, number in enumerate(self._numbers) if number in phase]
        return self[inside[0] : inside[-1] + 1] if inside else self[:0]

    def at(self, what: Value | str) -> Step:
        """The first of these steps that touches a value: computes it, uses it, or passes a gradient to or from it.

        Args:
            what: the Value, its label, or the name that the steps call it by.
        Raises:
            GraphError: if the graph has no such value (the message lists near names), or none of these steps touches it.
        Example:
            >>> from autograd_lite import Value
            >>> w, x = Value(2.0, label="w"), Value(0.5, label="x")
            >>> steps = record(w * x)
            >>> steps.at("x").number, steps.backward.at(x).number
            (0, 3)
        """
        wanted = self._find(what)
        for number in self._numbers:
            if not wanted.isdisjoint(self.recording.touched(number)):
                return self.recording.step(number)
        name = self.recording.names[min(wanted)]
        raise GraphError(f"none of these {len(self)} steps touches `{name}`. Look for it in the whole recording.")

    def _find(self, what: Value | str) -> set[int]:
        """The numbers of the nodes meant: of a Value itself, or of a label, that of all the values that bear it."""
        recording = self.recording
        if isinstance(what, Value):
            if id(what) not in recording.index:
                raise GraphError(f"`{shorten(expression(what).text)}` is no part of the recorded graph of `{recording.names[-1]}`")
            return {recording.index[id(what)]}
        found = {i for i, node in enumerate(recording.nodes) if node.label == what}
        found |= {i for i, name in enumerate(recording.names) if name == what and recording.nodes[i].requires_grad}
        found = found or {i for i, name in recording.variables.items() if name == what}
        if not found:
            known = list(dict.fromkeys(recording.names))[:MOST_COMPARED]
            near = difflib.get_close_matches(str(what), known, 3, 0.5) or known[:5]
            listed = ", ".join(f"`{name}`" for name in near)
            raise GraphError(f"no value of the recorded graph is called `{what}`; there are {listed}")
        return found

    def grad(self, what: Value | str) -> float:
        """The gradient of a value after the whole backward pass.

        Args:
            what: the Value, its label, or the name that the steps call it by.
        Raises:
            GraphError: if the graph has no such value.
        Example:
            >>> from autograd_lite import Value
            >>> x = Value(3.0, label="x")
            >>> record(x * x).grad("x"), x.grad
            (6.0, 0.0)
        """
        return self.recording.end[min(self._find(what))]

    @property
    def flags(self) -> tuple[Step, ...]:
        """The steps where something goes wrong: a nan or inf appears, or a gradient vanishes or explodes.

        A step is flagged where the trouble begins, not everywhere it spreads to. Vanishing: a contribution below 1e-6 of the seed
        (VANISHING) out of a gradient above it; exploding: a gradient above 1e6 times the seed (EXPLODING) out of one below.

        >>> from autograd_lite import Value
        >>> x = Value(20.0, label="x")
        >>> [step.flags for step in record(x.tanh()).flags]
        [('vanishing',)]
        """
        return tuple(self.recording.step(number) for number in self._numbers if self.recording.step_flags(number))

    def prove(self, leaf: Value | str) -> Proof:
        """The gradient of one value held against a finite difference: the recorded graph computed again, with that value nudged.

        Args:
            leaf: a Value that requires a gradient, or its name.
        Returns:
            A Proof, which prints as one line.
        Raises:
            GraphError: if there is no such value, or it is a constant.
        Example:
            >>> from autograd_lite import Value
            >>> w, x = Value(2.0, label="w"), Value(0.5, label="x")
            >>> proof = record((w * x).tanh()).prove("w")
            >>> proof.agrees, round(proof.predicted, 6)
            (True, 0.209987)
        """
        return prove(self.recording, min(self._find(leaf)))

    # ---- showing -------------------------------------------------------------------------------------------------------------

    def html(self, title: str | None = None) -> str:
        """The player as one self-contained page, without a network: every leaf moves, and both passes follow.

        Of a graph of more than 2,000 values it shows those that the steps touch, so play a slice: `steps.backward[:200]`.
        The address page.html#14 opens it at step 14.

        Args:
            title: stands above it; "Steps of L" by default.
        Raises:
            GraphError: if the steps touch more than 2,000 values, or do not follow one another.
        """
        return page.player(Playback(self.recording, self._numbers), title).whole()

    def save(self, path: str | Path, title: str | None = None) -> Path:
        """Writes the player page, whole or not at all.

        Args:
            path: a name that ends in .html or .htm.
            title: as for `html`.
        Returns:
            The path written.
        Raises:
            ValueError: if the name ends otherwise.
            GraphError: as `html`.
        """
        return write_whole(named(path, *PAGES), self.html(title))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The player for notebooks, with a static picture and table where scripts are not run, and the plain text."""
        try:
            playback: Playback | GraphError = Playback(self.recording, self._numbers)
        except GraphError as error:
            playback = error
        return page.bundle(playback, str(self))

"""The player: the live page of a recording, with its steps."""

from html import escape

from autograd_lite.drawing.live.outdated import outdated
from autograd_lite.drawing.live.page import LivePage, lines_table, printed_rules
from autograd_lite.engine.errors import GraphError
from autograd_lite.engine.text import visible
from autograd_lite.stepping.playback import Playback

_SCRIPTS = ("quiz.js", "player.js")
_FOLDED = ("fold.js", *_SCRIPTS)
_SLICE = "These are some of the steps, so nothing moves here: the page of all steps is live."


def player(playback: Playback, title: str | None = None) -> LivePage:
    """The page of these steps; live where they are all that there are and the rules can be printed."""
    recording, printed, choices = playback.recording, None, _SLICE
    name = recording.names[-1]
    called = recording.variables.get(len(recording.nodes) - 1, name)
    title = visible(title, 200) if title else (f"Steps of {name}" if called == name else f"Steps of {called} ({name})")
    if playback.complete:
        choices = f"{recording.branches.sentence} {outdated(recording.nodes, recording.data)}".rstrip()
        printed, choices = printed_rules(playback.rows.operations, choices)
    table = playback.table(printed)
    return LivePage(title, table, printed, choices, "autograd_lite.stepping", _FOLDED if "fold" in table else _SCRIPTS)


def bundle(playback: Playback | GraphError, text: str) -> dict[str, str]:
    """What a notebook shows: the player in a sandboxed frame, a static picture and table for where no script runs, and the text.

    Args:
        playback: the steps, or why they cannot be played.
        text: the steps as lines.
    """
    if isinstance(playback, GraphError):
        return {"text/plain": text, "text/html": f"<p>{escape(str(playback))}</p>{lines_table(text)}"}
    return player(playback).bundle(text, playback.picture())

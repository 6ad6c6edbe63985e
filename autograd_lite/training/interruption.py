"""Whole endings: every callback's end is called though another fails."""

from collections.abc import Callable


def call_all(calls: list[Callable[[], None]], cause: BaseException | None) -> None:
    """Makes every call, even after one fails; the cause, or else the first failure, is raised, and the others become its notes."""
    failed: Exception | None = None
    for call in calls:
        try:
            call()
        except Exception as error:
            if cause is None and failed is None:
                failed = error
            else:
                (cause or failed or error).add_note(f"At the end of the training, besides: {type(error).__name__}: {error}")
    if failed is not None:
        raise failed

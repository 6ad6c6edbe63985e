"""One self-contained HTML page, and the frame in which a notebook shows it: for films of training and for steps of a gradient."""

from html import escape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"  # nothing is fetched, from anywhere


def document(title: str, style: str, body: str) -> str:
    """The whole page.

    Args:
        title: as text.
        style: the rules of its style sheet.
        body: as HTML.
    """
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>{escape(title)}</title>'
        f"<style>{style}</style></head>\n<body>{body}</body></html>\n"
    )


def framed(title: str, page: str, height: int) -> str:
    """A frame that may run the page's scripts and nothing else; `height` is in pixels."""
    return (
        f'<iframe title="{escape(title)}" sandbox="allow-scripts" width="100%" height="{height}" '
        f'style="border:1px solid #8884;box-sizing:border-box" srcdoc="{escape(page)}"></iframe>'
    )

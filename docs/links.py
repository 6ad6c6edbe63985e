"""Whether the links of a site's pages lead somewhere."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "source": "src", "object": "data"}


class _Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Notes the link and the place of a tag."""
        found = dict(attributes)
        self.places.update(found[name] or "" for name in ("id", "name") if name in found)
        link = found.get(_LINKS.get(tag, ""))
        if link:
            self.links.append(link)


def broken_links(site: Path) -> Iterator[str]:
    """Every link of the site's pages that leads to no file of it, or to no place in one, as `page: link`."""
    site = site.resolve()
    pages = {path: _Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            place = unquote(parts.fragment)
            found = target.is_file() and target.is_relative_to(site)
            if not found or (place and target in pages and place not in pages[target].places):
                yield f"{path.relative_to(site)}: {link}"

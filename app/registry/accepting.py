"""Which of the formats that are offered a client likes best, by its header Accept."""

from collections.abc import Mapping

from app.errors import NotAcceptable


def preferred(accept: str, offered: Mapping[str, str]) -> str:
    """Return the media type to answer with: the best liked of those that are offered.

    `offered` maps what a client may name to what it then gets. Raises NotAcceptable.
    """
    liked = sorted(map(_liking, accept.lower().split(",")), reverse=True)
    for liking, _, name in liked:
        if liking > 0 and name in offered:
            return offered[name]
    there = " and ".join(dict.fromkeys(offered.values()))
    raise NotAcceptable(f"There is {there}; send one of them as Accept.")


def _liking(wish: str) -> tuple[float, bool, str]:
    """Return how much a media type is wanted, and whether it is named outright."""
    name, *parameters = (part.strip() for part in wish.split(";"))
    quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return float(quality), "*" not in name, name
    except ValueError:
        return 0.0, False, name

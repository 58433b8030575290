"""What the pages load: style sheets, script and icon, which a browser may keep for ever."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app import look
from app.errors import NotFound

router = APIRouter(include_in_schema=False)

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/look/{digest}/{name}")
def asset(request: Request, digest: str, name: str) -> Response:
    """Return a file as it is now; raises NotFound.

    One that was asked for by the address of an earlier version is given too, and not to be kept.
    """
    try:
        found = look.asset(name)
    except (LookupError, look.Unreadable):
        raise NotFound("There is no such file.") from None
    headers = {"Vary": "Accept-Encoding"} | (FOR_EVER if digest == found.digest else {})
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(found.packed, media_type=found.media, headers=headers)
    return Response(found.body, media_type=found.media, headers=headers)

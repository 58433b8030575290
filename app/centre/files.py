"""Files that a page gives to be kept: named, and never opened by the browser itself."""

from fastapi.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"xlsx": XLSX, "json": "application/json", "zip": "application/zip"}


def attachment(data: bytes, name: str) -> Response:
    """Return a file that is saved under this name; its kind is told by how the name ends."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=KINDS[name.rpartition(".")[2]], headers=headers)

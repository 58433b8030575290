"""What a browser sends with every page: its form, its language, and where it has been."""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from fastapi import Request
from starlette.datastructures import UploadFile

from app.errors import NotPermitted, Unclear
from app.settings import Settings

FIELDS = 200
"""A form has a few fields for each question of its page; a body with more is not one of ours."""

FILES = 30
"""How many files a form may bring: an instrument's definition, wordings and value sets."""

LANGUAGE = "svar_language"
"""Name of the cookie that remembers a language, where pages are not served over https."""

_ADDRESS = re.compile(r"/(?!/)[!-\[\]-~]{0,300}")
"""An address of this service: its path and query, of characters that no browser reads anew."""


async def sent_from_here(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a form that was sent from a page of this service.

    Raises NotPermitted for a form that a page elsewhere sent, and Unclear for what is no form of
    ours.
    """
    if not _is_from_here(request):
        raise NotPermitted("The form was sent from a page elsewhere.")
    body = (await request.body()).decode(errors="replace")
    try:
        return parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:
        raise Unclear("The form has more fields than any page asks for.") from None


class SentFile(NamedTuple):
    """A file as a form sent it: its name there, which may be anything, and what it holds."""

    name: str
    content: bytes


async def sent_with_files(request: Request) -> list[tuple[str, str]]:
    """Return the fields of a form as `sent_from_here` does; its files are left in the state.

    `request.state.sent_files` holds each SentFile that was chosen. A form with files is sent as
    multipart/form-data.
    """
    request.state.sent_files = []
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await sent_from_here(request)
    if not _is_from_here(request):
        raise NotPermitted("The form was sent from a page elsewhere.")
    most = len(await request.body())
    form = await request.form(max_files=FILES, max_fields=FIELDS, max_part_size=most)
    try:
        sent = form.multi_items()
        for _, one in sent:
            if isinstance(one, UploadFile) and one.filename:
                request.state.sent_files.append(SentFile(one.filename, await one.read()))
        return [(name, one) for name, one in sent if isinstance(one, str)]
    finally:
        await form.close()


def _is_from_here(request: Request) -> bool:
    """Say whether the browser, if it tells, names a page of this service as the sender.

    Pages send no referrer, and so most browsers give their origin as `null`: that tells nothing.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")  # none: the reader's own doing, such as a reload
    origin = request.headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.headers.get("host")


def language_cookie(settings: Settings) -> str:
    """Return the name of the language's cookie; over https, one that no other site can set."""
    return f"__Host-{LANGUAGE}" if settings.secure else LANGUAGE


def this_page(request: Request) -> str:
    """Return the address of this page, to come back to."""
    query = request.url.query
    return quote(request.url.path) + (f"?{query}" if query else "")


def is_address(text: str) -> bool:
    """Say whether a text is an address of this service, that a browser may be sent to."""
    return _ADDRESS.fullmatch(text) is not None


def came_from(request: Request) -> str:
    """Return where a request comes from: behind a trusted proxy, what the proxy says."""
    return request.client.host if request.client else ""

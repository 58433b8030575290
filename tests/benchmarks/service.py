"""The service as it is, with one more route: it reads what a submit reads, and stores nothing."""

import logging

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse

from app.edge import turn, whole_body
from app.main import from_environment
from app.patient.guard import Sending

BARE = "/form-bare"


def with_bare_endpoint() -> FastAPI:
    """Return the service as the SVAR_* variables set it up, with the endpoint to compare with."""
    logging.basicConfig(level=logging.INFO)  # a line in the log for each request, as `svar serve`
    service = from_environment()
    first = [Depends(whole_body), Depends(turn, scope="function")]
    service.add_api_route(BARE, bare, methods=["POST"], dependencies=first)
    return service


def bare(_: Sending) -> RedirectResponse:
    """Check the cookie, parse the form, see that the two belong together; then do nothing."""
    return RedirectResponse(BARE, 303)

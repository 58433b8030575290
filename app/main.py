"""The service, put together from its doors. Wiring only."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from sqlalchemy import text
from starlette.exceptions import HTTPException

from app import demo, patient, registry
from app.db import Database, is_current
from app.edge import Edge, NoPaths
from app.errors import SvarError, problem_of
from app.settings import HOUSE, Settings

log = logging.getLogger("svar")

MACHINES = ("/api/", "/oauth/", "/healthz", "/openapi.json")
"""Paths whose errors are problem documents; all others answer with a page."""


class NotReady(RuntimeError):
    """The service cannot start; the message says what to do."""


def create_app(settings: Settings) -> FastAPI:
    """Return the service. Raises NotReady when its database is not what it must be."""
    database = Database(settings.database_url)
    _ready(settings, database)
    app = FastAPIOffline(
        title="Svar",
        summary="Scored patient-reported outcomes for medical quality registries",
        version="1",
        redoc_url=None,
        static_url="/static/docs",
        lifespan=_lifespan,
    )
    app.state.settings, app.state.database = settings, database
    app.mount("/static", StaticFiles(directory=HOUSE / "app" / "static"))
    app.include_router(registry.router)
    app.include_router(patient.router)
    if settings.demo:
        app.include_router(demo.router)
    app.add_api_route("/healthz", healthz, tags=["service"])
    for kind in (SvarError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _error)
    app.add_middleware(Edge, settings=settings)
    logging.getLogger("uvicorn.access").addFilter(NoPaths())
    return app


def from_environment() -> FastAPI:
    """Return the service as the SVAR_* variables set it up; for `uvicorn --factory`."""
    return create_app(Settings())


def healthz(request: Request) -> dict[str, str]:
    """Say that the service is up and reaches its database."""
    with request.app.state.database.read() as session:
        session.connection().execute(text("SELECT 1"))
    return {"status": "ok"}


def _ready(settings: Settings, database: Database) -> None:
    if not is_current(database):
        raise NotReady("The database's tables are not up to date. Run `svar migrate`.")
    if not settings.demo and demo.is_seeded(database):
        raise NotReady(
            "This database holds the demo's clients, whose secrets everyone knows. "
            "Use another database (SVAR_DATABASE_URL), or `svar demo`."
        )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # what is there now stays: the collector need not look at it again, see docs
    yield
    app.state.database.close()


def _error(request: Request, error: Exception) -> Response:
    if not isinstance(error, SvarError | HTTPException | RequestValidationError):
        log.error("%s failed", request.method, exc_info=error)
    answer = problem_of if request.url.path.startswith(MACHINES) else patient.error_page
    return answer(request, error)

"""The service, put together from its doors. Wiring only."""

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline
from sqlalchemy import text
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlmodel import col, select
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app import centre, demo, look, patient, registry
from app.access.fetching import KeySets
from app.access.openid import Provider
from app.access.pace import Failures, Pace
from app.db import Database, is_current
from app.edge import (
    BATCHES,
    BRINGING,
    SCORINGS,
    TURNS,
    Bounds,
    Edge,
    NoPaths,
    held_body,
    turn,
    whole_body,
)
from app.errors import SvarError, Unavailable, problem_of, whence
from app.models import Registry
from app.registry import describing
from app.settings import HOUSE, Settings

log = logging.getLogger("svar")

MACHINES = ("/api", "/oauth", "/.well-known", "/healthz", "/openapi.json")
"""Paths whose errors are problem documents; all others answer with a page."""


class NotReady(RuntimeError):
    """The service cannot start; the message says what to do."""


def create_app(settings: Settings) -> FastAPI:
    """Return the service. Raises NotReady when its database is not what it must be."""
    return opened(built(with_demo=settings.demo), settings, Database(settings.database_url))


def built(*, with_demo: bool) -> FastAPI:
    """Return the doors and what stands before them, still without a database behind them."""
    app = FastAPIOffline(
        title="Svar",
        summary="Scored patient-reported outcomes for medical quality registries",
        version="1",
        redoc_url=None,
        static_url="/static/docs",
        lifespan=_lifespan,
        redirect_slashes=False,  # a redirect would repeat whatever Host the client made up
    )
    describing.describe(app)
    app.mount("/static", StaticFiles(directory=HOUSE / "app" / "static"))
    _add_doors(app)
    if with_demo:
        app.include_router(demo.router)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_api_route("/healthz", healthz, tags=["service"])
    for kind in (SvarError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _error)
    app.add_middleware(Edge, failed=_error)
    logging.getLogger("uvicorn.access").addFilter(NoPaths())
    return app


def _add_doors(app: FastAPI) -> None:
    in_turn = Depends(turn, scope="function")
    app.include_router(registry.router, dependencies=[in_turn])
    app.include_router(patient.router, dependencies=[Depends(whole_body), in_turn])
    held = Depends(held_body, scope="function")
    app.include_router(centre.router, dependencies=[held, in_turn])


def opened(app: FastAPI, settings: Settings, database: Database) -> FastAPI:
    """Put these settings and this database behind the doors. Raises NotReady as `create_app`."""
    try:
        _ready(settings, database)
    except NotReady:
        database.close()
        raise
    state = app.state
    state.settings, state.database, state.bounds = settings, database, Bounds(settings)
    state.turns, state.scorings = CapacityLimiter(TURNS), CapacityLimiter(SCORINGS)
    state.batches, state.files = CapacityLimiter(BATCHES), CapacityLimiter(BRINGING)
    state.key_sets = KeySets(local=settings.demo)
    state.provider = Provider(settings)
    state.pace = Pace(settings.requests_per_minute, settings.requests_at_once)
    state.failures = Failures(settings.failures_per_minute)
    return app


def from_environment() -> FastAPI:
    """Return the service as the SVAR_* variables set it up; for `uvicorn --factory`."""
    log_to_console()
    return create_app(Settings())


def log_to_console() -> None:
    """Write the service's own log lines, with their time, to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


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
            "This database holds the demo's clients and staff, whose secrets everyone knows. "
            "Use another database (SVAR_DATABASE_URL), or `svar demo`."
        )
    _can_be_read(database)


def _can_be_read(database: Database) -> None:
    """See that each registry's colour can be read on the pages as they look in this version."""
    with database.read() as session:
        chosen = select(Registry.id, Registry.colour).where(col(Registry.colour).is_not(None))
        for registry_id, colour in session.exec(chosen.order_by(Registry.id)):
            try:
                look.check_colour(str(colour))
            except look.Unreadable as unreadable:
                raise NotReady(
                    f"The colour of the registry {registry_id} will not do. {unreadable} "
                    f'Change it: svar registry set {registry_id} --colour "#…"'
                ) from None


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()  # what is there now stays: looking through it again would stop everyone
    yield
    app.state.database.close()


def _error(request: Request, error: Exception) -> Response:
    if not isinstance(error, SvarError | HTTPException | RequestValidationError):
        reason = type(getattr(error, "orig", error)).__name__
        log.error("%s failed: %s (%s)", request.method, whence(error), reason)
    if isinstance(error, OperationalError | DisconnectionError | NoConnectionFree):
        error = Unavailable("The database cannot be reached now. Try again in a moment.")
    if request.url.path.startswith(MACHINES):
        return problem_of(request, error)
    if request.url.path.startswith("/centre"):
        return centre.error_page(request, error)
    return patient.error_page(request, error)

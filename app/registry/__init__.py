"""Door 2: the API that registries order, look up, cancel and pull results with."""

from fastapi import APIRouter

from app.registry import (
    access,
    codebook,
    discovery,
    instruments,
    orders,
    results,
    scoring,
    value_sets,
)

router = APIRouter()
for part in (access, discovery, instruments, codebook, value_sets, orders, scoring, results):
    router.include_router(part.router)

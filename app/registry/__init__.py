"""Door 2: the API that registries order, look up, cancel and pull results with."""

from fastapi import APIRouter

from app.registry import access, change, codebook, instruments, orders, results, scoring, value_sets

router = APIRouter()
for part in (access, instruments, codebook, value_sets, orders, scoring, results, change):
    router.include_router(part.router)

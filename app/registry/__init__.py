"""Door 2: the API that registries order, look up, cancel and pull results with."""

from fastapi import APIRouter

from app.registry import access, discovery, instruments, orders, results, value_sets

router = APIRouter()
for part in (access, discovery, instruments, value_sets, orders, results):
    router.include_router(part.router)

"""Door 2: the API that registries order, look up, cancel and pull results with."""

from fastapi import APIRouter

from app.registry import (
    access,
    batches,
    change,
    codebook,
    discovery,
    drafting,
    fhir,
    import_batches,
    imports,
    instruments,
    ledger,
    orders,
    rates,
    responses,
    results,
    scoring,
    value_sets,
)

router = APIRouter()
ordering = (batches, orders, ledger, rates)
collecting = (import_batches, imports, responses)
reading = (instruments, codebook, fhir, value_sets)
for part in (
    access,
    discovery,
    *reading,
    *ordering,
    *collecting,
    scoring,
    results,
    change,
    drafting,
):
    router.include_router(part.router)

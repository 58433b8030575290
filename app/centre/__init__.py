"""The PRO centre's door: the pages of those who look after the instruments."""

from fastapi import APIRouter

from app.centre import (
    again,
    agreeing,
    bench,
    bringing,
    by_hand,
    drafts,
    elsewhere,
    entering,
    library,
    people,
    proof,
    tokens,
    trail,
    trial,
    versions,
)
from app.centre.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (
    entering,
    elsewhere,
    library,
    versions,
    again,
    bringing,
    drafts,
    bench,
    trial,
    by_hand,
    proof,
    agreeing,
    people,
    tokens,
    trail,
):
    router.include_router(part.router)

"""The PRO centre's door: the pages of those who look after the instruments."""

from fastapi import APIRouter

from app.centre import bench, by_hand, entering, library, people, proof, trail, trial
from app.centre.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (entering, library, people, trail, bench, trial, by_hand, proof):
    router.include_router(part.router)

"""The patient's door: the pages behind a personal link."""

from fastapi import APIRouter

from app.patient import questions, way
from app.patient.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (way, questions):
    router.include_router(part.router)

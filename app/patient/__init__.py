"""The patient's door: the pages behind a personal link."""

from fastapi import APIRouter

from app.patient import languages, questions, way
from app.patient.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (way, questions, languages):
    router.include_router(part.router)

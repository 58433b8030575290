"""The patient's door: the pages behind a personal link, or a code in the clinic."""

from fastapi import APIRouter

from app.patient import assets, clinic, kept, languages, questions, way
from app.patient.pages import error_page

__all__ = ["error_page", "router"]

router = APIRouter()
for part in (assets, clinic, languages, way, kept, questions):
    router.include_router(part.router)

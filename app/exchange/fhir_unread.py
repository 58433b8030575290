"""What a FHIR item says that has no place here: told, so that nothing is lost unseen."""

from collections.abc import Iterator

from app.exchange.fhir_item import READ, expressions, other_codes
from app.exchange.fhir_notes import short
from app.exchange.fhir_resource import TRANSLATION, Item, Option
from app.exchange.fhir_terms import HL7, WORTHS

PASSED_OVER = ("definition", "id")
"""Fields of an item that change nothing of what is asked."""

OF_OPTIONS = {*WORTHS, f"{HL7}/questionnaire-optionExclusive"}
READ_URLS = {f"{HL7}/{name}" for name in READ}


def unread(item: Item) -> Iterator[str]:
    """Yield what an item says that is not read, each as a sentence after its linkId."""
    run = expressions(item)
    for name in run:
        yield f"has the expression {short(name)}, which is never run"
    names = [one.url for one in item.extension if one.url not in READ_URLS]
    tails = [url.rpartition("/")[2] for url in names]
    fields = [name for name in item.unread if name not in PASSED_OVER]
    options = [name for one in (*item.answer_option, *item.option) for name in _of_option(one)]
    said = dict.fromkeys(name for name in (*tails, *fields, *options) if name not in run)
    for name in said:
        yield f"says {short(name)}, which is not read"
    if item.prefix:
        yield "has a prefix, which is not read; pages number the questions"
    if other_codes(item):
        yield "has codes of other systems, which are not read"
    if any(one.url != TRANSLATION for one in item.text_beside.extension):
        yield "has a text with marks, of which the plain one is read"


def _of_option(option: Option) -> Iterator[str]:
    yield from option.unread
    beside = option.value_coding.extension if option.value_coding else []
    for one in (*option.extension, *beside):
        if one.url not in OF_OPTIONS:
            yield one.url.rpartition("/")[2]

"""Every sheet and column of a questionnaire's spreadsheet: what it means, and which words it takes.

The reader, the drop-down lists, the sheet `help` and the table in docs/instruments.md are made of
this one table. A column whose name ends with a colon stands once for each language, item or score.
"""

from typing import NamedTuple, get_args

from app.exchange.cells import (
    CODES,
    EXPECTED,
    ITEM,
    NUMBER,
    OPTIONS,
    SCORE,
    TEXT,
    WORTHS,
    Way,
)
from scoring.instrument import Instrument, Licence, Score
from scoring.item import Direction, Item, OpenItem, tags
from scoring.wording import Wording


def _words(model: type[Instrument | Licence | Wording], field: str) -> tuple[str, ...]:
    return get_args(model.model_fields[field].annotation)


SCORED, OPEN = tags(Item, "type"), tags(OpenItem, "type")
TYPES = (*SCORED, *OPEN)
DIRECTIONS, METHODS = get_args(Direction), tags(Score, "method")


class Told(NamedTuple):
    """A column or a fact: what it means, in English and bokmål, and what may stand there.

    `words` are all that it takes, where they are few; `needed` says that each row must have it.
    """

    en: str
    nb: str
    way: Way = TEXT
    words: tuple[str, ...] = ()
    needed: bool = False


NEW_NAME = "small letters, digits and _"

ITEMS = {
    "id": Told(f"the question's id: {NEW_NAME}", "spørsmålets id", needed=True),
    "page": Told("the page that it stands on; if none, it stands alone", "siden det står på"),
    "type": Told("the type of question", "spørsmålstypen", words=TYPES),
    "direction": Told("which end is the better one", "hvilken ende som er best", words=DIRECTIONS),
    "options": Told("the name of its list of answers", "navnet på svarlisten"),
    "recode": Told("the name of what the answers are worth", "navnet på omkodingen til verdier"),
    "missing_codes": Told(
        "codes that mean no answer in data from elsewhere",
        "koder som betyr ubesvart i andres data",
        CODES,
    ),
    "not_applicable": Told("codes of answers that mean so", "koder for «ikke aktuelt»", CODES),
    "show_when": Told(
        "asked only after these codes of an earlier question: q1=1 2",
        "vises bare etter disse kodene på et tidligere spørsmål",
        ITEM["show_when"],
    ),
    "alone": Told(
        "codes that go with no other, in multiple_choice",
        "koder som ikke kan velges sammen med andre",
        CODES,
    ),
    "least": Told("of a number: the least", "minste tall", NUMBER),
    "most": Told("of a number: the most", "største tall", NUMBER),
    "decimals": Told("of a number: 0 to 3", "antall desimaler, 0 til 3", NUMBER),
    "earliest": Told("of a date: 1900-01-01", "tidligste dato"),
    "latest": Told("of a date: 2026-12-31, or today", "seneste dato, eller today"),
    "most_characters": Told("of a text: at most so many", "høyeste antall tegn", NUMBER),
    "scale": Told("a reminder: the scores that it is to be in", "huskelapp: skårene det inngår i"),
    "codes": Told("the codes of its answers, in order: 1 2 3", "svarkodene i rekkefølge", CODES),
    "worth": Told("what each code is worth: 1=100, one a line", "hva hver kode er verdt", WORTHS),
    "text:": Told("the question, in text:nb, text:en …", "spørsmålet på hvert språk"),
    "options:": Told("its answers: 1=Yes, one a line", "svarene: 1=Ja, ett per linje", OPTIONS),
    "best:": Told("what stands at the better end of a scale", "teksten ved beste ende"),
    "worst:": Told("what stands at the worse end of a scale", "teksten ved verste ende"),
    "unit:": Told("the unit of a number", "enheten til et tall"),
}
SCORES = {
    "id": Told(f"the score's id: {NEW_NAME}", "skårens id", needed=True),
    "name": Told("what it is called in lists", "hva den heter i lister"),
    "method": Told("how it is made", "hvordan den regnes ut", words=METHODS),
    "items": Told("the questions that it is made of: q1 q2", "spørsmålene i den", SCORE["items"]),
    "missing": Told(
        "the missing rule: all, half, any, min_answered 2 or max_missing 1",
        "hvor mange svar som kreves",
        SCORE["missing"],
    ),
    "missing_options": Told(
        "further rules that a registry may ask for: all half any",
        "andre regler et register kan be om",
        SCORE["missing_options"],
    ),
    "substitute": Told(
        "of a sum or count whose rule does without some answers: what stands for them",
        "for sum og count: hva som settes inn for svar som mangler",
        words=("person-mean",),
    ),
    "values": Told("of a count: the values that count", "verdiene som telles", SCORE["values"]),
    "constant": Told("of points: what is added to them", "konstanten som legges til", NUMBER),
    "score": Told("of a lookup: the score that is looked up", "skåren som slås opp"),
    "value_set": Told("the id of a value set: no-2024", "verdisettets id"),
    "requires": Told(
        "of a combine: questions that must be answered besides",
        "spørsmål som også må være besvart",
        SCORE["requires"],
    ),
    "otherwise": Told("of cases: the value where none holds", "verdien ellers", NUMBER),
    "clamp": Told("held within: 0 100", "holdes innenfor", SCORE["clamp"]),
    "range": Told("its least and greatest value: 0 100", "minste og største verdi", SCORE["range"]),
    "direction": Told("which end is the better one", "hvilken ende som er best", words=DIRECTIONS),
    "source": Told("where it is from", "hvor den er hentet fra"),
    "multiply": Told("at last: multiplied by this", "til slutt: ganges med", NUMBER),
    "add": Told("and this is added", "og dette legges til", NUMBER),
}
OF = Told("the score that the row belongs to", "skåren raden hører til", needed=True)
SHEETS: dict[str, dict[str, Told]] = {
    "items": ITEMS,
    "instrument": {
        "fact": Told("the name of a fact; see below", "navnet på opplysningen", needed=True),
        "value": Told("what it is", "hva den er"),
    },
    "languages": {
        "language": Told("its ISO 639 code: nb, nn, en", "språkkoden", needed=True),
        "revision": Told(
            "1, and higher for each correction", "1, og høyere for hver retting", NUMBER
        ),
        "status": Told(
            "official: the words that are to be used; unreviewed: nobody has approved the "
            "translation; placeholder: to be replaced",
            "official: ordene som skal brukes; unreviewed: oversettelsen er ikke godkjent; "
            "placeholder: skal byttes ut",
            words=_words(Wording, "status"),
        ),
        "title": Told("what patients see it called", "tittelen pasienten ser"),
        "source": Told("where the words are from", "hvor ordene er hentet fra"),
        "credit": Told("the line of credit", "krediteringen"),
    },
    "pages": {
        "id": Told("the page's id", "sidens id", needed=True),
        "stem": Told("whether a text opens it", "om en tekst innleder den", words=("yes", "no")),
        "stem:": Told("that text, in stem:nb …", "den teksten på hvert språk"),
    },
    "scores": SCORES,
    "points": {
        "of": OF,
        "item": Told("a question", "et spørsmål", needed=True),
        "code": Told("an answer's code", "svarkoden", needed=True),
        "points": Told("the points that it gives", "poengene den gir", NUMBER, needed=True),
    },
    "terms": {
        "of": OF,
        "score": Told("a score that it is combined of", "en skår som inngår", needed=True),
        "weight": Told("its weight", "vekten", NUMBER),
        "mean": Told("its mean, which is taken from it", "gjennomsnittet som trekkes fra", NUMBER),
        "sd": Told("its standard deviation, by which it is divided", "standardavviket", NUMBER),
    },
    "tables": {
        "of": OF,
        "value": Told("what is looked up, a whole number", "verdien som slås opp", needed=True),
        "gives": Told("what the table gives", "hva tabellen gir", NUMBER, needed=True),
    },
    "cases": {
        "of": OF,
        "when": Told(
            "bounds, one score a line: total=at_least 5 below 9",
            "grensene, en skår per linje",
            needed=True,
        ),
        "value": Told(
            "the value where they hold", "verdien når de er oppfylt", NUMBER, needed=True
        ),
    },
    "bands": {
        "of": OF,
        "at_least": Told("from this value on", "fra og med denne verdien", NUMBER, needed=True),
        "label": Told("the word for it", "ordet for det", needed=True),
    },
    "examples": {
        "name": Told("the example's name", "eksemplets navn", needed=True),
        "source": Told("where its scores are from", "hvor skårene er hentet fra", needed=True),
        "rule": Told("another missing rule", "en annen regel", words=("all", "half", "any")),
        "answer:": Told("the code that is answered", "svarkoden", NUMBER),
        "expected:": Told(
            "the score; null or - where there must be none; empty where nothing is said. Every "
            "code must be in an example that expects a score",
            "skåren; null eller - der ingen skal gis. Hver kode må stå i et eksempel med skår",
            EXPECTED,
        ),
    },
    "shown": {
        "score": Told("a score that patients may see", "en skår pasienten får se", needed=True),
        "name:": Told("what it is called to them", "hva den kalles for dem"),
        "high:": Told("what a high number means", "hva et høyt tall betyr"),
    },
}

FACTS = {
    "id": Told("small letters, digits and hyphens: audit-c", "instrumentets id"),
    "version": Told("two numbers: 1.0", "versjonen"),
    "kind": Told(
        "patients report outcomes (PROM) or experiences (PREM)",
        "helseutfall (PROM) eller erfaringer (PREM)",
        words=_words(Instrument, "kind"),
    ),
    "name": Told("its full name", "fullt navn"),
    "source": Told("the paper or manual that it is from", "artikkelen eller manualen"),
    "recall_period": Told("the period asked about: 4 weeks, now", "perioden det spørres om"),
    "licence_status": Told("the terms", "vilkårene", words=_words(Licence, "status")),
    "licence_holder": Told("who owns it", "rettighetshaveren"),
    "licence_credit": Told("the line of credit", "krediteringen"),
    "licence_terms": Told("the terms, in words", "vilkårene i ord"),
}


def column(sheet: str, name: str) -> Told | None:
    """Return what a column of a sheet is, or none where it is not known."""
    known = SHEETS[sheet]
    return known.get(name) or known.get(name.partition(":")[0] + ":" * (":" in name))


def rows() -> list[dict[str, str]]:
    """Return a row for each sheet, column and fact: what it means, twice, and its words."""
    facts = {f"fact {name}": one for name, one in FACTS.items()}
    told = [
        (sheet, name, one)
        for sheet, some in SHEETS.items()
        for name, one in (some | (facts if sheet == "instrument" else {})).items()
    ]
    return [
        {
            "sheet": sheet,
            "column": name,
            "what it means": one.en,
            "på norsk": one.nb,
            "words": ", ".join(one.words),
        }
        for sheet, name, one in told
    ]

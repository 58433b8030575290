"""A reading of the published rules by hand, apart from the definitions and from the engine.

Each function takes one person's answers (item -> code; what is left out was not answered) and
returns every score, None where the rule gives none. Nothing here reads a document: the figures
stand as they stand in the papers, manuals and forms.
"""

from collections.abc import Callable, Mapping, Sequence

Answers = Mapping[str, int]
Scored = dict[str, float | None]


def numbered(letter: str, last: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, last + 1)]


def given(answers: Answers, items: Sequence[str]) -> list[int]:
    return [answers[item] for item in items if item in answers]


def total(answers: Answers, items: Sequence[str]) -> int | None:
    codes = given(answers, items)
    return sum(codes) if len(codes) == len(items) else None


def eq_5d_y_3l(answers: Answers) -> Scored:
    """Return the level sum and the VAS."""
    return {
        "level_sum": total(answers, ["mo", "sc", "ua", "pd", "ad"]),
        "vas": answers.get("vas"),
    }


def eq_5d_3l(answers: Answers) -> Scored:
    """Return the same, and the index: Dolan 1997, table 1 (time trade-off, N3 model)."""
    losses = {
        "mo": (0, 0.069, 0.314),
        "sc": (0, 0.104, 0.214),
        "ua": (0, 0.036, 0.094),
        "pd": (0, 0.123, 0.386),
        "ad": (0, 0.071, 0.236),
    }
    levels = [answers[item] for item in losses if item in answers]
    index = None
    if len(levels) == 5:
        index = 1 - sum(loss[answers[item] - 1] for item, loss in losses.items())
        index -= 0.081 if max(levels) > 1 else 0
        index -= 0.269 if max(levels) == 3 else 0
    return {**eq_5d_y_3l(answers), "index_uk_1997": index}


def gad_7(answers: Answers) -> Scored:
    """Return the sum of seven items (Spitzer 2006)."""
    return {"total": total(answers, numbered("q", 7))}


def who_5(answers: Answers) -> Scored:
    """Return the sum of five items, and four times that (Topp 2015)."""
    raw = total(answers, numbered("q", 5))
    return {"total": raw, "percent": None if raw is None else raw * 4}


def phq_9(answers: Answers) -> Scored:
    """Return the sum (Kroenke 2001), and the depressive syndrome with its parts (Spitzer 1999).

    A symptom counts when it was there more than half the days (2); the ninth, thoughts of death,
    when it was there at all (1).
    """
    counts = {item: code >= (1 if item == "q9" else 2) for item, code in answers.items()}
    parts = {
        "n_core": ["q1", "q2"],
        "n_items_3_8": ["q3", "q4", "q5", "q6", "q7", "q8"],
        "n_item_9": ["q9"],
        "n_symptoms": numbered("q", 9),
    }
    found: Scored = {name: total(counts, items) for name, items in parts.items()}
    return {
        **found,
        "total": total(answers, numbered("q", 9)),
        "depressive_syndrome": syndrome(counts) if len(counts) == 9 else None,
    }


def syndrome(counts: Mapping[str, bool]) -> int:
    symptoms = sum(counts.values())
    if not (counts["q1"] or counts["q2"]) or symptoms < 2:
        return 0
    return 1 if symptoms <= 4 else 2


def koos(answers: Answers) -> Scored:
    """Return five subscales (KOOS scoring, August 2012): 100 is no problems, 0 extreme ones."""
    subscales = {
        "pain": (numbered("p", 9), 5),
        "symptoms": (numbered("s", 7), 4),
        "adl": (numbered("a", 17), 9),
        "sport_rec": (numbered("sp", 5), 3),
        "qol": (numbered("q", 4), 2),
    }
    scores: Scored = {}
    for name, (items, enough) in subscales.items():
        codes = given(answers, items)
        share = sum(codes) / len(codes) / 4 if len(codes) >= enough else None
        scores[name] = None if share is None else 100 - share * 100
    return scores


def odi(answers: Answers) -> Scored:
    """Return the total as a share of the possible total; one section may be missed (Fairbank)."""
    codes = given(answers, numbered("q", 10))
    possible = 5 * len(codes)
    return {"odi": sum(codes) / possible * 100 if len(codes) in (9, 10) else None}


def quickdash(answers: Answers) -> Scored:
    """Return ((sum of n answers / n) - 1) x 25, unless more than one is missing (the form)."""
    codes = given(answers, numbered("q", 11))
    score = None if len(codes) < 10 else (sum(codes) / len(codes) - 1) * 25
    return {"disability_symptom": score}


PHYSICAL = [16.2, 19.9, 23.5, 26.7, 29.6, 32.4, 34.9, 37.4, 39.8, 42.3, 44.9, 47.7, 50.8, 54.1]
PHYSICAL += [57.7, 61.9, 67.7]
MENTAL = [21.2, 25.1, 28.4, 31.3, 33.8, 36.3, 38.8, 41.1, 43.5, 45.8, 48.3, 50.8, 53.3, 56.0]
MENTAL += [59.0, 62.5, 67.6]


def promis_global_10(answers: Answers) -> Scored:
    """Return both raw sums and their T scores (HealthMeasures' tables, from a sum of 4 to 20)."""
    worth = dict(answers)
    if "global07r" in worth:
        worth["global07r"] = of_pain(worth["global07r"])
    physical = total(worth, ["global03", "global06", "global07r", "global08r"])
    mental = total(worth, ["global02", "global04", "global05", "global10r"])
    return {
        "gph_raw": physical,
        "gph_t": None if physical is None else PHYSICAL[physical - 4],
        "gmh_raw": mental,
        "gmh_t": None if mental is None else MENTAL[mental - 4],
    }


def of_pain(rating: int) -> int:
    """No pain is 5, the worst is 1; between them 1-3, 4-6 and 7-9 go together."""
    if rating in (0, 10):
        return 5 if rating == 0 else 1
    return 4 - (rating - 1) // 3


def gs_peq(answers: Answers) -> Scored:
    """Return for each five-point item but the reversed tenth whether it had one of the top two."""
    scores: Scored = {}
    for number in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12):
        code = answers.get(f"gkv_{number}", 9)
        scores[f"top_{number}"] = None if code == 9 else float(code in (4, 5))
    return scores


RULES: dict[str, Callable[[Answers], Scored]] = {
    "eq-5d-3l": eq_5d_3l,
    "eq-5d-y-3l": eq_5d_y_3l,
    "gad-7": gad_7,
    "gs-peq": gs_peq,
    "koos": koos,
    "odi": odi,
    "phq-9": phq_9,
    "promis-global-10": promis_global_10,
    "quickdash": quickdash,
    "who-5": who_5,
}

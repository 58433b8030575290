"""The names that FHIR, and Helsenorge's dialect of it, have for what a questionnaire says."""

HL7 = "http://hl7.org/fhir/StructureDefinition"
WEIGHT, ORDINAL = f"{HL7}/itemWeight", f"{HL7}/ordinalValue"
WORTHS = (
    WEIGHT,
    ORDINAL,
    f"{HL7}/questionnaire-ordinalValue",
    f"{HL7}/valueset-ordinalValue",
    f"{HL7}/codesystem-ordinalValue",
)
"""The extensions that say what an option is worth; the last three are older, or stand elsewhere."""

CONTROL = "http://hl7.org/fhir/questionnaire-item-control"
SCORE, FORMULA = "http://ehelse.no/Score", "http://ehelse.no/scoringFormulas"
SCORED = (
    {"system": SCORE, "code": "score", "display": "score"},
    {"system": FORMULA, "code": "QS", "display": "Question score"},
)
"""How Helsenorge marks an item whose answers are worth something."""

REGIONS = {"nb": "nb-NO", "nn": "nn-NO", "en": "en-GB", "se": "se-NO", "pl": "pl-PL"}
"""Languages as Helsenorge writes them."""

"""GAD-7 asks how often seven signs of anxiety have bothered the person in the last two weeks."""

from tests.spec.tables import Rest, Section

TITLE = "GAD-7"
INSTRUMENT = "gad-7"
NONE = Rest("answered 0, not at all", dict.fromkeys(("q3", "q4", "q5", "q6", "q7"), 0))
SECTIONS = (
    Section(
        title="Total",
        rule="The sum of the seven codes, 0 (not at all) to 3 (nearly every day): 0 to 21. Higher "
        "is worse. Source: Spitzer and others, doi 10.1001/archinte.166.10.1092.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 | total
             0  0  0  0  0  0  0 |   0
             1  1  1  1  1  1  1 |   7
             3  0  2  1  0  0  1 |   7
             2  2  2  2  2  2  2 |  14
             3  3  3  3  3  3  3 |  21
        """,
    ),
    Section(
        title="Each item counts alike",
        rule="No item weighs more than another.",
        rest=NONE,
        table="""
            q1 q2 | total
             3  0 |   3
             0  3 |   3
             1  2 |   3
        """,
    ),
    Section(
        title="One unanswered: no total",
        rule="There is no total unless all seven are answered. An unanswered item is not 0.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 | total total.answered
             3  3  3  3  3  3  - |  null       6
             -  0  0  0  0  0  0 |  null       6
             -  -  -  -  -  -  - |  null       0
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 0 to 3.",
        rest=NONE,
        table="""
            q1 q2 |  total
             4  0 | refused
             0 -1 | refused
             9  0 | refused
        """,
    ),
)

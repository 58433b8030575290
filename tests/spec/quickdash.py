"""QuickDASH asks eleven questions about the arm, shoulder and hand in the last week.

The optional modules on work and on sport and music are not asked.
"""

from tests.spec.tables import Section

TITLE = "QuickDASH"
INSTRUMENT = "quickdash"
SECTIONS = (
    Section(
        title="Disability and symptoms",
        rule="The mean of the codes, less 1, times 25: 0 is no difficulty, 100 the most. Source: "
        "Beaton and others, doi 10.2106/JBJS.D.02060.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 | disability_symptom
             1  1  1  1  1  1  1  1  1   1   1 |   0
             2  1  1  1  1  1  1  1  1   1   1 |   2.2727272727
             1  2  3  4  5  1  2  3  4   5   1 |  45.4545454545
             3  3  3  3  3  3  3  3  3   3   3 |  50
             5  5  5  5  5  5  5  5  5   5   5 | 100
        """,
    ),
    Section(
        title="One unanswered",
        rule="The mean is then over the ten that were answered. An unanswered item is not the "
        "best answer.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 | disability_symptom disability_symptom.answered
             5  5  5  5  5  5  5  5  5   5   - |       100                      10
             1  2  3  4  5  1  2  3  4   5   - |        50                      10
             -  1  1  1  1  1  1  1  1   1   2 |         2.5                    10
        """,
    ),
    Section(
        title="Two unanswered: no score",
        rule="With more than one item missing there is no score.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 | disability_symptom disability_symptom.answered
             3  3  3  3  3  3  3  3  3   -   - |       null                      9
             -  3  3  3  3  -  3  3  3   3   3 |       null                      9
             -  -  -  -  -  -  -  -  -   -   - |       null                      0
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 1 to 5. 0 is none of them.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 q11 | disability_symptom
             0  1  1  1  1  1  1  1  1   1   1 |      refused
             1  1  1  1  1  1  1  1  1   1   6 |      refused
             1  1  1  1  9  1  1  1  1   1   1 |      refused
        """,
    ),
)

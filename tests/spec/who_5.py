"""WHO-5 asks how much of the time in the last two weeks five statements of well-being were true."""

from tests.spec.tables import Section

TITLE = "WHO-5"
INSTRUMENT = "who-5"
SECTIONS = (
    Section(
        title="Raw score and percentage score",
        rule="The raw score is the sum of the five codes, 0 (at no time) to 5 (all of the time). "
        "The percentage score is four times that: 0 is the worst imaginable well-being, 100 the "
        "best. Source: Topp and others, doi 10.1159/000376585.",
        table="""
            q1 q2 q3 q4 q5 | total percent
             0  0  0  0  0 |   0      0
             1  1  1  1  1 |   5     20
             5  4  3  2  1 |  15     60
             5  5  5  5  5 |  25    100
        """,
    ),
    Section(
        title="Around the cut",
        rule="A raw score below 13, which is a percentage score of 50 or less, is called poor "
        "well-being. The percentage score goes in steps of four, so it never is 50: it is 48 or "
        "52.",
        table="""
            q1 q2 q3 q4 q5 | total percent
             3  2  3  2  2 |  12     48
             3  2  3  2  3 |  13     52
        """,
    ),
    Section(
        title="One unanswered: no score",
        rule="Both scores need all five answers. An unanswered item is not 0, which would be the "
        "worst answer of all.",
        table="""
            q1 q2 q3 q4 q5 | total total.answered percent
             5  5  5  5  - |  null       4         null
             -  5  5  5  5 |  null       4         null
             -  -  -  -  - |  null       0         null
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 0 to 5.",
        table="""
            q1 q2 q3 q4 q5 |  total  percent
             6  5  5  5  5 | refused refused
             5  5  5  5  9 | refused refused
            -1  5  5  5  5 | refused refused
        """,
    ),
)

"""The Oswestry Disability Index asks how back pain limits ten everyday things, today.

Each section is six statements, 0 to 5. The index is a percentage: 0 no disability, 100 the worst.
"""

from tests.spec.tables import Section

TITLE = "Oswestry Disability Index"
INSTRUMENT = "odi"
SECTIONS = (
    Section(
        title="Ten sections answered",
        rule="The sum of the ten codes as a percentage of 50, which is the most it can be. The "
        "published example is 16 of 50, which is 32. Source: Fairbank and Pynsent, doi "
        "10.1097/00007632-200011150-00017.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 | odi
             0  0  0  0  0  0  0  0  0   0 |   0
             1  0  0  0  0  0  0  0  0   0 |   2
             2  2  2  2  2  2  1  1  1   1 |  32
             0  1  2  3  4  5  0  1  2   3 |  42
             5  5  5  5  5  5  5  5  5   5 | 100
        """,
    ),
    Section(
        title="One section missed",
        rule="Then it is a percentage of 45: what is missed, or does not apply, is left out of "
        "both sums. The published example is 16 of 45, printed as 35.5. It is kept unrounded.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 | odi           odi.answered
             2  2  2  2  2  2  2  -  1   1 |  35.5555555556     9
             -  5  5  5  5  5  5  5  5   5 | 100                9
             0  0  0  0  0  0  0  0  0   - |   0                9
             1  1  1  1  1  1  1  1  1   - |  20                9
        """,
    ),
    Section(
        title="Two sections missed: no index",
        rule="The published rule provides for one missed section. With two there is no index.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 | odi  odi.answered
             1  1  1  1  1  1  1  -  1   - | null      8
             -  -  5  5  5  5  5  5  5   5 | null      8
             -  -  -  -  -  -  -  -  -   - | null      0
        """,
    ),
    Section(
        title="No index falls between two of the published bands",
        rule="The bands were published in whole numbers: 0-20 minimal, 21-40 moderate, 41-60 "
        "severe, 61-80 crippled, 81-100 bed-bound or exaggerating. With ten sections the index "
        "goes in steps of 2, with nine in steps of 20/9, from 20 to more than 22, so that nothing "
        "is rounded to find the band.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 | odi
             1  1  1  1  1  1  1  1  1   1 |  20
             1  1  1  1  1  1  1  1  1   2 |  22
             1  1  1  1  1  1  1  1  2   - |  22.2222222222
             2  2  2  2  2  2  2  2  2   - |  40
             2  2  2  2  2  2  2  2  3   - |  42.2222222222
             4  4  4  4  4  4  4  4  4   - |  80
             4  4  4  4  4  4  4  4  5   - |  82.2222222222
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 0 to 5.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 q10 |   odi
             6  0  0  0  0  0  0  0  0   0 | refused
             0  0  0  0  0  0  0  9  0   0 | refused
             0  0  0  0  0  0  0  0  0  -1 | refused
        """,
    ),
)

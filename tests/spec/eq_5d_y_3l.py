"""EQ-5D-Y-3L is the EQ-5D for children and adolescents of 8 to 15 years, in words of their own.

It asks for five dimensions in three levels, and for one number from 0 to 100. Norway has no value
set for it, so it gives no index here; a registry that wants one must say whose.
"""

from tests.spec.tables import Section

TITLE = "EQ-5D-Y-3L"
INSTRUMENT = "eq-5d-y-3l"
SECTIONS = (
    Section(
        title="Level sum",
        rule="The sum of the five levels: 5 is no problems, 15 a lot of problems in everything.",
        table="""
            mo sc ua pd ad | level_sum level_sum.answered
             1  1  1  1  1 |     5           5
             2  1  1  1  1 |     6           5
             1  2  1  2  3 |     9           5
             2  2  2  2  2 |    10           5
             3  3  3  3  3 |    15           5
        """,
    ),
    Section(
        title="A missing dimension: no level sum",
        rule="Nothing is put in the empty place, not even level 1.",
        table="""
            mo sc ua pd ad | level_sum level_sum.answered
             -  1  1  1  1 |   null          4
             1  1  -  1  1 |   null          4
             1  1  1  1  - |   null          4
             -  -  -  -  - |   null          0
        """,
    ),
    Section(
        title="EQ VAS",
        rule="The number from 0 to 100, as it was given, whether or not the dimensions are "
        "answered.",
        table="""
            mo sc ua pd ad vas | vas  level_sum
             1  1  1  1  1   0 |   0      5
             1  1  1  1  1 100 | 100      5
             -  -  -  -  -  73 |  73    null
             1  1  1  1  2   - | null     6
        """,
    ),
    Section(
        title="Missing codes, and codes that are not on offer",
        rule="9 stands for an unanswered dimension, 999 for an unanswered VAS. Levels are 1 to 3.",
        table="""
            mo sc ua pd ad vas | level_sum   vas
             9  1  1  1  1  80 |   null       80
             1  1  1  1  1 999 |     5       null
             4  1  1  1  1  80 | refused   refused
             1  1  1  1  1 101 | refused   refused
        """,
    ),
)

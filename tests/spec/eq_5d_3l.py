"""EQ-5D-3L asks for the five dimensions of EQ-5D in three levels, and for one number, 0 to 100.

The five levels together are a health state, written as five digits; there are 243. Level 3 here is
"unable" or "extreme": it is not level 3, nor level 5, of the EQ-5D-5L, and their states and indices
are not to be mixed.
"""

from tests.spec.tables import Section

TITLE = "EQ-5D-3L"
INSTRUMENT = "eq-5d-3l"
SECTIONS = (
    Section(
        title="United Kingdom 1997: each dimension's own loss",
        rule="The index is 1 less a loss for each dimension above level 1. At level 2 the losses "
        "are .069, .104, .036, .123 and .071; at level 3 .314, .214, .094, .386 and .236. Any "
        "state but 11111 loses .081 besides, once. Source: Dolan, doi "
        "10.1097/00005650-199711000-00002.",
        table="""
            mo sc ua pd ad | index_uk_1997
             1  1  1  1  1 |  1
             2  1  1  1  1 |  0.85
             1  2  1  1  1 |  0.815
             1  1  2  1  1 |  0.883
             1  1  1  2  1 |  0.796
             1  1  1  1  2 |  0.848
             2  2  1  1  1 |  0.746
             2  2  2  2  2 |  0.516
        """,
    ),
    Section(
        title="United Kingdom 1997: any dimension at level 3",
        rule="A state with level 3 anywhere loses .269 more (the term N3), once, however many "
        "dimensions are at level 3.",
        table="""
            mo sc ua pd ad | index_uk_1997
             3  1  1  1  1 |  0.336
             1  3  1  1  1 |  0.436
             1  1  3  1  1 |  0.556
             1  1  1  3  1 |  0.264
             1  1  1  1  3 |  0.414
             1  3  2  1  3 |  0.164
             2  3  1  3  2 | -0.09
             3  3  3  3  3 | -0.594
        """,
    ),
    Section(
        title="A missing dimension: no index",
        rule="An index belongs to a whole state. When any dimension is unanswered there is no "
        "index and no level sum.",
        table="""
            mo sc ua pd ad | index_uk_1997 index_uk_1997.answered level_sum
             -  1  1  1  1 |     null                4               null
             1  -  1  1  1 |     null                4               null
             1  1  -  1  1 |     null                4               null
             1  1  1  -  1 |     null                4               null
             1  1  1  1  - |     null                4               null
             -  -  -  -  - |     null                0               null
        """,
    ),
    Section(
        title="Level sum and EQ VAS",
        rule="The level sum is the sum of the five levels, 5 to 15. The VAS is the number as it "
        "was given; 0 is an answer. Each is given without the other.",
        table="""
            mo sc ua pd ad vas | level_sum  vas  index_uk_1997
             1  1  1  1  1   0 |     5        0      1
             3  1  1  1  1  70 |     7       70      0.336
             1  1  1  1  3   - |     7      null     0.414
             3  3  3  3  3 100 |    15      100     -0.594
             -  1  1  1  1  45 |   null      45     null
        """,
    ),
    Section(
        title="Missing codes, and codes that are not on offer",
        rule="In files from elsewhere 9 stands for an unanswered dimension and 999 for an "
        "unanswered VAS. Levels are 1 to 3, the VAS is 0 to 100; a level 4 or 5 is refused.",
        table="""
            mo sc ua pd ad vas | index_uk_1997   vas  level_sum
             9  1  1  1  1  80 |     null         80    null
             1  1  1  1  2 999 |     0.848       null     6
             4  1  1  1  1  80 |   refused    refused refused
             1  1  1  1  5  80 |   refused    refused refused
             1  0  1  1  1  80 |   refused    refused refused
             1  1  1  1  1 101 |   refused    refused refused
        """,
    ),
)

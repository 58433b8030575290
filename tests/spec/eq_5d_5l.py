"""EQ-5D-5L asks for five dimensions, each in five levels, and for one number from 0 to 100.

The five levels together are a health state, written as five digits: 11111 is no problems at all.
A country's value set gives each of the 3125 states its index. The index is 1 for full health, 0
for a state as bad as being dead, and below 0 for a state that is worse.
"""

from tests.spec.tables import Section

TITLE = "EQ-5D-5L"
INSTRUMENT = "eq-5d-5l"
SECTIONS = (
    Section(
        title="Norway 2024: the index of a state",
        rule="The index is 1 less a decrement for each dimension above level 1. At level 5 the "
        "decrements are .205, .206, .179, .391 and .472; at levels 2, 3 and 4 they are .152, .317 "
        "and .775 of that. They are not rounded before they are added. Source: Garratt and others, "
        "doi 10.1007/s11136-024-03837-3.",
        table="""
            mo sc ua pd ad | index_no_2024
             1  1  1  1  1 |  1
             2  1  1  1  1 |  0.96884
             1  2  1  1  1 |  0.968688
             1  1  2  1  1 |  0.972792
             1  1  1  2  1 |  0.940568
             1  1  1  1  2 |  0.928256
             2  2  2  2  2 |  0.779144
             3  3  3  3  3 |  0.539399
             4  4  4  4  4 | -0.126075
             1  2  3  4  5 |  0.13692
             5  4  3  2  1 |  0.519175
             5  5  5  5  5 | -0.453
        """,
    ),
    Section(
        title="A missing dimension: no index",
        rule="An index belongs to a whole state. When any dimension is unanswered there is no "
        "index and no level sum: nothing is put in the empty place, not even level 1.",
        table="""
            mo sc ua pd ad | index_no_2024 index_no_2024.answered level_sum
             -  1  1  1  1 |     null                4               null
             1  -  1  1  1 |     null                4               null
             1  1  -  1  1 |     null                4               null
             1  1  1  -  1 |     null                4               null
             1  1  1  1  - |     null                4               null
             -  -  -  -  - |     null                0               null
        """,
    ),
    Section(
        title="Level sum",
        rule="The sum of the five levels: 5 is no problems, 25 is the worst in all. It weighs the "
        "dimensions alike, so that two states of one sum can have quite different indices.",
        table="""
            mo sc ua pd ad | level_sum index_no_2024
             1  1  1  1  1 |     5        1
             5  1  1  1  1 |     9        0.795
             1  1  1  1  5 |     9        0.528
             1  2  3  4  5 |    15        0.13692
             5  4  3  2  1 |    15        0.519175
             5  5  5  5  5 |    25       -0.453
        """,
    ),
    Section(
        title="EQ VAS",
        rule="The number from 0 to 100, as it was given. 0 is an answer. The VAS and the index "
        "stand each on their own: either can be given without the other.",
        table="""
            mo sc ua pd ad vas | vas  vas.answered index_no_2024
             1  1  1  1  1   0 |   0       1             1
             1  1  1  1  1   9 |   9       1             1
             1  1  1  1  1 100 | 100       1             1
             1  1  1  1  1   - | null      0             1
             -  -  -  -  -  73 |  73       1           null
        """,
    ),
    Section(
        title="Missing codes",
        rule="In files from elsewhere 9 stands for an unanswered dimension, and 999 for an "
        "unanswered VAS. Both count as no answer.",
        table="""
            mo sc ua pd ad vas | index_no_2024 index_no_2024.answered level_sum  vas
             9  1  1  1  1  80 |     null                4               null     80
             1  1  1  1  9  80 |     null                4               null     80
             9  9  9  9  9 999 |     null                0               null   null
             1  1  1  1  2 999 |   0.928256              5                 6    null
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="Levels are 1 to 5, the VAS is 0 to 100. Anything else is refused, never guessed at.",
        table="""
            mo sc ua pd ad vas | index_no_2024
             0  1  1  1  1  80 |    refused
             1  1  1  1  6  80 |    refused
             1  1  1  1  1 101 |    refused
             1  1 -1  1  1  80 |    refused
             1  1  1  999 1 80 |    refused
        """,
    ),
)

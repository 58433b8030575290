"""RAND-36 asks 36 questions and gives eight scales, health change, and composites of three kinds.

Each code is first turned into a value from 0 (worst) to 100 (best). A scale is the mean of the
values of its items. Composites are made from the eight scales.
"""

from tests.spec.tables import Rest, Section

TITLE = "RAND-36"
INSTRUMENT = "rand-36"
BEST = Rest(
    "answered with the best health",
    dict.fromkeys(("q1", "q2", "q20", "q21", "q22", "q23", "q26", "q27", "q30", "q34", "q36"), 1)
    | dict.fromkeys(("q13", "q14", "q15", "q16", "q17", "q18", "q19"), 2)
    | dict.fromkeys(("q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12"), 3)
    | dict.fromkeys(("q32", "q33", "q35"), 5)
    | dict.fromkeys(("q24", "q25", "q28", "q29", "q31"), 6),
)
SECTIONS = (
    Section(
        title="Five codes, the first is best",
        rule="Items 1, 2, 20, 22, 34 and 36: codes 1 to 5 are worth 100, 75, 50, 25 and 0. Health "
        "change is item 2 alone, and is part of no scale.",
        table="""
            q2 q20 q22 | health_change social_functioning pain
             1  1   1  |      100             100          100
             2  2   2  |       75              75           75
             3  3   3  |       50              50           50
             4  4   4  |       25              25           25
             5  5   5  |        0               0            0
        """,
    ),
    Section(
        title="Three and two codes, the last is best",
        rule="Items 3-12: codes 1 to 3 are worth 0, 50 and 100. Items 13-19: codes 1 and 2 are "
        "worth 0 and 100.",
        missing_rule="any",
        table="""
            q3 q13 q17 | physical_functioning role_physical role_emotional
             1  1   1  |          0                 0              0
             2  2   2  |         50               100            100
             3  1   2  |        100                 0            100
        """,
    ),
    Section(
        title="Six codes, the first is best",
        rule="Items 21, 23, 26, 27 and 30: codes 1 to 6 are worth 100, 80, 60, 40, 20 and 0.",
        missing_rule="any",
        table="""
            q21 q23 q26 | pain energy_fatigue emotional_well_being
             1   1   1  | 100       100               100
             2   2   2  |  80        80                80
             3   3   3  |  60        60                60
             4   4   4  |  40        40                40
             5   5   5  |  20        20                20
             6   6   6  |   0         0                 0
        """,
    ),
    Section(
        title="Six and five codes, the last is best",
        rule="Items 24, 25, 28, 29 and 31: codes 1 to 6 are worth 0, 20, 40, 60, 80 and 100. Items "
        "32, 33 and 35: codes 1 to 5 are worth 0, 25, 50, 75 and 100.",
        missing_rule="any",
        table="""
            q24 q29 q32 q33 | emotional_well_being energy_fatigue social_functioning general_health
             1   1   1   1  |          0                 0                0                0
             2   2   2   2  |         20                20               25               25
             3   3   3   3  |         40                40               50               50
             4   4   4   4  |         60                60               75               75
             5   5   5   5  |         80                80              100              100
             6   6   -   -  |        100               100              null             null
        """,
    ),
    Section(
        title="Physical functioning",
        rule="The mean of items 3-12.",
        table="""
            q3 q4 q5 q6 q7 q8 q9 q10 q11 q12 | physical_functioning
             1  1  1  1  1  1  1  1   1   1  |          0
             1  1  2  2  3  3  1  2   3   3  |         55
             3  3  3  3  3  3  3  3   3   2  |         95
             3  3  3  3  3  3  3  3   3   3  |        100
        """,
    ),
    Section(
        title="Role limitations",
        rule="Physical: the mean of items 13-16. Emotional: the mean of items 17-19.",
        table="""
            q13 q14 q15 q16 q17 q18 q19 | role_physical role_emotional
             1   1   1   1   1   1   1  |       0             0
             2   1   1   1   2   1   1  |      25            33.3333333333
             2   2   1   2   1   2   2  |      75            66.6666666667
             2   2   2   2   2   2   2  |     100           100
        """,
    ),
    Section(
        title="Energy and emotional well-being",
        rule="Energy: the mean of items 23, 27, 29 and 31. Emotional well-being: the mean of items "
        "24, 25, 26, 28 and 30. In both some items run one way and some the other, so that the "
        "same code everywhere gives a middling score.",
        table="""
            q23 q27 q29 q31 q24 q25 q26 q28 q30 | energy_fatigue emotional_well_being
             1   1   6   6   6   6   1   6   1  |      100             100
             6   6   1   1   1   1   6   1   6  |        0               0
             1   1   1   1   1   1   1   1   1  |       50              40
             2   1   6   6   6   6   3   6   1  |       95              92
             1   3   6   6   6   6   1   4   1  |       90              92
             1   1   3   6   3   6   1   6   1  |       85              88
             1   1   6   2   6   2   1   6   1  |       80              84
             1   1   6   6   6   6   1   6   6  |      100              80
        """,
    ),
    Section(
        title="Social functioning, pain and general health",
        rule="Social functioning: items 20 and 32. Pain: items 21 and 22. General health: items 1, "
        "33, 34, 35 and 36. RAND scores pain and general health as plain means; SF-36 does not.",
        table="""
            q20 q32 q21 q22 q1 q33 q34 q35 q36 | social_functioning pain general_health
             1   5   1   1   1  5   1   5   1  |        100          100       100
             5   1   6   5   5  1   5   1   5  |          0            0         0
             2   5   3   1   2  5   1   5   1  |         87.5         80        95
             1   3   1   4   1  3   1   5   1  |         75           62.5      90
             3   4   2   2   1  5   4   5   1  |         62.5         77.5      85
             4   4   4   3   1  5   1   1   1  |         50           45        80
             5   5   5   5   1  5   1   5   5  |         50           10        80
        """,
    ),
    Section(
        title="At least half of the items",
        rule="A scale is given when at least half of its items are answered: 5 of 10, 2 of 4, 2 of "
        "3, 3 of 5, 1 of 2. It is then the mean of those that were answered.",
        table="""
            q3 q4 q5 q6 q7 | physical_functioning physical_functioning.answered
             3  3  3  3  3 |         100                        5
             1  2  2  3  3 |          60                        5
             3  3  3  3  - |        null                        4
             -  -  -  -  - |        null                        0
        """,
    ),
    Section(
        title="At least half of an odd number",
        rule="One of three and two of five are less than half.",
        table="""
            q17 q18 q19 q24 q25 q28 | role_emotional emotional_well_being
             2   -   2   6   -   6  |     100              null
             2   1   -   6   1   6  |      50              66.6666666667
             -   -   2   1   2   3  |     null             20
        """,
    ),
    Section(
        title="The smallest scales: one of two is enough",
        rule="Pain and social functioning have two items each; one of them is half.",
        table="""
            q20 q32 q21 q22 | social_functioning social_functioning.answered pain pain.answered
             2   -   2   -  |         75                     1                80        1
             -   2   -   2  |         25                     1                75        1
             2   2   2   2  |         50                     2                77.5      2
             -   -   -   -  |        null                    0               null       0
        """,
    ),
    Section(
        title="Missing is never zero",
        rule="An unanswered item is left out of the mean; it does not count as 0. The answers that "
        "are there decide alone.",
        table="""
            q13 q14 q15 q16 | role_physical role_physical.answered
             2   2   2   2  |      100                4
             2   2   2   -  |      100                3
             2   2   -   -  |      100                2
             2   2   1   1  |       50                4
             2   -   -   -  |     null                1
        """,
    ),
    Section(
        title="The rule any",
        rule="RAND's own instructions average whatever was answered. A registry may ask for that "
        "rule instead. Nothing answered is still no score.",
        missing_rule="any",
        table="""
            q13 q14 q15 q16 q24 q2 | role_physical role_physical.answered emotional_well_being health_change
             2   -   -   -   2  -  |     100                1                    20                null
             -   1   -   2   -  3  |      50                2                   null                50
             -   -   -   -   -  -  |     null               0                   null               null
        """,  # noqa: E501
    ),
    Section(
        title="Missing codes, and codes that are not on offer",
        rule="9 stands for an unanswered item. Any other code outside the item's own is refused.",
        table="""
            q2 q13 q14 q21 q22 | health_change role_physical pain  pain.answered
             9  2   2   9   2  |     null          100        75         1
             3  9   2   2   2  |      50          null        77.5       2
             6  2   2   2   2  |    refused      refused    refused   refused
             3  3   2   2   2  |    refused      refused    refused   refused
             3  2   0   2   2  |    refused      refused    refused   refused
             3  2   2   7   2  |    refused      refused    refused   refused
        """,
    ),
    Section(
        title="Orthogonal and oblique composites",
        rule="T = 50 + 10 x the sum of weight x (scale - mean) / sd over all eight scales, with "
        "the US 1990 population's means and standard deviations (made for SF-36's scales). Health "
        "change plays no part.",
        rest=BEST,
        table="""
            q2 q13 q14 q1 q33 | pcs_orthogonal mcs_orthogonal pcs_oblique   mcs_oblique
             1  2   2   1  5  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566
             5  2   2   1  5  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566
             1  1   1   5  1  | 47.7280808388  64.2720765498  52.6550699594 61.8578413113
        """,
    ),
    Section(
        title="Good physical health takes from the orthogonal mental composite",
        rule="In the orthogonal composites physical scales have negative weights in MCS and mental "
        "scales in PCS. Someone much limited in all activities, and well in all else, has a higher "
        "MCS than someone in best health.",
        rest=BEST,
        table="""
            q3 q4 q5 q6 q7 q8 q9 q10 q11 q12 | pcs_orthogonal mcs_orthogonal pcs_oblique   mcs_oblique
             3  3  3  3  3  3  3  3   3   3  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566
             1  1  1  1  1  1  1  1   1   1  | 39.3521580118  72.1820250121  52.4720239099 65.1583995496
        """,  # noqa: E501
    ),
    Section(
        title="Unweighted composites",
        rule="PCS is the mean of physical functioning, role physical, pain and general health; "
        "MCS is the mean of energy, social functioning, role emotional and emotional well-being. "
        "Each needs its own four scales only.",
        rest=BEST,
        table="""
            q21 q22 q20 q32 | pcs_unweighted mcs_unweighted
             1   1   1   5  |     100            100
             6   5   1   5  |      75            100
             1   1   5   1  |     100             75
             -   -   2   5  |     null            96.875
             2   1   -   -  |      97.5          null
        """,
    ),
    Section(
        title="A scale is missing: no weighted composite",
        rule="The orthogonal and oblique composites need all eight scales. An item missing here "
        "and there does not matter, as long as each scale can be given.",
        rest=BEST,
        table="""
            q20 q32 q21 | pcs_orthogonal mcs_orthogonal pcs_oblique   mcs_oblique   pcs_oblique.answered
             1   5   1  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566         35
             1   5   -  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566         34
             -   5   1  | 57.8724398213  62.1365563706  61.2075938403 64.2848425566         34
             -   -   1  |     null           null           null          null              33
        """,  # noqa: E501
    ),
)

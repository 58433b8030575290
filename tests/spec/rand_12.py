"""RAND-12 is twelve of RAND-36's questions: items 1, 4, 6, 14, 15, 18, 19, 22, 26, 27, 28 and 32.

It gives eight domains, and a physical (PCS) and a mental (MCS) composite in three kinds: oblique
(Farivar 2007, which Norwegian registries use), orthogonal (Ware 1996) and unweighted (Andersen
2022). The kind is part of each composite's name, because the three are not comparable.
"""

from tests.spec.tables import Rest, Section

TITLE = "RAND-12"
INSTRUMENT = "rand-12"
BEST = Rest(
    "answered with the best health",
    dict.fromkeys(("rand_1", "rand_5", "rand_6a", "rand_6b"), 1)
    | dict.fromkeys(("rand_3a", "rand_3b", "rand_4a", "rand_4b"), 2)
    | {"rand_2a": 3, "rand_2b": 3, "rand_6c": 6, "rand_7": 5},
)
SECTIONS = (
    Section(
        title="What each code is worth in a domain",
        rule="Each code is first turned into a value from 0 (worst) to 100 (best). Code 1 is the "
        "best answer of some items and the worst of others. A domain of one item is that value.",
        table="""
            rand_1 rand_5 rand_6b rand_7 | general_health pain energy_fatigue social_functioning
               1      1      1       1   |      100        100       100              0
               2      2      2       2   |       75         75        80             25
               3      3      3       3   |       50         50        60             50
               4      4      4       4   |       25         25        40             75
               5      5      5       5   |        0          0        20            100
               -      -      6       -   |      null       null        0           null
        """,
    ),
    Section(
        title="Domains of two items",
        rule="The mean of the values of the items that were answered. One of the two is enough, "
        "and an item that was not answered is left out of the mean: it never counts as 0.",
        table="""
            rand_2a rand_2b | physical_functioning physical_functioning.answered
               1       1    |          0                         2
               1       2    |         25                         2
               3       2    |         75                         2
               3       3    |        100                         2
               3       -    |        100                         1
               -       2    |         50                         1
               -       -    |        null                        0
        """,
    ),
    Section(
        title="Roles and emotional well-being",
        rule="The same rule. In emotional well-being the two items run in opposite directions: "
        "calm all of the time (code 1) is best, downhearted all of the time (code 1) is worst.",
        table="""
            rand_3a rand_3b rand_4a rand_4b rand_6a rand_6c | role_physical role_emotional emotional_well_being
               2       2       2       2       1       6    |      100           100               100
               1       2       2       1       1       1    |       50            50                50
               1       1       1       1       6       1    |        0             0                 0
               -       1       2       -       2       -    |        0           100                80
               2       -       -       1       -       2    |      100             0                20
        """,  # noqa: E501
    ),
    Section(
        title="Oblique composites",
        rule="A constant (62.37966 for PCS, 65.38813 for MCS) plus points for each answer. The "
        "best answer of each item has 0 points, so best health gives the constant itself.",
        rest=BEST,
        table="""
            rand_1 rand_5 rand_6c | pcs_oblique mcs_oblique
               1      1      6    |   62.37966    65.38813
               2      1      6    |   61.28567    64.84435
               5      1      6    |   55.47113    61.10614
               1      2      6    |   59.61743    64.53418
               1      3      6    |   57.16363    63.93749
               1      5      6    |   52.05104    61.81758
               1      1      1    |   61.05631    50.42588
        """,
    ),
    Section(
        title="Orthogonal composites",
        rule="The same shape with other points, and the constants 56.57706 and 60.75781. Here "
        "good mental health takes from the physical composite, and the other way round.",
        rest=BEST,
        table="""
            rand_1 rand_4a rand_6a | pcs_orthogonal mcs_orthogonal
               1      2       1    |    56.57706       60.75781
               5      2       1    |    48.20307       59.04606
               1      1       1    |    59.62071       53.93109
               1      2       6    |    60.04344       50.56696
        """,
    ),
    Section(
        title="Unweighted composites",
        rule="PCS is the mean of physical functioning, role physical, pain and general health; "
        "MCS is the mean of energy, social functioning, role emotional and emotional well-being.",
        rest=BEST,
        table="""
            rand_1 rand_5 rand_6b rand_7 | pcs_unweighted mcs_unweighted
               1      1      1       5   |      100            100
               5      1      1       5   |       75            100
               5      3      1       5   |       62.5          100
               1      1      6       5   |      100             75
               1      1      2       4   |      100             88.75
        """,
    ),
    Section(
        title="Points are not in step with the answers",
        rule="Item 7 asks how much of the time health has disturbed social life; code 1 is all of "
        "the time, code 2 most of the time. Code 2 gives a lower score than code 1. That is how "
        "the weights were published, and it is not an error.",
        rest=BEST,
        table="""
            rand_7 | pcs_oblique mcs_oblique pcs_orthogonal mcs_orthogonal
               1   |   59.80277    61.87208     56.24024       54.46057
               2   |   59.08098    61.19808     55.63364       52.49715
               3   |   59.95186    62.18165     56.39663       55.12495
               4   |   61.16406    63.6714      56.68744       57.61885
               5   |   62.37966    65.38813     56.57706       60.75781
        """,
    ),
    Section(
        title="Best health is not the highest composite",
        rule="Being much limited in moderate activities and in stairs raises the mental "
        "composites. The highest MCS therefore does not belong to the best health.",
        rest=BEST,
        table="""
            rand_2a rand_2b | mcs_oblique mcs_orthogonal pcs_oblique
               3       3    |   65.38813     60.75781      62.37966
               1       3    |   65.60142     64.68896      58.76927
               1       1    |   65.73092     67.37178      55.48371
        """,
    ),
    Section(
        title="Worst health",
        rule="All twelve answers at their worst.",
        table="""
            rand_1 rand_2a rand_2b rand_3a rand_3b rand_4a rand_4b rand_5 rand_6a rand_6b rand_6c rand_7 | pcs_oblique mcs_oblique pcs_orthogonal mcs_orthogonal pcs_unweighted mcs_unweighted
               5      1       1       1       1       1       1      5       6       6       1       1    |   18.39445    11.48746     23.99938       19.06444           0              0
        """,  # noqa: E501
    ),
    Section(
        title="One of twelve unanswered: no composite",
        rule="No composite is given unless all twelve items are answered, the unweighted ones "
        "too, although their domains could be given with an item missing.",
        rest=BEST,
        table="""
            rand_1 rand_2b rand_6a | pcs_oblique mcs_oblique pcs_orthogonal mcs_orthogonal pcs_unweighted mcs_unweighted physical_functioning emotional_well_being pcs_oblique.answered
               1      3       1    |  62.37966    65.38813     56.57706       60.75781         100            100                100                  100                   12
               -      3       1    |    null        null         null           null           null           null               100                  100                   11
               1      -       1    |    null        null         null           null           null           null               100                  100                   11
               1      3       -    |    null        null         null           null           null           null               100                  100                   11
        """,  # noqa: E501
    ),
    Section(
        title="Missing codes, and codes that are not on offer",
        rule="9 stands for an unanswered item. Any other code outside the item's own is refused.",
        rest=BEST,
        table="""
            rand_1 rand_2a rand_7 | general_health physical_functioning pcs_oblique
               9      3      5    |      null             100               null
               1      9      5    |       100             100               null
               6      3      5    |     refused         refused           refused
               1      0      5    |     refused         refused           refused
               1      3      6    |     refused         refused           refused
        """,
    ),
)

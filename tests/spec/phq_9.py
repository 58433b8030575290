"""PHQ-9 asks how often nine signs of depression have bothered the person in the last two weeks.

It gives a total, which tells how severe they are, and says whether they form a depressive syndrome.
The syndrome is a screening rule, not a diagnosis. It follows the papers; it was not compared with
another program.
"""

from tests.spec.tables import Rest, Section

TITLE = "PHQ-9"
INSTRUMENT = "phq-9"
ITEMS = ("q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9")
NONE = Rest("answered 0, not at all", dict.fromkeys(ITEMS, 0))
SECTIONS = (
    Section(
        title="Total",
        rule="The sum of the nine codes, 0 (not at all) to 3 (nearly every day): 0 to 27. Higher "
        "is worse. Source: Kroenke and others, doi 10.1046/j.1525-1497.2001.016009606.x.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 | total
             0  0  0  0  0  0  0  0  0 |   0
             1  1  1  1  1  1  1  1  1 |   9
             3  0  2  1  0  0  1  0  2 |   9
             2  2  2  2  2  2  2  2  2 |  18
             3  3  3  3  3  3  3  3  3 |  27
        """,
    ),
    Section(
        title="Which symptoms count",
        rule="Items 1 to 8 count as a symptom when they were there at least more than half the "
        "days (code 2 or 3). Item 9, thoughts of death or self-harm, counts if it was there at "
        "all (code 1 to 3). Items 1 and 2, interest and mood, are the core symptoms.",
        rest=NONE,
        table="""
            q1 q2 q3 q8 q9 | n_core n_items_3_8 n_item_9 n_symptoms
             0  0  0  0  0 |   0         0          0         0
             1  1  1  1  0 |   0         0          0         0
             1  1  1  1  1 |   0         0          1         1
             2  0  2  0  0 |   1         1          0         2
             3  3  0  2  2 |   2         1          1         4
             2  3  3  3  3 |   2         2          1         5
        """,
    ),
    Section(
        title="Major depressive syndrome",
        rule="2 is a major depressive syndrome: five or more of the nine symptoms, and one of "
        "them is a core symptom. Source: Spitzer and others, doi 10.1001/jama.282.18.1737.",
        rest=NONE,
        table="""
            q1 q2 q3 q4 q5 q6 q9 | n_symptoms depressive_syndrome
             2  0  2  2  2  2  0 |     5              2
             0  3  2  2  2  0  1 |     5              2
             3  3  3  3  3  3  3 |     7              2
             2  0  2  2  2  1  0 |     4              1
        """,
    ),
    Section(
        title="Other depressive syndrome",
        rule="1 is another depressive syndrome: two, three or four symptoms, one of them core.",
        rest=NONE,
        table="""
            q1 q2 q3 q4 q9 | n_symptoms depressive_syndrome
             2  2  0  0  0 |     2              1
             2  0  0  0  1 |     2              1
             2  0  3  0  1 |     3              1
             0  2  2  2  3 |     4              1
             3  0  1  1  0 |     1              0
        """,
    ),
    Section(
        title="No core symptom: no syndrome",
        rule="0 is neither. However many the other symptoms are, without one of the two core "
        "symptoms there is no syndrome, although the total may be high.",
        rest=NONE,
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 | total n_core n_symptoms depressive_syndrome
             1  1  3  3  3  3  3  3  3 |  23     0        7              0
             1  1  2  2  2  2  2  0  0 |  12     0        5              0
             0  0  0  0  0  0  0  0  3 |   3     0        1              0
        """,
    ),
    Section(
        title="One unanswered: no total and no syndrome",
        rule="The total and the syndrome need all nine answers, even where the others would "
        "decide; each count needs its own items. An unanswered item is not 0.",
        table="""
            q1 q2 q3 q4 q5 q6 q7 q8 q9 | total total.answered n_core n_items_3_8 n_item_9 depressive_syndrome
             2  2  2  2  2  2  2  2  - |  null       8           2        6         null        null
             -  2  2  2  2  2  2  2  0 |  null       8         null       6          0          null
             2  2  2  2  2  2  2  -  0 |  null       8           2       null        0          null
             -  -  -  -  -  -  -  -  - |  null       0         null      null       null        null
        """,  # noqa: E501
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 0 to 3.",
        rest=NONE,
        table="""
            q1 q9 |  total  depressive_syndrome
             4  0 | refused       refused
             0  9 | refused       refused
            -1  0 | refused       refused
        """,
    ),
)

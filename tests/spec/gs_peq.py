"""GS-PEQ asks patients about their experiences with a service: what was done, not how they are.

This is the twelve-item version of Norwegian registries. There is no total. For most items it is
told whether one of the two best of five answers was given; the mean of that over people is the
share that registries report.
"""

from tests.spec.tables import Rest, Section

TITLE = "GS-PEQ"
INSTRUMENT = "gs-peq"
MIDDLE = Rest(
    "answered 3, to some extent",
    {f"gkv_{number}": 3 for number in range(1, 13) if number != 11} | {"gkv_11": 2},
)
SECTIONS = (
    Section(
        title="Top two of five",
        rule="4 (to a large extent) and 5 (to a very large extent) give 1; 1, 2 and 3 give 0. For "
        "gkv_12 they are large and very large benefit.",
        table="""
            gkv_1 gkv_12 | top_1 top_12
              1     5    |   0     1
              2     4    |   0     1
              3     3    |   0     0
              4     2    |   1     0
              5     1    |   1     0
        """,
    ),
    Section(
        title="One score an item",
        rule="Each item has a score of its own, with its own number.",
        table="""
            gkv_1 gkv_2 gkv_3 gkv_4 gkv_5 gkv_6 gkv_7 gkv_8 gkv_9 | top_1 top_2 top_3 top_4 top_5 top_6 top_7 top_8 top_9
              5     4     5     4     5     4     5     4     5   |   1     1     1     1     1     1     1     1     1
              4     5     4     5     4     5     4     5     4   |   1     1     1     1     1     1     1     1     1
              3     3     3     3     3     3     3     3     3   |   0     0     0     0     0     0     0     0     0
              1     5     1     4     1     5     1     4     1   |   0     1     0     1     0     1     0     1     0
        """,  # noqa: E501
    ),
    Section(
        title="Not applicable is neither 0 nor unanswered",
        rule="9, not applicable, is offered and may be chosen. It gives null: who has no use for "
        "a question is not in the share. It does not count as answered either.",
        rest=MIDDLE,
        table="""
            gkv_1 gkv_8 gkv_12 | top_1 top_1.answered top_8 top_12
              9     9     9    |  null       0         null  null
              9     5     4    |  null       0           1     1
              1     9     1    |    0        1         null    0
        """,
    ),
    Section(
        title="Unanswered",
        rule="No answer, no score. The other items are not touched by it.",
        table="""
            gkv_1 gkv_2 | top_1 top_1.answered top_2
              -     5   |  null       0          1
              4     -   |    1        1        null
              -     -   |  null       0        null
        """,
    ),
    Section(
        title="Two items without a score",
        rule="In gkv_10, incorrect treatment, the best answer is 1, not at all, so that its two "
        "highest answers are its worst; gkv_11, waiting, has four answers and no 9. Neither is "
        "scored: the answers themselves are what a registry reads. They change no score.",
        rest=MIDDLE,
        table="""
            gkv_10 gkv_11 | top_1 top_9 top_12
               1      1   |   0     0     0
               5      4   |   0     0     0
               9      3   |   0     0     0
               -      -   |   0     0     0
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 1 to 5 and 9. Some registries code from 0 to 4: such files must be "
        "turned into these codes first. gkv_11 offers 1 to 4.",
        rest=MIDDLE,
        table="""
            gkv_1 gkv_11 |  top_1
              0      2   | refused
              6      2   | refused
              3      9   | refused
              3      5   | refused
        """,
    ),
)

"""PROMIS Global Health asks ten questions and gives physical and mental health, as T scores.

A T score of 50 is the mean of the US reference population, and 10 its standard deviation. Items
are named as in version 1.2, where fatigue (`global08r`) and emotional problems (`global10r`) are
coded with 5 as the best answer. `global01` and `global09r` are asked, and stand in neither score.
"""

from tests.spec.tables import Rest, Section

TITLE = "PROMIS Global Health"
INSTRUMENT = "promis-global-10"
OTHERS = Rest(
    "answered 3",
    dict.fromkeys(("global01", "global02", "global03", "global04", "global05", "global06"), 3)
    | dict.fromkeys(("global08r", "global09r", "global10r"), 3),
)
SECTIONS = (
    Section(
        title="What a pain rating is worth",
        rule="No pain (0) is worth 5, 1-3 are worth 4, 4-6 are worth 3, 7-9 are worth 2, and the "
        "worst pain (10) is worth 1.",
        rest=OTHERS,
        table="""
            global07r | gph_raw
                0     |   14
                1     |   13
                3     |   13
                4     |   12
                6     |   12
                7     |   11
                9     |   11
               10     |   10
        """,
    ),
    Section(
        title="Global physical health",
        rule="The raw sum is that of global03, global06, global07r and global08r: 4 to 20. The T "
        "score stands in HealthMeasures' table.",
        table="""
            global03 global06 global07r global08r | gph_raw gph_t
               1        1        10        1      |    4    16.2
               2        1        10        1      |    5    19.9
               2        2        10        1      |    6    23.5
               2        2         8        1      |    7    26.7
               2        2         8        2      |    8    29.6
               3        2         8        2      |    9    32.4
               3        3         8        2      |   10    34.9
               3        3         5        2      |   11    37.4
               3        3         5        3      |   12    39.8
               4        3         5        3      |   13    42.3
               4        4         5        3      |   14    44.9
               4        4         2        3      |   15    47.7
               4        4         2        4      |   16    50.8
               5        4         2        4      |   17    54.1
               5        5         2        4      |   18    57.7
               5        5         0        4      |   19    61.9
               5        5         0        5      |   20    67.7
        """,
    ),
    Section(
        title="Global mental health",
        rule="The raw sum is that of global02, global04, global05 and global10r: 4 to 20. Its "
        "table is another.",
        table="""
            global02 global04 global05 global10r | gmh_raw gmh_t
               1        1        1         1     |    4    21.2
               2        1        1         1     |    5    25.1
               2        2        1         1     |    6    28.4
               2        2        2         1     |    7    31.3
               2        2        2         2     |    8    33.8
               3        2        2         2     |    9    36.3
               3        3        2         2     |   10    38.8
               3        3        3         2     |   11    41.1
               3        3        3         3     |   12    43.5
               4        3        3         3     |   13    45.8
               4        4        3         3     |   14    48.3
               4        4        4         3     |   15    50.8
               4        4        4         4     |   16    53.3
               5        4        4         4     |   17    56
               5        5        4         4     |   18    59
               5        5        5         4     |   19    62.5
               5        5        5         5     |   20    67.6
        """,
    ),
    Section(
        title="Two items play no part",
        rule="General health (global01) and social roles (global09r) are in neither score.",
        rest=Rest(OTHERS.text, {**OTHERS.answers, "global07r": 5}),
        table="""
            global01 global09r | gph_raw gph_t gmh_raw gmh_t
               1        1      |   12    39.8    12    43.5
               5        5      |   12    39.8    12    43.5
               -        -      |   12    39.8    12    43.5
        """,
    ),
    Section(
        title="One of four unanswered: no score",
        rule="The tables are for sums of four answers. A pain of 0 is an answer; an unanswered "
        "one is none. Physical and mental health are given each on its own.",
        rest=OTHERS,
        table="""
            global07r global10r | gph_raw gph_raw.answered gph_t gmh_raw gmh_t
                0         3     |   14           4         44.9    12    43.5
                -         3     |  null          3         null    12    43.5
                5         -     |   12           4         39.8   null   null
                -         -     |  null          3         null   null   null
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 1 to 5; those of pain are 0 to 10.",
        rest=OTHERS,
        table="""
            global07r global10r |   gph_t   gmh_t
               11         3     | refused refused
               -1         3     | refused refused
                5         0     | refused refused
                5         6     | refused refused
        """,
    ),
)

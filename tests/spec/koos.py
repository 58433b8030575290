"""KOOS asks 42 questions about the knee and gives five subscales, each on its own; no total.

Items are numbered as on the form: `s` other symptoms, `p` pain, `a` daily living (ADL), `sp` sport
and recreation, `q` quality of life. All are coded from 0 (no problem) to 4 (extreme).
"""

from tests.spec.tables import Rest, Section

TITLE = "KOOS"
INSTRUMENT = "koos"
SIZES = {"s": 7, "p": 9, "a": 17, "sp": 5, "q": 4}
ITEMS = [f"{letter}{n}" for letter, size in SIZES.items() for n in range(1, size + 1)]
NONE = Rest("answered 0, no problem", dict.fromkeys(ITEMS, 0))
SECTIONS = (
    Section(
        title="From codes to 0-100",
        rule="A subscale is 100 less the mean of its codes times 25: 100 is no problems, 0 "
        "extreme ones. The direction is turned round: low codes are good, low scores are bad. "
        "Source: KOOS scoring, August 2012.",
        table="""
            sp1 sp2 sp3 sp4 sp5 q1 q2 q3 q4 | sport_rec qol
             0   0   0   0   0   0  0  0  0 |   100     100
             1   1   1   1   1   1  1  1  1 |    75      75
             0   1   2   3   4   0  0  1  2 |    50      81.25
             3   3   3   3   3   3  3  3  3 |    25      25
             4   4   4   4   4   4  4  4  4 |     0       0
        """,
    ),
    Section(
        title="Pain and other symptoms",
        rule="Nine items and seven items.",
        table="""
            p1 p2 p3 p4 p5 p6 p7 p8 p9 s1 s2 s3 s4 s5 s6 s7 | pain          symptoms
             0  0  0  0  0  0  0  0  0  0  0  0  0  0  0  0 | 100           100
             1  0  0  0  0  0  0  0  0  0  0  0  0  0  0  1 |  97.2222222222 96.4285714286
             4  3  2  1  0  1  2  3  4  1  2  3  4  3  2  1 |  44.4444444444 42.8571428571
             4  4  4  4  4  4  4  4  4  4  4  4  4  4  4  4 |   0             0
        """,
    ),
    Section(
        title="Daily living",
        rule="Seventeen items.",
        rest=NONE,
        table="""
            a1 a2 a16 a17 | adl           adl.answered
             0  0   0   0 | 100                17
             4  0   0   0 |  94.1176470588     17
             1  2   3   4 |  85.2941176471     17
        """,
    ),
    Section(
        title="At least half answered: pain and symptoms",
        rule="A score needs 5 of the 9 pain items and 4 of the 7 symptom items; it is the mean of "
        "those that were answered. Before 2012 at most two could be missing.",
        table="""
            p1 p2 p3 p4 p5 s1 s2 s3 s4 | pain pain.answered symptoms symptoms.answered
             2  2  2  2  2  1  1  1  1 |  50       5           75           4
             0  4  0  4  2  0  0  4  4 |  50       5           50           4
             2  2  2  2  -  1  1  1  - | null      4          null          3
             -  -  -  -  -  -  -  -  - | null      0          null          0
        """,
    ),
    Section(
        title="At least half answered: the other three",
        rule="9 of the 17 items of daily living, 3 of the 5 of sport and recreation, 2 of the 4 "
        "of quality of life. An unanswered item is left out of the mean; it is not 0.",
        table="""
            a1 a2 a3 a4 a5 a6 a7 a8 a9 sp1 sp2 sp3 q1 q2 | adl  adl.answered sport_rec qol
             4  4  4  4  4  4  4  4  4  4   4   4   4  4 |   0       9           0       0
             1  1  1  1  1  1  1  1  1  0   2   4   3  1 |  75       9          50      50
             1  1  1  1  1  1  1  1  -  1   1   -   1  - | null      8         null    null
        """,
    ),
    Section(
        title="Subscales stand each on its own",
        rule="One that cannot be given does not take the others with it.",
        table="""
            q1 q2 q3 q4 sp1 | qol sport_rec pain adl  symptoms
             2  2  2  2  4  |  50   null    null null   null
        """,
    ),
    Section(
        title="Codes that are not on offer",
        rule="The codes are 0 to 4.",
        rest=NONE,
        table="""
            p1 q4 |  pain    qol
             5  0 | refused refused
             0  9 | refused refused
            -1  0 | refused refused
        """,
    ),
)

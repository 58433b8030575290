"""How scores are made of other scores, and finished: what each word of a definition gives.

The questionnaires in this chapter are made up, one for each word, with a few questions each. Unless
a section says otherwise, answers are coded 0, 1, 2 and 3, and a code is worth itself.
"""

from tests.spec.tables import Section

TITLE = "The vocabulary: scores of scores, and last steps"
INSTRUMENT = ""
SECTIONS = (
    Section(
        title="combine",
        instrument="combine",
        rule="Other scores, each standardised and weighted, and then added up: weight times "
        "(score less mean) through sd. Here 0.5 x (first - 1) / 0.5, and -0.25 x (second - 2) / "
        "0.5; first is the mean of q1 and q2, second that of q3 and q4. Both must be given.",
        table="""
            q1 q2 q3 q4 | first second  both
             1  1  2  2 |   1      2      0
             2  2  2  2 |   2      2      1
             1  1  0  0 |   1      0      1
             3  3  0  0 |   3      0      3
             0  0  3  3 |   0      3    -1.5
             3  -  -  0 |   3      0      3
             3  3  -  - |   3    null   null
        """,
    ),
    Section(
        title="combine, of combinations",
        instrument="combine-of-combine",
        rule="A combination may be made of combinations, in whatever order they stand: first is a "
        "mean, middle is twice the first, last is the middle and 1.",
        table="""
            q1 q2 | last middle first
             0  2 |   3     2     1
             3  3 |   7     6     3
             3  - |   7     6     3
             -  - | null  null  null
        """,
    ),
    Section(
        title="combine, with requires",
        instrument="requires",
        rule="Items that must be answered besides. Here total is the mean of q1 and q2 by any "
        "answer; strict is the same, but not without q2 and q3.",
        table="""
            q1 q2 q3 | total strict strict.answered
             3  1  0 |   2      2          3
             -  1  0 |   1      1          2
             3  -  0 |   3    null         2
             3  1  - |   2    null         2
        """,
    ),
    Section(
        title="value-set",
        instrument="value-set",
        rule="The index of a health state of five dimensions, in five levels each. This made-up "
        "value set starts from 0.9 and takes something away for each level above the first. The "
        "chapters of EQ-5D tell of real ones.",
        table="""
            mo sc ua pd ad | index_nowhere_2000
             1  1  1  1  1 | 0.9
             5  5  5  5  5 | 0.15
             9  1  1  1  1 | null
             -  1  1  1  1 | null
        """,
    ),
    Section(
        title="lookup",
        instrument="lookup",
        rule="What a published table gives for the value of another score. Here a sum of two "
        "items, coded 0 to 2, is turned into a T-score: 0, 1, 2, 3 and 4 into 20.5, 31, 42.25, 50 "
        "and 65.5. A table must hold every value that the score can have, and no others; where "
        "there is no value, there is nothing to look up.",
        table="""
            q1 q2 |  raw    t
             0  0 |   0   20.5
             1  0 |   1   31
             2  0 |   2   42.25
             1  2 |   3   50
             2  2 |   4   65.5
             2  - | null  null
        """,
    ),
    Section(
        title="lookup, of fractions",
        instrument="lookup-of-fractions",
        rule="What has to be whole is the value, not what it is made of. No (0) and yes (1) are "
        "worth 0.2 and 1.2 in q1, 0.7 and 1.7 in q2, and 0.1 and 1.1 in q3. A computer makes "
        "0.9999999999999999 of 0.2 + 0.7 + 0.1; that is looked up as 1.",
        table="""
            q1 q2 q3 |  raw   t
             0  0  0 |   1   10
             1  0  0 |   2   20
             0  1  1 |   3   30
             1  1  1 |   4   40
             1  1  - | null null
        """,
    ),
    Section(
        title="lookup, of points",
        instrument="lookup-of-points",
        rule="The values need not follow upon each other. Here 1, and 0, 2 or 3 points for q1 and "
        "0 or 4 for q2 make 1, 3, 4, 5, 7 or 8, which the table turns into 10, 20, 30, 40, 50 and "
        "60.",
        table="""
            q1 q2 |  raw   t
             0  0 |   1   10
             1  0 |   3   20
             2  0 |   4   30
             0  1 |   5   40
             1  1 |   7   50
             2  1 |   8   60
             -  1 | null null
        """,
    ),
    Section(
        title="lookup, of a combination",
        instrument="lookup-of-combine",
        rule="Mild is how many of q1 and q2 were answered yes (1), grave whether q3 was, and both "
        "is mild and twice grave. The table turns 0, 1, 2, 3 and 4 into 1, 2, 2, 3 and 4.",
        table="""
            q1 q2 q3 | mild grave both grade
             0  0  0 |   0    0     0    1
             0  1  0 |   1    0     1    2
             1  1  0 |   2    0     2    2
             0  0  1 |   0    1     2    2
             1  0  1 |   1    1     3    3
             1  1  1 |   2    1     4    4
             1  -  0 | null   0   null null
        """,
    ),
    Section(
        title="lookup, of a lookup",
        instrument="lookup-of-lookup",
        rule="One table turns a sum of 0, 1, 2, 3 or 4 into level 1, 1, 2, 2 or 4, and another "
        "one turns levels 1, 2 and 4 into 0.25, -1.5 and 0.",
        table="""
            q1 q2 |  raw level  cost
             0  0 |   0    1    0.25
             0  1 |   1    1    0.25
             2  0 |   2    2   -1.5
             2  1 |   3    2   -1.5
             2  2 |   4    4    0
             -  2 | null null   null
        """,
    ),
    Section(
        title="cases",
        instrument="cases",
        rule="Cases are gone through in their order, and the first one that holds gives the "
        "value; where none does, it is the otherwise. A case holds when every score that it names "
        "is within its bounds. Here a is the sum of q1 and q2, and b is q3. First case: a is at "
        "least 5 and b is above 1, gives 3. Second: a is at least 5, gives 2. Third: a is below 3 "
        "and b is at most 1, gives 0. Otherwise 1.",
        table="""
            q1 q2 q3 |  a  b  grade
             3  3  2 |  6  2    3
             2  3  2 |  5  2    3
             2  3  1 |  5  1    2
             1  3  2 |  4  2    1
             1  1  1 |  2  1    0
             1  1  2 |  2  2    1
             1  2  1 |  3  1    1
        """,
    ),
    Section(
        title="cases, where a score is not given",
        instrument="cases",
        rule="Given only when every score that any of the cases names is given. In the first line "
        "b is not, and although the second case asks for nothing but a, nobody knows whether the "
        "first one would have held.",
        table="""
            q1 q2 q3 |   a    b  grade
             3  3  - |   6  null  null
             0  0  - |   0  null  null
             3  -  2 | null   2   null
             -  -  - | null null  null
        """,
    ),
    Section(
        title="affine",
        instrument="mean-turned",
        rule="A last step of means, sums, counts, points and combinations: add + multiply x "
        "value. Here a mean of two items, coded 1 to 3, is turned round and stretched to 0-100: "
        "150 - 50 x mean.",
        table="""
            q1 q2 | well
             1  1 |  100
             1  2 |   75
             2  2 |   50
             3  2 |   25
             3  - |    0
             -  - | null
        """,
    ),
    Section(
        title="affine, of points",
        instrument="points-affine",
        rule="The constant is part of what is multiplied: 10 - 0.5 x (1 + points), with 3 points "
        "for a yes (1) to q1, and 6 to q2.",
        table="""
            q1 q2 | well
             0  0 |  9.5
             1  0 |   8
             0  1 |  6.5
             1  1 |   5
             1  - | null
        """,
    ),
    Section(
        title="affine, of a combination",
        instrument="affine",
        rule="A T-score: 50 + 10 x (raw - 1), where raw is the mean of two items by any answer.",
        table="""
            q1 q2 | raw    t
             0  0 |  0    40
             1  1 |  1    50
             1  2 |  1.5  55
             3  - |  3    70
             -  - | null null
        """,
    ),
    Section(
        title="affine, to turn a score round",
        instrument="affine-turned",
        rule="3 less the mean of two items, so that the best is 0.",
        table="""
            q1 q2 | well  ill
             3  3 |   3    0
             2  1 |  1.5  1.5
             0  0 |   0    3
             3  - | null null
        """,
    ),
    Section(
        title="clamp",
        instrument="clamp",
        rule="After the affine step, a value beyond one of two ends becomes that end. Here 2 x "
        "sum - 2 is kept from 0 to 8.",
        table="""
            q1 q2 | total
             0  0 |   0
             0  1 |   0
             1  1 |   2
             2  3 |   8
             3  3 |   8
             3  - |  null
        """,
    ),
    Section(
        title="bands",
        instrument="bands",
        rule="A word for the value: none from 0, mild from 2 and severe from 5. A band goes up to "
        "where the next one begins.",
        table="""
            q1 q2 | total total.band
             0  0 |   0      none
             0  1 |   1      none
             2  0 |   2      mild
             1  3 |   4      mild
             3  2 |   5     severe
             3  3 |   6     severe
             3  - |  null    null
        """,
    ),
    Section(
        title="direction: none",
        instrument="no-direction",
        rule="A direction says which end of a score is the better one, and never changes its "
        "value. It may also say that there is none.",
        table="""
            q1 | total
             0 |   0
             3 |   3
             - |  null
        """,
    ),
)

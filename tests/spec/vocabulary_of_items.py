"""How scores are made of answers: what each word of a definition gives.

The questionnaires in this chapter are made up, one for each word, with a few questions each. Unless
a section says otherwise, answers are coded 0, 1, 2 and 3, and a code is worth itself.
"""

from tests.spec.tables import Section

TITLE = "The vocabulary: scores of answers"
INSTRUMENT = ""
SECTIONS = (
    Section(
        title="mean",
        instrument="mean-half",
        rule="The mean of what the answers are worth. An item without an answer is left out of "
        "it: it never counts as 0. Here at least half of three items must be answered, which is "
        "two.",
        table="""
            q1 q2 q3 | total total.answered
             0  1  2 |   1         3
             3  3  0 |   2         3
             3  -  2 |  2.5        2
             0  -  0 |   0         2
             3  -  - |  null       1
             -  -  - |  null       0
        """,
    ),
    Section(
        title="recode",
        instrument="recode",
        rule="A recode says what each code is worth. Codes 1, 2 and 3 are worth 0, 50 and 100 in "
        "q1, which runs from worst to best, and 100, 50 and 0 in q2, which runs the other way.",
        table="""
            q1 q2 | total
             1  3 |   0
             3  1 |  100
             1  1 |   50
             2  1 |   75
             -  2 |   50
        """,
    ),
    Section(
        title="missing: all",
        instrument="mean-all",
        rule="Every item must be answered.",
        table="""
            q1 q2 q3 | total
             1  2  3 |   2
             -  2  3 |  null
             1  -  3 |  null
             1  2  - |  null
        """,
    ),
    Section(
        title="missing: half",
        instrument="mean-half-even",
        rule="At least half of the items must be answered: two of four here, and two of three in "
        "the first section.",
        table="""
            q1 q2 q3 q4 | total
             0  1  2  3 |  1.5
             -  1  2  3 |   2
             -  -  2  3 |  2.5
             0  -  -  3 |  1.5
             -  -  -  3 |  null
        """,
    ),
    Section(
        title="missing: any",
        instrument="mean-any",
        rule="One answer is enough.",
        table="""
            q1 q2 q3 | total
             0  1  2 |   1
             -  1  2 |  1.5
             -  -  2 |   2
             -  -  - |  null
        """,
    ),
    Section(
        title="missing: min_answered",
        instrument="mean-min-answered",
        rule="At least so many of the items must be answered: three of five here.",
        table="""
            q1 q2 q3 q4 q5 | total
             0  1  2  3  3 |  1.8
             -  1  2  3  3 |  2.25
             0  1  2  -  - |   1
             0  1  -  -  - |  null
        """,
    ),
    Section(
        title="missing: max_missing",
        instrument="mean-max-missing",
        rule="At most so many of the items may be unanswered: one of four here.",
        table="""
            q1 q2 q3 q4 | total
             0  1  2  3 |  1.5
             -  1  2  3 |   2
             0  1  -  2 |   1
             -  -  2  3 |  null
        """,
    ),
    Section(
        title="missing: max_missing, more than there are",
        instrument="max-missing-beyond",
        rule="Whatever may be unanswered, there is no score of nothing: here two items, of which "
        "five may be unanswered.",
        table="""
            q1 q2 | total
             1  2 |  1.5
             -  2 |   2
             -  - |  null
        """,
    ),
    Section(
        title="missing_options: another rule that may be asked for",
        instrument="missing-options",
        missing_rule="any",
        rule="A registry may ask for one of the rules that a score offers, instead of the score's "
        "own. Here it asks for any. One mean offers that; the other goes by its own rule, which is "
        "half of four items.",
        table="""
            q1 q2 q3 q4 | free firm
             0  1  2  3 |  1.5  1.5
             3  1  -  - |   2    2
             3  -  -  - |   3  null
             -  -  -  - | null null
        """,
    ),
    Section(
        title="missing_codes",
        instrument="missing-codes",
        rule="In files from elsewhere a code may stand for no answer: 8 and 9 here. No method "
        "takes it for a number. The mean needs half of three items, the sum all three; the points "
        "are those of q1; the last is the mean, if q1 was answered.",
        table="""
            q1 q2 q3 | mean mean.answered  sum points strict
             1  2  3 |   2        3         6     1      2
             9  2  3 |  2.5       2       null  null   null
             1  8  3 |   2        2       null    1      2
             9  8  3 | null       1       null  null   null
             4  2  3 | refused    refused refused refused refused
        """,
    ),
    Section(
        title="not_applicable",
        instrument="not-applicable",
        rule="A code that patients are offered, and that says that the question does not concern "
        "them: 8 here, beside 1, 2 and 3. It is an answer, but no number, and it is no missing "
        "answer either; scores leave it out as they leave out an item without an answer. The mean "
        "takes any answer, the sum needs both.",
        table="""
            q1 q2 | mean_answer mean_answer.answered total
             1  3 |      2               2             4
             8  3 |      3               1           null
             1  8 |      1               1           null
             8  8 |    null              0           null
             8  - |    null              0           null
        """,
    ),
    Section(
        title="eq_vas",
        instrument="eq-vas",
        rule="An item that is answered by a whole number from 0 to 100 instead of a choice. Its "
        "score is the mean of that one item; 999 stands for no answer.",
        table="""
            vas | vas  vas.answered
              0 |   0       1
             73 |  73       1
            100 | 100       1
            999 | null      0
              - | null      0
            101 | refused refused
        """,
    ),
    Section(
        title="numeric_rating",
        instrument="numeric-rating",
        rule="An item that is answered by a whole number from 0 to 10. Its score is the mean of "
        "that one item; 99 stands for no answer.",
        table="""
            pain | pain pain.answered
               0 |   0       1
               7 |   7       1
              10 |  10       1
              99 | null      0
               - | null      0
              11 | refused refused
        """,
    ),
    Section(
        title="yes_no",
        instrument="yes-no",
        rule="A choice between two answers that stand beside each other; here 1 is yes and 0 is "
        "no. It is scored as any other choice.",
        table="""
            q1 q2 | total total.answered
             0  0 |   0         2
             1  0 |   1         2
             1  1 |   2         2
             1  - |  null       1
             2  1 | refused  refused
        """,
    ),
    Section(
        title="show_when",
        instrument="show-when",
        rule="An item that is asked only after some answers: here q2, when q1 is 1. Where it was "
        "not asked there is no answer, and the score is treated as for any item without one: it is "
        "null, and not 0.",
        table="""
            q1 q2 | trouble trouble.answered
             1  1 |    1           1
             1  3 |    3           1
             0  - |  null          0
             1  - |  null          0
        """,
    ),
    Section(
        title="sum",
        instrument="sum",
        rule="The sum of what the answers are worth. It is given only when all items are "
        "answered, for an answer that is left out of a sum would count as 0.",
        table="""
            q1 q2 q3 | total total.answered
             0  0  0 |   0         3
             1  2  3 |   6         3
             3  3  3 |   9         3
             3  3  - |  null       2
             -  -  - |  null       0
        """,
    ),
    Section(
        title="sum, with substitute: person-mean",
        instrument="sum-person-mean",
        rule="Where a sum may do without some answers, each of them counts as the mean of those "
        "that the person gave. Here two of three must be answered: 3 and 2 have a mean of 2.5, "
        "and 3 + 2 + 2.5 is 7.5.",
        table="""
            q1 q2 q3 | total total.answered
             1  2  3 |   6         3
             3  2  - |  7.5        2
             0  -  0 |   0         2
             -  3  3 |   9         2
             3  -  - |  null       1
        """,
    ),
    Section(
        title="sum, by its own rule",
        instrument="sum-missing-options",
        rule="This sum needs all three answers, and offers the rules half and any, with the "
        "person's mean. Unless one of them is asked for, it goes by its own.",
        table="""
            q1 q2 q3 | total
             1  2  3 |   6
             3  2  - |  null
             3  -  - |  null
        """,
    ),
    Section(
        title="sum, by a rule that was asked for",
        instrument="sum-missing-options",
        missing_rule="half",
        rule="The same sum, where half of the answers are asked for.",
        table="""
            q1 q2 q3 | total
             1  2  3 |   6
             3  2  - |  7.5
             3  -  - |  null
        """,
    ),
    Section(
        title="count",
        instrument="count",
        rule="How many items are worth one of the values that are named: 2 or 3 here. Codes 0, 1, "
        "2 and 3 of q3 are first turned into 3, 2, 1 and 0. As with a sum, all must be answered.",
        table="""
            q1 q2 q3 | many many.answered
             0  1  3 |   0        3
             0  1  0 |   1        3
             2  3  2 |   2        3
             3  2  1 |   3        3
             3  2  - | null       2
        """,
    ),
    Section(
        title="count, with substitute: person-mean",
        instrument="count-person-mean",
        rule="Where a count may do without some answers, it is the share of those that the person "
        "gave, times the number of items. Here the answers are no (0) and yes (1), yes is "
        "counted, and two of three must be answered: one yes of two is half of three.",
        table="""
            q1 q2 q3 | yes yes.answered
             1  1  0 |  2       3
             1  0  - | 1.5      2
             1  1  - |  3       2
             0  -  0 |  0       2
             1  -  - | null     1
        """,
    ),
    Section(
        title="points",
        instrument="points",
        rule="A constant plus the points of each answer, which need not be in step with the "
        "codes: 10, and -5, -7.5 and 0 for codes 1, 2 and 3 of q1, and -7.5, 2.5 and 0.25 for "
        "those of q2. All items must be answered.",
        table="""
            q1 q2 | total
             3  3 |  10.25
             1  1 |  -2.5
             2  1 |  -5
             3  2 |  12.5
             1  - |  null
        """,
    ),
)

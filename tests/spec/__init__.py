"""The scoring specification: one chapter a file, written as tables of answers and scores.

A chapter is a module with a docstring (its opening text), TITLE, INSTRUMENT and SECTIONS; see
`tables.py` for what a section holds. The chapters of the vocabulary have no INSTRUMENT: each of
their sections names a small definition. `test_spec.py` runs every row of every chapter.
"""

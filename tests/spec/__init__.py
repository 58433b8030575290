"""The scoring specification: one chapter a file, written as tables of answers and scores.

A chapter is a module with a docstring (its opening text), TITLE, INSTRUMENT and SECTIONS; see
`tables.py` for what a section holds. In the chapters of the vocabulary INSTRUMENT is empty,
and each section names a small definition. `test_spec.py` runs every row of every chapter.
"""

"""Benchmarks: ratios measured in one run, against a limit; `make bench`, never `make test`."""

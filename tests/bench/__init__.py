"""Benchmarks: ratios against a peer in one run. `python -m tests.bench` runs them all and prints a table."""

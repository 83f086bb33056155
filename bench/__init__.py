"""Measurements, never part of the tests: `make bench` prints a table and writes bench/results.json."""

"""Strict readers of configuration formats, written after the programs' own, for tests only."""

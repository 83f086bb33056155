"""Pods as real projects ship them, re-expressed, with labels; and the program that scores our answers.

The labels are made from the projects' documentation, never from what this program answers.
"""

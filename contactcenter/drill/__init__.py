"""Proof by breaking: a throwaway copy of the product keeps its promises while its processes are killed at random.

`script/manage fault_drill`. Nothing in the product may import from here.
"""

"""How well callers are understood, on data sets given by path."""

"""Starts, watches and stops everything that the product needs, from wheels alone and inside one data directory.

Nothing here imports Django: the services and their secrets come first, and Django gets them through its environment.
"""

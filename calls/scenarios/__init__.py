"""Conversations written down as YAML: run against the running product as real calls, and judged by what its rows say after."""

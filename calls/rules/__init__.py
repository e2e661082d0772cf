"""The rules that admins edit, live: what the agent says and may do, when people are there, how callers say things.

Start at :mod:`calls.rules.versions`: every change is made inside ``rules_changing`` and becomes one version.
"""

"""The admin's pages for calls: records that are read, rules that are edited."""

from calls.admin import examples, history, hours, phrases, records, rules

__all__ = ["examples", "history", "hours", "phrases", "records", "rules"]

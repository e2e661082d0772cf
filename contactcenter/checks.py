"""`manage.py check` refuses what would only fail at the first call or the first message."""

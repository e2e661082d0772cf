"""What may be sent, to whom, when and how much: decisions only.

Pure: no Django, no clock, no rows. Whoever asks passes the moment and the limits, and writes down the answer.
"""

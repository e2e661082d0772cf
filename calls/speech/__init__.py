"""Speech models. Importing this package first keeps their OpenMP threads asleep when they have nothing to do.

GNU OpenMP's default is to spin while waiting. With several models on few cores the spinners take the cores from whoever works:
on two busy shared cores some utterances took many times as long, though not in every comparison. The variable is read once,
when the first such library is loaded.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

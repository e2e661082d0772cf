"""Times in a caller's words: how they are written (``words``), the clock (``clocks``), the day (``days``), and which of them
were meant (``context``). ``calls.core.slots.when`` makes one answer of it."""

"""The running product of tests/stack, for whatever places whole conversations with it."""

from __future__ import annotations

from tests.stack.conftest import directory, product

__all__ = ["directory", "product"]

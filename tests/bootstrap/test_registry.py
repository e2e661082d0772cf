"""Every name in the registry leads to a class that exists."""

from __future__ import annotations

import pytest

from contactcenter.registry import ENGINES, MESSENGERS, resolve


@pytest.mark.parametrize("path", [*MESSENGERS.values(), *ENGINES.values()])
def test_a_registered_path_is_a_class(path: str) -> None:
    assert isinstance(resolve(path), type)


def test_a_wrong_name_is_an_import_error_that_says_it() -> None:
    with pytest.raises(ImportError, match=r"contactcenter\.registry has no Nothing"):
        resolve("contactcenter.registry.Nothing")

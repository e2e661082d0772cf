"""Both companies: whatever holds for one must hold for the other, or it is in the code and not in the data."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from contactcenter.demo.company import Company, company_load

ROOT = Path(__file__).resolve().parents[2]
TECHCORP = ROOT / "contactcenter" / "demo" / "companies" / "techcorp"
FERNLEIGH = ROOT / "tests" / "companies" / "fernleigh"
COMPANIES = {"techcorp": TECHCORP, "fernleigh": FERNLEIGH}


@pytest.fixture(params=list(COMPANIES))
def directory(request: pytest.FixtureRequest) -> Path:
    return COMPANIES[request.param]


@pytest.fixture
def trial(settings: Settings, tmp_path: Path) -> Settings:
    """A demo at home, with a data directory of its own."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PUBLIC_BASE_URL = ""
    settings.TIME_ZONE = "Asia/Kolkata"
    # Every load makes logins, and a hash that is meant to be slow would be most of this suite's time.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return settings


@pytest.fixture
def company(directory: Path, trial: Settings) -> Company:
    """Each company in turn, set as the one that this installation demonstrates."""
    trial.DEMO_COMPANY = directory
    return company_load(directory)


@pytest.fixture
def techcorp(trial: Settings) -> Company:
    trial.DEMO_COMPANY = TECHCORP
    return company_load(TECHCORP)

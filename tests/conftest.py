"""What every test room may use. Not here: samples of one room."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared_path() -> Callable[[str], Path]:
    """Path of a file of the shared reference material, which a user's clone does not have.

    A missing file skips the test; in CI (environment CI=true) it fails it.
    """

    def find(relative: str) -> Path:
        path = _SHARED / relative
        if not path.exists():
            if os.environ.get("CI") == "true":
                pytest.fail(f"reference material is missing: {relative}")
            pytest.skip(f"reference material is not here: {relative}")
        return path

    return find

"""What benchmarks have otherwise than tests."""

import pytest


@pytest.fixture(scope="session")
def waits_for_the_disk() -> bool:
    """Answers are durable when they are acknowledged, and that has its price."""
    return True

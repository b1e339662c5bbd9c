from pathlib import Path

import pytest

from driftcore.demo import Week, weeks

PHRASES = Path(__file__).parents[2] / "data" / "support_phrases.toml"


@pytest.fixture(scope="session")
def phrases() -> Path:
    return PHRASES


@pytest.fixture(scope="session")
def story() -> tuple[Week, ...]:
    """The whole story, trained once for all tests: about a quarter of a minute."""
    return tuple(weeks(PHRASES))

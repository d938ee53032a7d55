import pytest

from tests.bench.served import engine as engine_of

collect_ignore = ["healthchain_service.py"]  # runs in the environment of HealthChain


@pytest.fixture(scope="session")
def engine():
    return engine_of(0)

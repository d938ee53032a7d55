import pytest

from tests.clients.site import furnish


@pytest.fixture(scope="session")
def furnished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    furnish(folder)
    return folder


@pytest.fixture
def write(furnished):
    """Writes a config file beside the files that it names."""

    def write(text):
        path = furnished / "cdshooks.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write

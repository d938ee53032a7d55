"""Which tests share a process when several run: those that start the same servers or read
the same knowledge anew.

pytest-xdist 3.8 marks a group in an attribute that pytest 9.2 no longer reads, so with them
`xdist_group` and `--dist loadgroup` group nothing. Its scheduler is told the groups here instead.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/front_door/test_bodies.py": "bodies",
    "tests/front_door/test_flood.py": "flood",
    "tests/front_door/test_wire.py": "wire",
    "tests/peers/test_browser.py": "browser",
    "tests/peers/test_cluster.py": "cluster",
    "tests/peers/test_healthchain.py": "healthchain",
    "tests/peers/test_medplum.py": "sekmet",
    "tests/peers/test_medplum_server.py": "medplum-server",
    "tests/peers/test_oidc_provider.py": "oidc-provider",
    "tests/peers/test_sekmet.py": "sekmet",
    "tests/peers/test_smart.py": "smart",
    "tests/safety/test_golden.py": "changed edition",
    "tests/trust/test_replay.py": "stores",
}


class Grouped(LoadScopeScheduling):
    """One worker after the other gets a group, or a test that is in none."""

    def _split_scope(self, nodeid):
        return TOGETHER.get(nodeid.partition("::")[0], nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Grouped(config, log) if config.getvalue("dist") == "loadgroup" else None

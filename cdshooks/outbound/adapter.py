"""The adapter of requests, told how to dial and what to verify."""

import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from cdshooks.outbound.dial import Dial


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, dial: Callable[..., Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._dial = dial

    def _new_conn(self) -> Any:
        return self._dial(self._dns_host, self.port, self.timeout)


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class Adapter(HTTPAdapter):
    """Connections of `dial`, verified by `context`: no argument of a request changes that."""

    def __init__(self, context: ssl.SSLContext, dial: Dial, connections: int):
        self._context, self._dial = context, dial
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self._dialling(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context)
        if not known:
            self._dialling(manager)
        return manager

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, *_verify: Any, **_cert: Any
    ) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, True, None)
        return host, {}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the connection as the context has it; requests would set its own files here."""

    def _dialling(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = {
            "http": partial(_Pool, dial=self._dial),
            "https": partial(_TlsPool, dial=self._dial),
        }

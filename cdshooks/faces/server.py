"""The service as processes: granian in front, one engine in each worker."""

import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Callable
from functools import cache, partial

import orjson
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from cdshooks.errors import RequestRefused, SettingsInvalid
from cdshooks.faces.asgi import AwaitedBody
from cdshooks.faces.http import Admit, Answering, Pages, create_app
from cdshooks.hooks.caller import Caller
from cdshooks.hooks.discovery import Service
from cdshooks.settings import Settings

EngineFactory = Callable[[], Answering]
AdmitFactory = Callable[[], Admit | None]

_IDLE_MS = 75_000  # granian counts the pause before the next request on a kept-alive connection too

# After start-up nearly all garbage is freed by counting references. The collector would only walk
# what a request has just built, which doubles the cost of a large one.
_THRESHOLD = (50_000, 20, 100)


def serve(
    settings: Settings,
    engine_factory: EngineFactory,
    admit_factory: AdmitFactory,
    pages: Pages | None = None,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT; calls that are under way get their answer.

    Everything that can be wrong is found before the port is bound: SettingsInvalid, and whatever
    `engine_factory` raises. A worker process makes its engine anew where it cannot be inherited,
    so the factory has to be importable there; what `admit_factory` gives has connections, so each
    worker makes its own. `announce` is called once all is found well.
    """
    _log(settings)
    _check_port(settings.host, settings.port)
    _engine(engine_factory)
    announce()
    _heed_stops_while_forking()
    _granian(settings).serve(
        target_loader=partial(_application, settings, engine_factory, admit_factory, pages),
        wrap_loader=False,
    )


def _granian(settings: Settings) -> MPServer:
    return MPServer(
        "cdshooks",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        http=HTTPModes.http1,  # TLS and HTTP/2 end at the proxy
        http1_settings=HTTP1Settings(header_read_timeout=_IDLE_MS),
        backlog=2048,
        backpressure=4096,  # slow callers are awaited, so they may be many
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        log_level=LogLevels(settings.log_level),
    )


def _application(
    settings: Settings,
    engine_factory: EngineFactory,
    admit_factory: AdmitFactory,
    pages: Pages | None,
) -> AwaitedBody:
    """What one worker runs."""
    _log(settings)
    web = create_app(_engine(engine_factory), settings, admit_factory(), pages)
    application = AwaitedBody(web, settings)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLD)
    return application


@cache
def _engine(engine_factory: EngineFactory) -> Answering:
    """The engine, warm; made before the workers fork, so that they share its memory."""
    engine = engine_factory()
    for service in engine.services.values():
        with contextlib.suppress(RequestRefused):
            engine.answer(service.id, _first_call(service), Caller("warm-up"))
    return engine


def _first_call(service: Service) -> bytes:
    """A call about a patient of whom nothing is on file."""
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    patient = {"resourceType": "Patient", "id": "nobody"}
    return orjson.dumps(
        {
            "hook": service.hook,
            "hookInstance": "warm-up",
            "context": {"patientId": "nobody", "userId": "Practitioner/nobody"},
            "prefetch": {
                template.key: patient if template.resource_type == "Patient" else empty
                for template in service.prefetch
            },
        }
    )


def _check_port(host: str, port: int) -> None:
    """Raise SettingsInvalid if the address cannot be had.

    granian shares a port between processes, so it would share it with a stranger of the same user.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or "no such address"
        raise SettingsInvalid(
            f"cannot listen on {host} port {port}: {reason}. "
            "Stop the other program, or choose another --host or --port"
        ) from None


def _heed_stops_while_forking() -> None:
    """Let a stop end a worker that is still starting, before granian has set its handlers.

    A fresh child drops the signals that came while it was forked, and the handlers that it
    inherits only set a flag of its parent. So signals wait during the fork, and then do as usual.
    """
    stops = {signal.SIGTERM, signal.SIGINT}

    def release() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)

    def forget_and_release() -> None:
        for stop in stops:
            signal.signal(stop, signal.SIG_DFL)
        release()

    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, stops),
        after_in_parent=release,
        after_in_child=forget_and_release,
    )


def _log(settings: Settings) -> None:
    logging.basicConfig(level=settings.log_level.upper(), format="[%(levelname)s] %(message)s")

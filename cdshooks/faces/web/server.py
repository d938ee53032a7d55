"""The service as processes: granian in front, one engine in each worker."""

import contextlib
import gc
import math
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer
from pydantic import SecretStr

from cdshooks.errors import RequestRefused, SettingsInvalid
from cdshooks.faces.web.allocator import keep_freed_memory
from cdshooks.faces.web.calls import Answering
from cdshooks.faces.web.exchange import Count, count_nothing
from cdshooks.faces.web.http import Pages, create_app
from cdshooks.faces.web.log import configure_log
from cdshooks.faces.web.policy import Admission
from cdshooks.faces.web.processors import Seats
from cdshooks.faces.web.rsgi import AwaitedBody, Begin, begin_anywhere
from cdshooks.faces.web.warm_up import first_call
from cdshooks.hooks.caller import Caller
from cdshooks.settings import Settings

EngineFactory = Callable[[], Answering]
AdmissionFactory = Callable[[], Admission | None]

_IDLE_MS = 75_000  # granian counts the pause before the next request on a kept-alive connection too

# After start-up nearly all garbage is freed by counting references. The collector would only walk
# what a request has just built, which doubles the cost of a large one.
_THRESHOLD = (50_000, 20, 100)

_COMPUTES_AT_MOST = 0.001
"""Seconds that a thread computes before another that waits for the interpreter has its turn. A call
passes from the web server to the event loop, to a thread and back, and waits that long each time
beside others that compute: with Python's own 5 ms an answer came twice as late."""


def serve(
    settings: Settings,
    engine_factory: EngineFactory,
    admission_factory: AdmissionFactory,
    pages: Pages | None = None,
    announce: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT; calls that are under way get their answer.

    Everything that can be wrong is found before the port is bound: SettingsInvalid, and whatever
    `engine_factory` raises. A worker process makes its engine anew where it cannot be inherited,
    so the factory has to be importable there; what `admission_factory` gives has connections, so
    each worker makes its own. `announce` is called once all is found well.
    """
    settings = _with_log_key(settings)
    _configure(settings)
    _check_port(settings.host, settings.port)
    if settings.metrics_port:
        _check_port(settings.metrics_host, settings.metrics_port)
    _engine(engine_factory)
    _check_admission(admission_factory)
    announce()
    begin = Seats(settings.workers).take if settings.cpu_affinity else begin_anywhere
    _settle()
    _heed_stops_while_forking()
    with _room_for_counts(settings):
        _granian(settings).serve(
            target_loader=partial(
                _application, settings, engine_factory, admission_factory, pages, begin
            ),
            wrap_loader=False,
        )


def _granian(settings: Settings) -> MPServer:
    return MPServer(
        "cdshooks",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        workers=settings.workers,
        http=HTTPModes.http1,  # TLS and HTTP/2 end at the proxy
        http1_settings=HTTP1Settings(header_read_timeout=_IDLE_MS),
        backlog=2048,
        backpressure=4096,  # slow callers are awaited, so they may be many
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=math.ceil(settings.drain_seconds) + 15,
        log_level=LogLevels(settings.log_level),
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {"_granian": {}}},
    )


def _application(
    settings: Settings,
    engine_factory: EngineFactory,
    admission_factory: AdmissionFactory,
    pages: Pages | None,
    begin: Begin,
) -> AwaitedBody:
    """What one worker runs."""
    _configure(settings)
    keep_freed_memory()
    sys.setswitchinterval(_COMPUTES_AT_MOST)
    admission = admission_factory()
    engine = _engine(engine_factory)
    web = (
        create_app(engine, settings, admission.admit, pages, admission.ready)
        if admission
        else create_app(engine, settings)
    )
    application = AwaitedBody(web, settings, _count(settings, engine), begin)
    _settle()
    return application


def _settle() -> None:
    """Keep the collector from what is there for good, and let it collect what is not.

    Before the fork too: a worker whose collector walks the engine gets a copy of its pages. It is
    not made to collect first: of hundreds of thousands of objects it would free one thousand.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLD)
    gc.enable()


@contextlib.contextmanager
def _room_for_counts(settings: Settings) -> Iterator[None]:
    """A folder into which all processes count, for as long as they run."""
    if not settings.metrics_port:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="cdshooks-counts-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield


def _count(settings: Settings, engine: Answering) -> Count:
    """Where calls of this worker, and what its engine remembers, are counted."""
    if not settings.metrics_port:
        return count_nothing
    from prometheus_client import CollectorRegistry  # noqa: PLC0415  needs its folder first

    from cdshooks.faces.web.metrics import Counts, tell_counts  # noqa: PLC0415  the same

    tell_counts(settings.metrics_host, settings.metrics_port)
    clients = ["sandbox"] if settings.sandbox else [client.name for client in settings.clients]
    return Counts(clients, CollectorRegistry(), getattr(engine, "memory", None))


@cache
def _engine(engine_factory: EngineFactory) -> Answering:
    """The engine, warm; made before the workers fork, so that they share its memory."""
    engine = engine_factory()
    for service in engine.services.values():
        with contextlib.suppress(RequestRefused):
            engine.answer(service.id, first_call(service), Caller("warm-up"))
    return engine


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


def _configure(settings: Settings) -> None:
    in_terminal = settings.sandbox and sys.stderr.isatty()
    configure_log(settings.log_level, for_people=in_terminal)


def _with_log_key(settings: Settings) -> Settings:
    """With one key for all workers, so that a patient has the same hash in all of their lines."""
    if settings.log_key is not None:
        return settings
    return settings.model_copy(update={"log_key": SecretStr(secrets.token_hex(32))})


def _check_admission(admission_factory: AdmissionFactory) -> None:
    """Make what lets callers in once, for its mistakes and for the tables of its store."""
    admission = admission_factory()
    if admission is not None:
        admission.close()

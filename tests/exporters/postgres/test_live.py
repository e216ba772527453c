"""The exporter on a real PostgreSQL: names, exhausted slots, a server that is down or silent, probes."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from support.asgi import ask
from support.exposition import PageFamily, known_metrics, parse_page
from support.servers import Running, free_port, running
from support.shared import shared_path
from vedette.exporters.postgres.service import PostgresExporter, PostgresOptions
from vedette.stack.demo.postgres import PostgresPart

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(PostgresPart) as server:
        with psycopg.connect(server.layout.postgres_dsn("app"), autocommit=True) as session:
            session.execute(
                "CREATE TABLE workflow (id int PRIMARY KEY); INSERT INTO workflow VALUES (1), (2)"
            )
            session.execute("SELECT count(*) FROM workflow AS run")
        yield server


def scrape(dsn: str, **options: float) -> dict[str, PageFamily]:
    async def once() -> str:
        async with PostgresExporter(PostgresOptions(source=dsn, **options)) as exporter:  # type: ignore[arg-type]
            return (await ask(exporter.app, "/metrics")).text

    return parse_page(asyncio.run(once()))


@pytest.fixture(scope="module")
def families(server: Running) -> dict[str, PageFamily]:
    return scrape(server.layout.postgres_dsn())


def test_names_types_and_labels_are_the_originals(families: dict[str, PageFamily]) -> None:
    known = known_metrics(shared_path("reference/exporters/postgres-current-names.txt").read_text())
    compared = 0
    for name, family in families.items():
        if not name.startswith("pg_") or name.startswith("pg_settings_"):
            continue
        assert name in known, f"the original has no {name}"
        assert family.kind == known[name].kind, name
        assert family.labels == known[name].labels, name
        compared += 1
    assert compared > 80


def test_help_texts_are_the_originals(families: dict[str, PageFamily]) -> None:
    theirs = parse_page(shared_path("reference/exporters/postgres-0.20.1.prom").read_text())
    shared = [name for name in theirs if name.startswith("pg_") and name in families]
    assert len(shared) > 250
    assert {name: families[name].help for name in shared} == {name: theirs[name].help for name in shared}


def test_every_collector_succeeds(families: dict[str, PageFamily]) -> None:
    success = families["pg_scrape_collector_success"]
    assert [dict(labels)["collector"] for (_, labels), value in success.samples.items() if value != 1] == []
    assert families["pg_exporter_last_scrape_error"].value() == 0
    assert families["pg_up"].value() == 1


def test_values(families: dict[str, PageFamily], server: Running) -> None:
    assert families["pg_settings_max_connections"].value() == 50
    assert families["pg_settings_shared_buffers_bytes"].value() == 16 * 2**20
    assert families["pg_database_size_bytes"].value(datname="orchestrator") > 1e6
    assert families["pg_static"].value(server=server.part.address, short_version="18.6.0") == 1 or (
        families["pg_static"].labels == {"server", "short_version", "version"}
    )
    calls = families["pg_stat_statements_calls_total"]
    queries = {
        dict(labels)["queryid"]: dict(labels)["query"]
        for _, labels in families["pg_stat_statements_query_id"].samples
    }
    ours = next(
        queryid
        for queryid, query in queries.items()
        if query.startswith("SELECT count(*) FROM workflow AS run")
    )
    assert calls.value(user="app", datname="orchestrator", queryid=ours) >= 1
    tables = families["pg_stat_user_tables_n_live_tup"]
    assert tables.value(datname="orchestrator", schemaname="public", relname="workflow") >= 0


def test_exhausted_slots_do_not_silence_it(server: Running) -> None:
    """HighDatabaseConnections must see the moment it is made for."""

    async def check() -> None:
        async with PostgresExporter(PostgresOptions(source=server.layout.postgres_dsn())) as exporter:
            await ask(exporter.app, "/metrics")
            sessions = []
            with pytest.raises(psycopg.OperationalError, match=r"slots|too many"):
                while True:
                    sessions.append(psycopg.connect(server.layout.postgres_dsn("app")))
            try:
                page = parse_page((await ask(exporter.app, "/metrics")).text)
            finally:
                for session in sessions:
                    session.close()
            used = sum(page["pg_stat_activity_count"].samples.values())
            assert used / page["pg_settings_max_connections"].value() > 0.9
            assert page["pg_up"].value() == 1
            assert page["pg_exporter_last_scrape_error"].value() == 0

    asyncio.run(check())


def test_sessions_that_we_may_not_see_are_counted(server: Running) -> None:
    layout = server.layout
    with psycopg.connect(layout.postgres_dsn("postgres"), autocommit=True) as admin:
        others = [psycopg.connect(layout.postgres_dsn("exporter")) for _ in range(3)]
        try:
            page = scrape(layout.postgres_dsn("app"))  # has no pg_monitor
        finally:
            for other in others:
                other.close()
        assert admin.closed is False
    assert (
        page["pg_stat_activity_count"].value(datname="orchestrator", state="unknown", usename="exporter") == 3
    )
    assert page["pg_scrape_collector_success"].value(collector="wal") == 0
    assert page["pg_scrape_collector_success"].value(collector="stat_activity") == 1
    assert page["pg_exporter_last_scrape_error"].value() == 1


def test_a_server_that_is_silent_costs_one_timeout(server: Running) -> None:
    async def check() -> None:
        async with PostgresExporter(
            PostgresOptions(source=server.layout.postgres_dsn(), timeout_s=0.5)
        ) as exporter:
            await ask(exporter.app, "/metrics")
            pid = server.part.pid
            assert pid is not None
            backends = _children(pid)
            for backend in (*backends, pid):
                os.kill(backend, signal.SIGSTOP)
            try:
                started = time.monotonic()
                ticks = 0

                async def tick() -> None:
                    nonlocal ticks
                    while True:
                        await asyncio.sleep(0.01)
                        ticks += 1

                ticking = asyncio.create_task(tick())
                page = parse_page((await ask(exporter.app, "/metrics")).text)
                ticking.cancel()
                assert time.monotonic() - started < 3
                assert ticks > 20  # the event loop was free all the while
                assert page["pg_up"].value() == 0
            finally:
                for backend in (*backends, pid):
                    os.kill(backend, signal.SIGCONT)
            await asyncio.sleep(0.2)
            assert parse_page((await ask(exporter.app, "/metrics")).text)["pg_up"].value() == 1

    asyncio.run(check())


def test_down_and_back(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    async def page_of(exporter: PostgresExporter) -> str:
        return (await ask(exporter.app, "/metrics")).text

    with asyncio.Runner() as runner:
        exporter = PostgresExporter(PostgresOptions(source=server.layout.postgres_dsn()))
        assert parse_page(runner.run(page_of(exporter)))["pg_up"].value() == 1
        server.stop()
        try:
            text = runner.run(page_of(exporter))
        finally:
            server.start()
        down = parse_page(text)
        assert down["pg_up"].value() == 0
        assert down["pg_exporter_last_scrape_error"].value() == 1
        assert set(down["pg_scrape_collector_success"].samples.values()) == {0}
        assert server.layout.passwords["exporter"] not in text + caplog.text
        assert parse_page(runner.run(page_of(exporter)))["pg_up"].value() == 1
        runner.run(exporter.__aexit__(None, None, None))


def test_a_wrong_password_is_not_shown(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    dsn = server.layout.postgres_dsn().replace(server.layout.passwords["exporter"], "wRongSecret")
    families = scrape(dsn)
    assert families["pg_up"].value() == 0
    assert "authentication failed" in " ".join(
        f"{record.message} {getattr(record, 'vedette_fields', '')}" for record in caplog.records
    )
    assert not [r for r in caplog.records if "wRongSecret" in f"{r.message} {r.__dict__}"]


def test_probe(server: Running, tmp_path: Path) -> None:
    layout = server.layout
    file = tmp_path / "postgres_exporter.yml"
    file.write_text(
        "auth_modules:\n  demo:\n    type: userpass\n"
        f"    userpass: {{username: exporter, password: {layout.passwords['exporter']!r}}}\n"
        "    options: {sslmode: disable}\n"
    )
    exporter = PostgresExporter(PostgresOptions(environment={}, config_file=file))

    async def get(query: str) -> tuple[int, str]:
        answer = await ask(exporter.app, f"/probe?{query}")
        return answer.status_code, answer.text

    async def check() -> None:
        status, text = await get(f"target={server.part.address}/orchestrator&auth_module=demo")
        assert status == 200 and parse_page(text)["pg_up"].value() == 1
        status, text = await get("target=" + quote(layout.postgres_dsn(), safe=""))
        assert status == 200 and parse_page(text)["pg_up"].value() == 1
        assert (await get("auth_module=demo")) == (400, "target is required")
        assert (await get("target=x&auth_module=other"))[0] == 404
        status, text = await get("target=" + quote("postgresql://u:sEcret%zz@h/d", safe=""))
        assert status == 400 and "sEcret" not in text
        status, text = await get(f"target={'x' * 70}:1&auth_module=demo")  # longer than a host's name can be
        assert status == 200 and parse_page(text)["pg_up"].value() == 0
        assert parse_page(
            (await ask(exporter.app, "/metrics")).text
        )  # no server of its own: own metrics only

    asyncio.run(check())


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it(server: Running) -> None:
    async def page() -> bytes:
        exporter = PostgresExporter(PostgresOptions(source=server.layout.postgres_dsn()))
        async with exporter:
            return (await ask(exporter.app, "/metrics")).body

    done = subprocess.run(["promtool", "check", "metrics"], input=asyncio.run(page()), capture_output=True)
    assert b"error while linting" not in done.stderr, done.stderr


ORIGINAL = shutil.which("prometheus-postgres-exporter")


@pytest.mark.differential
@pytest.mark.skipif(ORIGINAL is None, reason="prometheus-postgres-exporter is not installed")
def test_beside_debians(server: Running, families: dict[str, PageFamily]) -> None:
    port = free_port()
    process = subprocess.Popen(
        [str(ORIGINAL), f"--web.listen-address=127.0.0.1:{port}"],
        env={**os.environ, "DATA_SOURCE_NAME": server.layout.postgres_dsn()},
        stderr=subprocess.DEVNULL,
    )
    try:
        theirs = parse_page(_fetch(f"http://127.0.0.1:{port}/metrics"))
    finally:
        process.terminate()
        process.wait(10)
    settings = [name for name in theirs if name.startswith("pg_settings_") and name in families]
    assert len(settings) > 200
    for name in settings:
        assert families[name].kind == theirs[name].kind, name
        (value,) = theirs[name].samples.values()
        if name != "pg_settings_extra_float_digits":  # which each driver sets to its liking
            assert families[name].value() == pytest.approx(value), name
    for name in ("pg_stat_database_numbackends", "pg_locks_count", "pg_database_size_bytes", "pg_up"):
        assert families[name].kind == theirs[name].kind
        assert families[name].labels == theirs[name].labels - {"server"}


DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.mark.differential
@pytest.mark.skipif(not (DEBIAN / "postgres").exists(), reason="Debian's PostgreSQL 15 is not installed")
def test_an_older_server() -> None:
    with running(PostgresPart, DEBIAN) as server:
        families = scrape(server.layout.postgres_dsn())
    assert families["pg_exporter_last_scrape_error"].value() == 0
    success = {
        dict(labels)["collector"]: value
        for (_, labels), value in families["pg_scrape_collector_success"].samples.items()
    }
    assert {name for name, value in success.items() if value == 0} == {"stat_checkpointer"}
    assert "pg_stat_bgwriter_checkpoints_timed_total" in families


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _fetch(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")

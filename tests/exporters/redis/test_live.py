"""The Redis exporter on a real Valkey: names, values, a server that is down, silent or locked, other targets."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator

import pytest
import redis

from support.asgi import ask
from support.exposition import PageFamily, known_metrics, parse_page
from support.servers import Running, free_port, running
from support.shared import shared_path
from vedette.exporters.redis.service import RedisExporter, RedisOptions
from vedette.stack.demo.valkey import ValkeyPart

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(ValkeyPart) as server:
        client = redis.Redis.from_url(server.layout.redis_url)
        for number in range(20):
            client.set(f"key:{number}", number, ex=1000 if number % 2 else None)
            client.get(f"key:{number}")
            client.get(f"absent:{number}")
        with pytest.raises(redis.ResponseError):
            client.execute_command("LPUSH", "key:0", "x")
        yield server


def options(server: Running, **more: object) -> RedisOptions:
    return RedisOptions(
        address=server.layout.redis_address,
        password=server.layout.redis_password,
        environment={},
        **more,  # type: ignore[arg-type]
    )


def scrape(wanted: RedisOptions, path: str = "/metrics") -> dict[str, PageFamily]:
    async def once() -> str:
        async with RedisExporter(wanted) as exporter:
            return (await ask(exporter.app, path)).text

    return parse_page(asyncio.run(once()))


@pytest.fixture(scope="module")
def families(server: Running) -> dict[str, PageFamily]:
    return scrape(options(server))


def test_names_types_and_labels_are_the_originals(families: dict[str, PageFamily]) -> None:
    known = known_metrics(shared_path("reference/exporters/redis-current-names.txt").read_text())
    compared = 0
    for name, family in families.items():
        if not name.startswith("redis_") or name.startswith("redis_exporter_"):
            continue
        assert name in known, f"the original has no {name}"
        assert family.kind == known[name].kind.strip(), name
        assert family.labels == known[name].labels, name
        compared += 1
    assert compared > 120


def test_everything_the_original_shows_is_there(families: dict[str, PageFamily]) -> None:
    theirs = parse_page(shared_path("reference/exporters/redis-1.88.prom").read_text())
    missing = {name for name in theirs if name.startswith("redis_")} - families.keys()
    # Key groups are only scraped on request; the rest are fields of Redis 7.0 that Valkey 9 doesn't have.
    assert {name for name in missing if "key_groups" not in name} <= {
        "redis_mem_not_counted_for_eviction_bytes",
        "redis_memory_used_vm_total",
    }
    for name in theirs.keys() & families.keys():
        if name.startswith("redis_") and "build_info" not in name:
            assert families[name].help == theirs[name].help, name


def test_values(families: dict[str, PageFamily], server: Running) -> None:
    assert families["redis_up"].value() == 1
    assert families["redis_db_keys"].value(db="db0") == 20
    assert families["redis_db_keys"].value(db="db9") == 0
    assert families["redis_db_keys_expiring"].value(db="db0") == 10
    assert families["redis_keyspace_misses_total"].value() == 20
    assert families["redis_memory_max_bytes"].value() == 64 * 2**20
    assert families["redis_memory_used_bytes"].value() > 100_000
    assert families["redis_commands_total"].value(cmd="get") == 40
    assert families["redis_errors_total"].value(err="WRONGTYPE") == 1
    assert families["redis_instance_info"].value(role="master", tcp_port=str(server.layout.cache_port)) == 1
    histogram = families["redis_commands_latencies_usec"]
    assert histogram.samples[("redis_commands_latencies_usec_bucket", (("cmd", "get"), ("le", "+Inf")))] == 40
    assert (
        families["redis_config_client_output_buffer_limit_bytes"].value(
            **{"class": "pubsub", "limit": "hard"}
        )
        == 2**25
    )
    assert abs(families["redis_start_time_seconds"].value() - time.time()) < 120


def test_all_settings_on_request_but_no_secret(server: Running) -> None:
    from vedette.exporters.redis.scrape import Choices

    async def page() -> str:
        async with RedisExporter(options(server, choices=Choices(config_metrics=True))) as exporter:
            return (await ask(exporter.app, "/metrics")).text

    text = asyncio.run(page())
    assert parse_page(text)["redis_config_key_value"].value(key="maxmemory-policy", value="allkeys-lru") == 1
    assert server.layout.redis_password not in text
    assert "requirepass" not in text


def test_wrong_password(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    wanted = RedisOptions(address=server.layout.redis_address, password="wRongSecret", environment={})
    families = scrape(wanted)
    assert families["redis_up"].value() == 0
    assert families["redis_exporter_last_scrape_error"].value(err="authentication failed") == 1
    assert "wRongSecret" not in "".join(str(record.__dict__) for record in caplog.records)
    locked = scrape(RedisOptions(address=server.layout.redis_address, environment={}))
    assert locked["redis_exporter_last_scrape_error"].value(err="authentication failed") == 1


def test_no_more_clients(server: Running) -> None:
    """The connection is kept, so that a server without room for clients still answers."""

    async def check() -> None:
        async with RedisExporter(options(server)) as exporter:
            await ask(exporter.app, "/metrics")
            admin = redis.Redis.from_url(server.layout.redis_url)
            admin.config_set("maxclients", 2)
            try:
                page = parse_page((await ask(exporter.app, "/metrics")).text)
                assert scrape_in_thread_fails(options(server))
            finally:
                admin.config_set("maxclients", 10000)
                admin.close()
            assert page["redis_up"].value() == 1
            assert page["redis_connected_clients"].value() / page["redis_max_clients"].value() >= 1

    asyncio.run(check())


def scrape_in_thread_fails(wanted: RedisOptions) -> bool:
    import concurrent.futures

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        families = pool.submit(scrape, wanted).result()
    return families["redis_up"].value() == 0


def test_down_silent_and_back(server: Running) -> None:
    async def get(exporter: RedisExporter) -> dict[str, PageFamily]:
        return parse_page((await ask(exporter.app, "/metrics")).text)

    with asyncio.Runner() as runner:
        exporter = RedisExporter(options(server, timeout_s=0.5))
        assert runner.run(get(exporter))["redis_up"].value() == 1
        assert server.part.pid
        os.kill(server.part.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            silent = runner.run(get(exporter))
            assert time.monotonic() - started < 3
        finally:
            os.kill(server.part.pid, signal.SIGCONT)
        assert silent["redis_exporter_last_scrape_error"].value(err="timeout") == 1
        server.stop()
        down = runner.run(get(exporter))
        assert down["redis_up"].value() == 0
        assert down["redis_exporter_last_scrape_error"].value(err="connection refused") == 1
        server.start()
        assert runner.run(get(exporter))["redis_up"].value() == 1
        runner.run(exporter.__aexit__(None, None, None))


def test_other_targets(server: Running) -> None:
    exporter = RedisExporter(
        RedisOptions(address="redis://127.0.0.1:1", password=server.layout.redis_password, environment={})
    )

    async def check() -> None:
        for path in ("/scrape", "/probe"):
            answer = await ask(exporter.app, f"{path}?target=127.0.0.1:{server.layout.cache_port}")
            assert parse_page(answer.text)["redis_up"].value() == 1
        nothing = await ask(exporter.app, "/scrape")
        assert (nothing.status_code, nothing.text) == (400, "'target' parameter must be specified")
        bad = await ask(exporter.app, "/scrape?target=http://user:sEcret@x:y")
        assert bad.status_code == 400 and "sEcret" not in bad.text
        own = parse_page((await ask(exporter.app, "/metrics")).text)
        assert own["redis_target_scrape_request_errors_total"].value() == 2
        assert own["redis_up"].value() == 0
        assert (await ask(exporter.app, "/health")).text == "ok"

    asyncio.run(check())


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it(server: Running) -> None:
    async def page() -> bytes:
        async with RedisExporter(options(server)) as exporter:
            return (await ask(exporter.app, "/metrics")).body

    done = subprocess.run(["promtool", "check", "metrics"], input=asyncio.run(page()), capture_output=True)
    assert b"error while linting" not in done.stderr, done.stderr


ORIGINAL = shutil.which("prometheus-redis-exporter")
STEADY = (
    "redis_db_keys",
    "redis_db_keys_expiring",
    "redis_memory_max_bytes",
    "redis_config_maxclients",
    "redis_keyspace_misses_total",
    "redis_process_id",
    "redis_aof_enabled",
    "redis_rdb_last_bgsave_status",
)


@pytest.mark.differential
@pytest.mark.skipif(ORIGINAL is None, reason="prometheus-redis-exporter is not installed")
def test_beside_debians(server: Running) -> None:
    port = free_port()
    process = subprocess.Popen(
        [
            str(ORIGINAL),
            f"-web.listen-address=127.0.0.1:{port}",
            f"-redis.addr={server.layout.redis_address}",
        ],
        env={**os.environ, "REDIS_PASSWORD": server.layout.redis_password},
        stderr=subprocess.DEVNULL,
    )
    try:
        theirs = parse_page(_fetch(f"http://127.0.0.1:{port}/metrics"))
        ours = scrape(options(server))
    finally:
        process.terminate()
        process.wait(10)
    shared = [name for name in theirs if name.startswith("redis_") and name in ours]
    assert len(shared) > 100
    for name in shared:
        if name in ("redis_latency_percentiles_usec", "redis_exporter_build_info", "redis_instance_info"):
            continue  # grew or changed since 1.45
        assert ours[name].labels == theirs[name].labels, name
    for name in STEADY:
        for (_, labels), value in theirs[name].samples.items():
            assert ours[name].value(**dict(labels)) == value, name


def _fetch(url: str) -> str:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")

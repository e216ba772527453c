"""What needs no server: addresses, replies of replicas and clusters, numbers that are words."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.exposition import PageFamily, parse_page
from vedette.exporters.page import Page
from vedette.exporters.redis.address import AddressError, Credentials, parse_address, read_password_file
from vedette.exporters.redis.collectors import (
    cluster,
    commands,
    config,
    info,
    keyspace,
    replication,
    slowness,
)
from vedette.exporters.redis.fields import COUNTERS, GAUGES
from vedette.exporters.redis.module_fields import MODULE_COUNTERS, MODULE_GAUGES
from vedette.exporters.redis.reply import Reply, parse_info, to_number

REPLICA = """# Replication
role:slave
master_host:10.0.0.1
master_port:6379
master_link_status:down
master_last_io_seconds_ago:-1
master_sync_in_progress:1
slave_repl_offset:715
slave_read_only:1
connected_slaves:1
slave0:ip=10.0.0.3,port=6380,state=online,offset=700,lag=1
latest_fork_usec:2500
rdb_last_bgsave_status:err
# Keyspace
db0:keys=52,expires=10,avg_ttl=3484988
db3:keys=1,expires=0,avg_ttl=0,cached_keys=7
"""


def described(*parts: object, reply: Reply) -> dict[str, PageFamily]:
    page = Page()
    for part in parts:
        part.describe(page, reply)  # type: ignore[attr-defined]
    return parse_page(page.render().decode())


def test_a_replica() -> None:
    families = described(info, replication, keyspace, reply=Reply(parse_info(REPLICA)))
    master = {"master_host": "10.0.0.1", "master_port": "6379"}
    assert families["redis_master_link_up"].value(**master) == 0
    assert families["redis_master_sync_in_progress"].value(**master) == 1
    assert families["redis_slave_repl_offset"].value(**master) == 715
    assert families["redis_slave_info"].value(**master, read_only="1") == 1
    labels = {"slave_ip": "10.0.0.3", "slave_port": "6380", "slave_state": "online"}
    assert families["redis_connected_slave_offset_bytes"].value(**labels) == 700
    assert families["redis_connected_slave_lag_seconds"].value(**labels) == 1
    assert families["redis_latest_fork_seconds"].value() == 0.0025
    assert families["redis_rdb_last_bgsave_status"].value() == 0
    assert families["redis_db_avg_ttl_seconds"].value(db="db0") == 3484.988
    assert families["redis_db_keys_cached"].value(db="db3") == 7


def test_cluster_and_spikes_and_slow_commands() -> None:
    families = described(
        cluster,
        slowness,
        reply=Reply(
            cluster=parse_info("cluster_state:ok\r\ncluster_stats_messages_sent:8\r\n"),
            latency_latest=[["command", 1795424110, 250, 1000]],
            slowlog_length=3,
            slowlog_last=[[41, 1795424110, 15000, ["KEYS", "*"], "127.0.0.1:1", ""]],
            commandlog={"large-reply": 2},
        ),
    )
    assert families["redis_cluster_messages_sent_total"].value() == 8
    assert families["redis_latency_spike_duration_seconds"].value(event_name="command") == 0.25
    assert families["redis_slowlog_last_id"].value() == 41
    assert families["redis_last_slow_execution_duration_seconds"].value() == 0.015
    assert families["redis_commandlog_large_reply_length"].value() == 2


def test_percentiles() -> None:
    families = described(
        commands,
        reply=Reply(
            parse_info(
                "cmdstat_get:calls=40,usec=38,usec_per_call=0.95,rejected_calls=0,failed_calls=2\n"
                "latency_percentiles_usec_get:p50=1.003,p99=4.015,p99.9=4.015\n"
            )
        ),
    )
    summary = families["redis_latency_percentiles_usec"]
    assert (
        summary.samples[("redis_latency_percentiles_usec", (("cmd", "get"), ("quantile", "99.9")))] == 4.015
    )
    assert summary.samples[("redis_latency_percentiles_usec_sum", (("cmd", "get"),))] == 38
    assert families["redis_commands_failed_calls_total"].value(cmd="get") == 2


def test_old_servers_say_less() -> None:
    families = described(
        info,
        keyspace,
        commands,
        replication,
        config,
        slowness,
        cluster,
        reply=Reply(parse_info("redis_version:3.2\n")),
    )
    assert families["redis_instance_info"].value(redis_version="3.2", role="") == 1


@pytest.mark.parametrize(
    "text, value",
    [("ok", 1), ("err", 0), ("1.5", 1.5), ("12.5%", 12.5), ("-1", -1), ("noeviction", None), ("", None)],
)
def test_numbers(text: str, value: float | None) -> None:
    assert to_number(text) == value


def test_a_field_has_one_metric() -> None:
    tables = (GAUGES, COUNTERS, MODULE_GAUGES, MODULE_COUNTERS)
    names = [name for table in tables for name in table.values()]
    assert len(names) == len(set(names))
    assert sum(map(len, tables)) == len(set().union(*tables))


@pytest.mark.parametrize(
    "text, shown, parameters",
    [
        ("cache:6380", "redis://cache:6380", {"host": "cache", "port": 6380}),
        ("valkey://cache", "redis://cache:6379", {"host": "cache"}),
        ("redis://u:p%40ss@cache:1/2", "redis://cache:1", {"username": "u", "password": "p@ss", "db": 2}),
        ("unix:///run/redis.sock", "/run/redis.sock", {"path": "/run/redis.sock"}),
        ("/run/redis.sock", "/run/redis.sock", {"path": "/run/redis.sock"}),
        ("rediss://cache", "rediss://cache:6379", {"host": "cache", "password": "general"}),
    ],
)
def test_addresses(text: str, shown: str, parameters: dict[str, object]) -> None:
    address = parse_address(text, Credentials(password="general"))
    assert str(address) == shown
    assert parameters == {name: getattr(address.place, name) for name in parameters}
    assert "p@ss" not in repr(address)


@pytest.mark.parametrize("text", ["http://x", "redis://u:sEcret@h:port", "redis://u:sEcret@[h"])
def test_bad_addresses_show_no_password(text: str) -> None:
    with pytest.raises(AddressError) as fault:
        parse_address(text, Credentials())
    assert "sEcret" not in str(fault.value)


def test_password_file(tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    file.write_text('{"redis://a:6379": "pa", "redis://bob@b:6379": "pb"}')
    credentials = Credentials(password="other", by_address=read_password_file(file))
    assert parse_address("redis://a", credentials).place.password == "pa"
    assert parse_address("redis://bob@b:6379", credentials).place.password == "pb"
    assert parse_address("redis://c:6379", credentials).place.password == "other"
    file.write_text("nonsense")
    with pytest.raises(AddressError, match="no JSON"):
        read_password_file(file)

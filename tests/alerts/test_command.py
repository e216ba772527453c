"""`vedette alerts` as a process: killed, it comes back knowing what it told and what is silenced."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from support.http_sink import HttpSink


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def running(folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "vedette", "alerts"),
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                assert process.returncode is None, (await process.communicate())[1].decode()
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{port}/-/ready") as response:
                        if response.status == 200:
                            break
                await asyncio.sleep(0.1)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.slow
async def test_killed_it_tells_nobody_twice(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api/v2"
    alerts = [
        {"labels": {"alertname": name}, "endsAt": "2099-01-01T00:00:00Z"}
        for name in ("Told", "Quiet", "Late")
    ]
    silence = {
        "matchers": [{"name": "alertname", "value": "Quiet", "isRegex": False}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "me",
        "comment": "c",
    }
    async with HttpSink() as sink, aiohttp.ClientSession() as session:
        (tmp_path / "alertmanager.yml").write_text(
            f"route: {{receiver: w, group_by: [alertname], group_wait: 100ms, group_interval: 500ms}}\n"
            f"receivers: [{{name: w, webhook_configs: [{{url: '{sink.url}'}}]}}]\n"
        )
        async with running(tmp_path, port) as process:
            async with session.post(f"{url}/silences", json=silence) as response:
                assert response.status == 200
            async with session.post(f"{url}/alerts", json=alerts[:2]) as response:
                assert response.status == 200
            await sink.wait_for(1, timeout_s=20)
            await asyncio.sleep(0.3)  # the log is written right after the answer
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with running(tmp_path, port) as process:
            async with session.get(f"{url}/silences") as response:
                assert [s["status"]["state"] for s in await response.json()] == ["active"]
            async with session.post(f"{url}/alerts", json=alerts) as response:
                assert response.status == 200
            await sink.wait_for(2, timeout_s=20)
            await asyncio.sleep(1.2)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
    told = [body for _, _, body in sink.requests]
    assert len(told) == 2 and b'"Told"' in told[0] and b'"Late"' in told[1]


@pytest.mark.slow
async def test_a_file_that_cannot_be_used_ends_the_start_with_its_faults(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yml").write_text(
        "route:\n  receiver: nobody\nreceivers:\n- name: a\n  opsgenie_configs: [{api_key: k}]\n"
    )
    with pytest.raises(AssertionError) as raised:
        async with running(tmp_path, free_port()):
            pass
    assert 'alertmanager.yml:2: route.receiver: undefined receiver "nobody"' in str(raised.value)

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from vedette.client import HttpClient, HttpConfig
from vedette.client.aliases import VARIABLE
from vedette.web.app import create_app
from vedette.web.role import Listen, WebServer
from vedette.web.selfmetrics import new_registry


async def echo(request: Request) -> Response:
    return JSONResponse(dict(request.headers))


async def away(request: Request) -> Response:
    return RedirectResponse("/echo")


async def token(request: Request) -> Response:
    form = (await request.body()).decode()
    assert "grant_type=client_credentials" in form
    return JSONResponse({"access_token": "t0k3n", "expires_in": 3600})


@pytest.fixture
async def door() -> AsyncIterator[Listen]:
    routes = [Route("/echo", echo), Route("/away", away), Route("/token", token, methods=["POST"])]
    app = create_app("x", routes, registry=new_registry("x"))
    async with WebServer(app, Listen(port=0)) as server:
        yield server.address


async def ask(config: dict[str, object], url: str, base: Path = Path()) -> tuple[int, dict[str, str]]:
    async with (
        HttpClient(HttpConfig.model_validate(config), base_dir=base) as client,
        client.request("GET", url) as answer,
    ):
        return answer.status, (await answer.json() if answer.status == 200 else {})


async def test_authentication(door: Listen, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("fr0m f1le\n")
    url = f"http://{door}/echo"
    basic = await ask({"basic_auth": {"username": "u", "password": "p"}}, url)
    assert basic[1]["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    bearer = await ask({"authorization": {"credentials_file": "secret"}}, url, tmp_path)
    assert bearer[1]["authorization"] == "Bearer fr0m f1le"
    oauth = await ask(
        {"oauth2": {"client_id": "c", "client_secret": "s", "token_url": f"http://{door}/token"}}, url
    )
    assert oauth[1]["authorization"] == "Bearer t0k3n"
    own = await ask({"http_headers": {"X-Scope-OrgID": {"values": ["a", "b"]}}}, url)
    assert own[1]["x-scope-orgid"] == "a, b"
    assert own[1]["user-agent"].startswith("Vedette/")


async def test_redirects_are_followed_when_wanted(door: Listen) -> None:
    assert (await ask({}, f"http://{door}/away"))[0] == 200
    assert (await ask({"follow_redirects": "false"}, f"http://{door}/away"))[0] == 307


async def test_host_aliases(door: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"api=127.0.0.1:{door.port},loki=127.0.0.1")
    assert (await ask({}, "http://api:8000/echo"))[1]["host"] == "api:8000"
    assert (await ask({}, f"http://loki:{door.port}/echo"))[0] == 200
    with pytest.raises(aiohttp.ClientError):
        await ask({}, "http://no-such-host.invalid:1/")


@pytest.mark.parametrize(
    "config",
    [
        {"basic_auth": {}, "authorization": {}},
        {"bearer_token": "a", "bearer_token_file": "b"},
        {"authorization": {"type": "Basic"}},
        {"tls_config": {"cert_file": "a"}},
        {"http_headers": {"Authorization": {"values": ["x"]}}},
        {"proxy_url": "http://p", "proxy_from_environment": "true"},
    ],
)
def test_contradictions_are_refused(config: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HttpConfig.model_validate(config)


async def test_an_alias_may_lead_to_a_plain_door(door: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"events.example.com=http://{door},localhost:1={door}")
    assert (await ask({}, "https://events.example.com/echo"))[0] == 200
    assert (await ask({}, "http://localhost:1/echo"))[0] == 200

"""From discovered labels to a target: defaults, relabelling, address, schedule."""

from __future__ import annotations

import pytest

from vedette.config.document import parse_document
from vedette.metrics.config import ScrapeConfig, config_of
from vedette.metrics.discovery import Group
from vedette.metrics.scrape.target import Target, TargetError, global_url, make_target
from vedette.model.labels import Labels


def job(text: str = "") -> ScrapeConfig:
    lines = "".join(f"  {line}\n" for line in text.splitlines())
    return config_of(
        parse_document(f"scrape_configs:\n- job_name: j\n{lines}", path="p.yml", env={}), {}
    ).jobs[0]


def made(config: ScrapeConfig, address: str = "h:1", /, **group: str) -> Target:
    target = make_target({"__address__": address}, Group("0", (), group), config)
    assert isinstance(target, Target)
    return target


def test_defaults() -> None:
    target = made(job())
    assert target.labels == Labels.of(instance="h:1", job="j")
    assert target.url == "http://h:1/metrics"
    assert (target.interval, target.timeout) == (60_000, 10_000)
    assert target.discovered == Labels.of(
        __address__="h:1",
        __metrics_path__="/metrics",
        __scheme__="http",
        __scrape_interval__="1m",
        __scrape_timeout__="10s",
        job="j",
    )


def test_no_port_is_added() -> None:
    assert made(job("scheme: https"), "h").url == "https://h/metrics"


def test_group_labels_win_over_the_job() -> None:
    target = made(job(), team="a", job="other", __scheme__="https", __metrics_path__="m", __meta_x="1")
    assert target.labels == Labels.of(instance="h:1", job="other", team="a")
    assert target.url == "https://h:1/m"
    assert "__meta_x" in target.discovered
    assert "__meta_x" not in target.internal


def test_parameters() -> None:
    config = job("params: {module: [a, b], 'c d': ['&']}")
    assert made(config).url == "http://h:1/metrics?c+d=%26&module=a&module=b"
    assert made(config, __param_module="x").url == "http://h:1/metrics?c+d=%26&module=x&module=b"
    assert made(config, __param_new="y").url.endswith("&new=y")


def test_relabelling_decides() -> None:
    config = job(
        """\
relabel_configs:
- {source_labels: [__address__], regex: 'drop.*', action: drop}
- {source_labels: [__address__], target_label: __param_target}
- {source_labels: [__param_target], target_label: instance}
- {target_label: __address__, replacement: 'prober:9115'}
- {source_labels: [fast], regex: 'yes', target_label: __scrape_interval__, replacement: 1s}
- {source_labels: [fast], regex: 'yes', target_label: __scrape_timeout__, replacement: 500ms}"""
    )
    target = made(config, "site.example:80", fast="yes")
    assert target.url == "http://prober:9115/metrics?target=site.example%3A80"
    assert target.labels == Labels.of(fast="yes", instance="site.example:80", job="j")
    assert (target.interval, target.timeout) == (1000, 500)
    dropped = make_target({"__address__": "drop:1"}, Group("0"), config)
    assert isinstance(dropped, Labels)
    assert dropped["__address__"] == "drop:1"


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"__address__": ""}, "no address"),
        ({"__scrape_interval__": "x"}, 'error parsing scrape interval: not a valid duration string: "x"'),
        ({"__scrape_timeout__": "0s"}, "scrape timeout cannot be 0"),
        (
            {"__scrape_timeout__": "2m"},
            'scrape timeout cannot be greater than scrape interval ("2m" > "1m")',
        ),
        ({"__address__": "http://x"}, '"http://x" is not a valid hostname'),
    ],
)
def test_targets_that_cannot_be_scraped(group: dict[str, str], message: str) -> None:
    with pytest.raises(TargetError) as fault:
        make_target({"__address__": "h:1"} | group, Group("0"), job())
    assert str(fault.value) == message


def test_the_offset_is_stable_and_spread() -> None:
    config = job()
    offsets = [made(config, f"h:{port}").offset(7) for port in range(200)]
    assert offsets == [made(config, f"h:{port}").offset(7) for port in range(200)]
    assert all(0 <= offset < 60_000 for offset in offsets)
    assert len({offset // 10_000 for offset in offsets}) == 6
    assert offsets != [made(config, f"h:{port}").offset(8) for port in range(200)]


@pytest.mark.parametrize(
    ("url", "want"),
    [
        ("http://other:1/m", "http://other:1/m"),
        ("http://localhost:9100/m", "http://mon.example:9100/m"),
        ("http://127.0.0.1:9090/m", "https://mon.example/m"),
        ("http://localhost/m", "http://localhost/m"),
    ],
)
def test_urls_for_people_elsewhere(url: str, want: str) -> None:
    assert global_url(url, "0.0.0.0:9090", "https://mon.example/") == want

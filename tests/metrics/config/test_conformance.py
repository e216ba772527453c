"""Prometheus's own configuration files: `*.good.yml` load, `*.bad.yml` are refused at a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.shared import SHARED
from vedette.config.problems import ConfigError
from vedette.metrics.config import load_config

FOLDER = SHARED / "conformance" / "prometheus-config"
ENV = {"TEST": "TestValue"}

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"{FOLDER} is not beside this checkout")


def files(pattern: str) -> list[Path]:
    return sorted(FOLDER.glob(pattern))


@pytest.mark.parametrize("path", files("*.good.yml"), ids=lambda p: p.name)
def test_good_files_load(path: Path) -> None:
    config = load_config(path, ENV)
    assert config.path == path
    assert all(job.scrape_interval >= job.scrape_timeout > 0 for job in config.jobs)


@pytest.mark.parametrize("path", files("*.bad.yml"), ids=lambda p: p.name)
def test_bad_files_are_refused_at_a_line(path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(path, ENV)
    assert refused.value.problems
    for problem in refused.value.problems:
        assert problem.line >= 1
        assert problem.message


@pytest.mark.parametrize("name", ["otlp_allow_utf8.incompatible.yml", "otlp_no_translation.incompatible.yml"])
def test_utf8_strategies_need_utf8_names(name: str) -> None:
    with pytest.raises(ConfigError, match="is not allowed when UTF8 is disabled"):
        load_config(FOLDER / name, ENV)


def test_the_big_one() -> None:
    config = load_config(FOLDER / "conf.good.yml", ENV)
    jobs = {job.job_name: job for job in config.jobs}
    prometheus, service_x = jobs["prometheus"], jobs["service-x"]
    assert (prometheus.scrape_interval, prometheus.scrape_timeout) == (15_000, 10_000)
    assert (prometheus.body_size_limit, prometheus.sample_limit, prometheus.label_limit) == (
        15 << 20,
        1500,
        30,
    )
    assert (service_x.scrape_interval, service_x.scrape_timeout, service_x.scheme) == (50_000, 5_000, "https")
    assert (service_x.body_size_limit, service_x.sample_limit, service_x.target_limit) == (10 << 20, 1000, 35)
    assert prometheus.scrape_failure_log_file == str(FOLDER / "fail_prom.log")
    assert service_x.scrape_failure_log_file == str(FOLDER / "fail.log")
    assert prometheus.file_sd_configs[0].files[0] == str(FOLDER / "foo/*.slow.json")
    assert prometheus.file_sd_configs[0].refresh_interval == 600_000
    assert config.rule_files == (str(FOLDER / "first.rules"), str(FOLDER / "my/*.rules"))
    assert config.storage.tsdb.retention.size == 1 << 30
    assert config.external_labels.to_dict() == {"monitor": "codelab", "foo": "bar"}
    assert service_x.basic_auth is not None
    assert service_x.basic_auth.password.reveal() == "multiline\nmysecret\ntest"
    assert "mysecret" not in config.text
    assert "<secret>" in config.text


def test_external_labels_expand() -> None:
    config = load_config(FOLDER / "external_labels.good.yml", ENV)
    assert config.external_labels.to_dict() == {
        "bar": "foo",
        "foo": "TestValue",
        "baz": "fooTestValuebar",
        "qux": "foo${TEST}",
        "xyz": "foo$bar",
    }


def test_job_files_keep_their_own_folder() -> None:
    config = load_config(FOLDER / "scrape_config_files_glob.good.yml", ENV)
    assert [job.job_name for job in config.jobs] == ["prometheus", "node"]
    assert config.jobs[1].base_dir == FOLDER / "scrape_configs"
    assert config.scrape_configs == ()

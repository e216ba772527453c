from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.metrics_server import MetricsServer, metrics_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetricsServer]:
    with metrics_server(tmp_path_factory.mktemp("metrics")) as running:
        yield running

"""``docker``: a line of Docker's json-file log: its text, its stream as a label, its time.     - docker: {}"""

from __future__ import annotations

from typing import Any

from vedette.ship.stages import Pipeline, mapping_of
from vedette.ship.stages.json import Json
from vedette.ship.stages.labels import LabelsStage
from vedette.ship.stages.output import Output
from vedette.ship.stages.timestamp import Timestamp


def build(config: Any) -> Pipeline:
    mapping_of(config, "docker", frozenset())
    keys = (("output", "log"), ("stream", "stream"), ("timestamp", "time"))
    return Pipeline(
        [
            Json(keys, (), "", False),
            LabelsStage((("stream", "stream"),)),
            Timestamp("timestamp", ("RFC3339Nano",)),
            Output("output"),
        ]
    )

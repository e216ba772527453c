"""Constant folding: arithmetic on literals happens once, while planning."""

from __future__ import annotations

import numpy as np

from vedette.metrics.promql.plan.nodes import Constant, Plan, ScalarBinary
from vedette.metrics.promql.scalar_math import scalar_binary


def fold(node: ScalarBinary) -> Plan:
    if isinstance(node.left, Constant) and isinstance(node.right, Constant):
        value = scalar_binary(node.op, np.array([node.left.value]), np.array([node.right.value]))
        return Constant(float(value[0]), pos=node.pos)
    return node

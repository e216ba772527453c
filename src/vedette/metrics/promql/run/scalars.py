"""Scalar expressions: one number a step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vedette.metrics.promql.plan.nodes import Call, Constant, Negate, Once, Plan, ScalarBinary
from vedette.metrics.promql.run.context import Context, Steps
from vedette.metrics.promql.run.tally import counted_at_every_step
from vedette.metrics.promql.scalar_math import greater, lesser, scalar_binary

Float64s = npt.NDArray[np.float64]


def scalar(ctx: Context, plan: Plan, steps: Steps) -> Float64s:
    """``float64[steps]``."""
    if ctx.trace is not None:
        return ctx.trace.scalar(ctx, plan, steps, _scalar)
    return _scalar(ctx, plan, steps)


def _scalar(ctx: Context, plan: Plan, steps: Steps) -> Float64s:
    match plan:
        case Constant(value=value):
            return np.full(steps.count, value)
        case Once(expr=expr):
            with counted_at_every_step(ctx):
                once = scalar(ctx, expr, Steps(steps.start, steps.step, 1))
            return np.repeat(once, steps.count)
        case Negate(expr=expr):
            return -scalar(ctx, expr, steps)
        case ScalarBinary(op=op, left=left, right=right):
            return scalar_binary(op, scalar(ctx, left, steps), scalar(ctx, right, steps))
        case Call(function=name, args=args):
            return _call(ctx, name, args, steps)
    raise TypeError(f"BUG: {type(plan).__name__} is no scalar")


def _call(ctx: Context, name: str, args: tuple[Plan, ...], steps: Steps) -> Float64s:
    match name:
        case "pi":
            return np.full(steps.count, np.pi)
        case "time":
            return steps.times() / 1000.0
        case "start":
            return np.full(steps.count, ctx.start / 1000.0)
        case "end":
            return np.full(steps.count, ctx.end / 1000.0)
        case "step":
            return np.full(steps.count, ctx.step / 1000.0)
        case "range":
            return np.full(steps.count, (ctx.end - ctx.start) / 1000.0)
        case "min_of" | "max_of":
            left, right = scalar(ctx, args[0], steps), scalar(ctx, args[1], steps)
            return lesser(left, right) if name == "min_of" else greater(left, right)
        case "scalar":
            return _only_element(ctx, args[0], steps)
    raise TypeError(f"BUG: {name} gives no scalar")


def _only_element(ctx: Context, arg: Plan, steps: Steps) -> Float64s:
    """The float of a vector that holds exactly one, else NaN."""
    from vedette.metrics.promql.run.operators import vector

    matrix = vector(ctx, arg, steps)
    floats = matrix.floats_present()
    alone = floats.sum(axis=0) == 1
    if not matrix.rows:
        return np.full(steps.count, np.nan)
    picked = matrix.values[floats.argmax(axis=0), np.arange(steps.count)]
    return np.where(alone, picked, np.nan)

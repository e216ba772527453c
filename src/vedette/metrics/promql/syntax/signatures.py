"""Every function of the language: argument types, result type, and the flag it hides behind."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.metrics.promql.syntax.nodes import ValueType

EXPERIMENTAL_FUNCTIONS = "promql-experimental-functions"


@dataclass(frozen=True, slots=True)
class Signature:
    """`variadic`: 0 = exactly these arguments; n > 0 = the last may be missing or come up to n times; -1 = any number."""

    name: str
    args: tuple[ValueType, ...]
    returns: ValueType
    variadic: int = 0
    experimental: bool = False


_TYPES = {
    "s": ValueType.SCALAR,
    "v": ValueType.VECTOR,
    "m": ValueType.MATRIX,
    "t": ValueType.STRING,
}


def _table(text: str) -> dict[str, Signature]:
    out: dict[str, Signature] = {}
    for line in text.split("\n"):
        words = line.split()
        if not words:
            continue
        name, args, returns, *rest = words
        out[name] = Signature(
            name=name,
            args=tuple(_TYPES[c] for c in args if c != "-"),
            returns=_TYPES[returns],
            variadic=next((int(w) for w in rest if w.lstrip("-").isdigit()), 0),
            experimental="E" in rest,
        )
    return out


# name, arguments (s scalar, v instant vector, m range vector, t string, - none), result, variadic, E experimental
SIGNATURES = _table("""
abs v v
absent v v
absent_over_time m v
acos v v
acosh v v
asin v v
asinh v v
atan v v
atanh v v
avg_over_time m v
ceil v v
changes m v
clamp vss v
clamp_max vs v
clamp_min vs v
cos v v
cosh v v
count_over_time m v
day_of_month v v 1
day_of_week v v 1
day_of_year v v 1
days_in_month v v 1
deg v v
delta m v
deriv m v
double_exponential_smoothing mss v E
end - s E
exp v v
first_over_time m v
floor v v
histogram_avg v v
histogram_count v v
histogram_fraction ssv v
histogram_quantile sv v
histogram_quantiles vtss v 9 E
histogram_stddev v v
histogram_stdvar v v
histogram_sum v v
hour v v 1
idelta m v
increase m v
info vv v 1 E
irate m v
label_join vttt v -1
label_replace vtttt v
last_over_time m v
ln v v
log10 v v
log2 v v
mad_over_time m v E
max_of ss s E
max_over_time m v
min_of ss s E
min_over_time m v
minute v v 1
month v v 1
pi - s
predict_linear ms v
present_over_time m v
quantile_over_time sm v
rad v v
range - s E
rate m v
resets m v
round vs v 1
scalar v s
sgn v v
sin v v
sinh v v
sort v v
sort_by_label vt v -1 E
sort_by_label_desc vt v -1 E
sort_desc v v
sqrt v v
start - s E
start_timestamp v v E
stddev_over_time m v
stdvar_over_time m v
step - s E
sum_over_time m v
tan v v
tanh v v
time - s
timestamp v v
ts_of_first_over_time m v E
ts_of_last_over_time m v E
ts_of_max_over_time m v E
ts_of_min_over_time m v E
vector s v
year v v 1
""")

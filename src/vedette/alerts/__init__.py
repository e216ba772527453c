"""The alerts role: Alertmanager's files and doors.

What it promises:

- An alert is told to every receiver that its routes name, once, and again only when something changed or the repeat
  interval passed. What was told is written down before the next look, and survives a restart.
- A notification that fails is tried again until the group's next turn, and then at every turn.
- Silences survive a restart. Alerts do not: their senders repeat them.
- A configuration that cannot be used never replaces one that can.

The way of an alert: `api.alerts` -> `store` -> `dispatch` (routes, groups, waits) -> `pipeline` (stages) -> `notify`.
Times are nanoseconds since the epoch, durations of the configuration milliseconds.
"""

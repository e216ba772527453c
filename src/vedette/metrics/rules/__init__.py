"""Recording and alerting rules.

`model` is the file, `check` finds its faults, `alerting` decides over alerts (pure, takes `now`), `group` evaluates and
writes, `manager` keeps the schedule and reloads.
"""

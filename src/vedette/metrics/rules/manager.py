"""Keeps every group on its schedule, and carries their state over a reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from vedette.config.log import get_logger
from vedette.metrics.rules.clock import Clock
from vedette.metrics.rules.group import Group, GroupContext, GroupDefinition, RuleDefinition
from vedette.metrics.rules.rule import AlertingRule, RecordingRule, Rule
from vedette.model.labels import Labels

log = get_logger("metrics.rules")

# A removed group's series end after this many of its intervals, unless the group comes back.
FORGET_AFTER_INTERVALS = 2


class RuleManager:
    """Evaluations run in `executor`; everything else belongs to one event loop."""

    def __init__(self, context: GroupContext, *, clock: Clock, executor: Executor) -> None:
        self._context = context
        self._clock = clock
        self._executor = executor
        self._runners: dict[str, _Runner] = {}
        self._leaving: dict[str, tuple[Group, asyncio.Task[None]]] = {}
        self._first = True

    @property
    def groups(self) -> list[Group]:
        """The groups in use, by file and name."""
        return sorted(
            (runner.group for runner in self._runners.values()),
            key=lambda group: (group.definition.file, group.definition.name),
        )

    async def apply(self, definitions: Sequence[GroupDefinition]) -> None:
        """Runs exactly these groups from now on. Unchanged ones go on undisturbed, changed ones keep their state."""
        wanted = {definition.key: definition for definition in definitions}
        for key in [key for key in self._runners if key not in wanted]:
            await self._retire(self._runners.pop(key))
        for key, definition in wanted.items():
            running = self._runners.get(key)
            if running is not None and running.group.definition == definition:
                continue
            group = make_group(definition, self._context, restored=not self._first)
            if running is not None:
                await running.stop()
                group.continue_from(running.group)
            elif key in self._leaving:
                left, waiting = self._leaving.pop(key)
                waiting.cancel()
                group.continue_from(left)
            self._runners[key] = _Runner(group, self._clock, self._executor, self._context)
        self._first = False

    async def stop(self) -> None:
        """Waits for evaluations under way; alerts and series stay as they are, for the next start."""
        waiting = [task for _, task in self._leaving.values()]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._leaving.clear()
        await asyncio.gather(*(runner.stop() for runner in self._runners.values()))
        self._runners.clear()

    async def _retire(self, runner: _Runner) -> None:
        await runner.stop()
        group = runner.group
        key = group.definition.key
        self._leaving[key] = (group, asyncio.create_task(self._forget(key, group)))

    async def _forget(self, key: str, group: Group) -> None:
        await self._clock.sleep_until(self._clock.now() + FORGET_AFTER_INTERVALS * group.definition.interval)
        self._leaving.pop(key, None)
        await asyncio.get_running_loop().run_in_executor(self._executor, group.finish, self._clock.now())


class _Runner:
    """The task of one group."""

    def __init__(self, group: Group, clock: Clock, executor: Executor, context: GroupContext) -> None:
        self.group = group
        self._clock = clock
        self._executor = executor
        self._context = context
        self._task = asyncio.create_task(self._run(), name=f"rules {group.definition.key}")

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        group, schedule = self.group, self.group.schedule
        pending_restore = any(isinstance(rule, AlertingRule) and not rule.restored for rule in group.rules)
        due, iteration = schedule.slot_after(self._clock.now()), 0
        while True:
            await self._clock.sleep_until(due)
            missed = schedule.missed(due, self._clock.now())
            if missed:
                self._context.observer.missed(group.definition.key, missed)
            slot = due + missed * schedule.interval
            await self._in_thread(group.evaluate, slot)
            iteration += 1
            if pending_restore and iteration == 2:
                # By now targets were scraped once, so alerts that still hold are active again.
                await self._in_thread(group.restore, self._clock.now())
                pending_restore = False
            due = slot + schedule.interval

    async def _in_thread(self, call: Callable[[int], None], when: int) -> None:
        work = asyncio.get_running_loop().run_in_executor(self._executor, call, when)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise
        except Exception as error:
            log.error("BUG: rule group failed", group=self.group.definition.key, exc_info=error)


def make_group(definition: GroupDefinition, context: GroupContext, *, restored: bool) -> Group:
    return Group(definition, [_make_rule(rule, restored) for rule in definition.rules], context)


def _make_rule(definition: RuleDefinition, restored: bool) -> Rule:
    labels = Labels(definition.labels)
    if not definition.alert:
        return RecordingRule(definition.name, definition.expr, labels, printed=definition.printed)
    return AlertingRule(
        definition.name,
        definition.expr,
        labels,
        Labels(definition.annotations),
        hold=definition.hold,
        keep_firing=definition.keep_firing,
        printed=definition.printed,
        restored=restored,
    )

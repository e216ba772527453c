"""From configuration to files: globs, labels and the followers of what they match."""

from __future__ import annotations

import glob
import os
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from vedette.config.log import get_logger
from vedette.config.paths import resolve_path
from vedette.config.relabel import process
from vedette.model.labels import Labels
from vedette.ship.config import ScrapeConfig, build_pipeline
from vedette.ship.entries import Batch, Mark
from vedette.ship.follow import Follower, Piece
from vedette.ship.positions import Positions
from vedette.ship.stages import Pipeline

log = get_logger("ship.targets")


@dataclass(slots=True)
class Target:
    """One glob with its labels, and what it matches now."""

    job: str
    pattern: str
    exclude: str
    labels: dict[str, str]
    discovered: dict[str, str]
    pipeline: Pipeline
    encoding: str
    followers: dict[str, Follower] = field(default_factory=dict)
    # Files that were renamed while nobody looked: read to their end under their former name.
    late: list[tuple[Follower, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DroppedTarget:
    job: str
    discovered: dict[str, str]
    reason: str


def host_name() -> str:
    return os.environ.get("HOSTNAME") or socket.gethostname()


def make_targets(jobs: list[ScrapeConfig]) -> tuple[list[Target], list[DroppedTarget]]:
    """The targets of all jobs, and those that relabelling or a missing path dropped."""
    targets: list[Target] = []
    dropped: list[DroppedTarget] = []
    for job in jobs:
        pipeline = build_pipeline(job)
        for static in job.static_configs:
            for address in static.targets or [""]:
                discovered = {**static.labels, **({"__address__": address} if address else {})}
                labels = process(Labels(discovered), job.relabel_configs)
                if labels is None:
                    dropped.append(DroppedTarget(job.job_name, discovered, "dropped by relabelling"))
                    continue
                path, host = labels.get("__path__"), labels.get("__host__")
                if not path:
                    dropped.append(DroppedTarget(job.job_name, discovered, "no path for target"))
                    continue
                if host and host != host_name():
                    dropped.append(DroppedTarget(job.job_name, discovered, f"for host {host}"))
                    continue
                public = {n: v for n, v in labels if not n.startswith("__")}
                exclude = labels.get("__path_exclude__")
                targets.append(
                    Target(job.job_name, path, exclude, public, discovered, pipeline, job.encoding or "utf-8")
                )
    return targets, dropped


_BRACES = re.compile(r"\{([^{}]*)\}")


def expand_braces(pattern: str) -> Iterator[str]:
    """``a{b,c}`` as ``ab`` and ``ac``."""
    found = _BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    for choice in found[1].split(","):
        yield from expand_braces(pattern[: found.start()] + choice + pattern[found.end() :])


def matching_files(pattern: str, exclude: str = "") -> list[str]:
    """Paths of files that `pattern` matches and `exclude` does not, sorted."""
    found: set[str] = set()
    for one in expand_braces(resolve_path(pattern)):
        found.update(path for path in glob.iglob(one, recursive=True) if not os.path.isdir(path))
    if exclude:
        for one in expand_braces(resolve_path(exclude)):
            found.difference_update(glob.iglob(one, recursive=True))
    return sorted(found)


class Watch:
    """All targets of one configuration, read a step at a time. Belongs to one thread at a time."""

    def __init__(self, targets: list[Target], positions: Positions) -> None:
        self.targets = targets
        self.positions = positions

    def sync(self) -> None:
        """Looks for new files, and lets go of those that are gone."""
        for target in self.targets:
            present = set(matching_files(target.pattern, target.exclude))
            for path in present - target.followers.keys():
                self._take_up(target, path)
            for path in list(target.followers.keys() - present):
                follower = target.followers[path]
                if follower.gone:
                    follower.close()
                    del target.followers[path]
                    self.positions.forget(path)

    def _take_up(self, target: Target, path: str) -> None:
        try:
            found = os.stat(path)
        except OSError as error:
            log.warning("a file can't be read", path=path, error=error.strerror)
            return
        follower = Follower(path, encoding=target.encoding)
        known = self.positions.get(path)
        if known is not None and known.inode in (0, found.st_ino):
            follower.offset = known.offset
        elif known is not None:
            # Another file stands here now: the one that was read before may have been renamed.
            self._look_for_renamed(target, path, known.inode, known.device, known.offset)
        else:
            # A rotated file that also matches the glob has been read under its former name.
            former = self._read_before(found.st_ino, found.st_dev)
            if former is None:
                return
            follower.offset = former
        if follower.offset <= found.st_size:
            follower.inode, follower.device = found.st_ino, found.st_dev
        target.followers[path] = follower
        log.info("following", path=path, job=target.job, offset=follower.offset)

    def _read_before(self, inode: int, device: int) -> int | None:
        """How much of a file was read under another name; None while it is still being read there."""
        for follower in (f for target in self.targets for f in target.followers.values()):
            if (follower.inode, follower.device) == (inode, device) and not _stands_at(follower.path, inode):
                return None
            if follower.previous is not None and follower.previous[:2] == (inode, device):
                return follower.previous[2]
        known = self.positions.find(inode, device)
        if known is not None and not _stands_at(known[0], inode):
            return known[1].offset
        return 0

    def _look_for_renamed(self, target: Target, path: str, inode: int, device: int, offset: int) -> None:
        try:
            siblings = list(os.scandir(os.path.dirname(path) or "."))
        except OSError:
            return
        for entry in siblings:
            if entry.inode() == inode and entry.path != path and entry.is_file():
                late = Follower(
                    entry.path, offset=offset, encoding=target.encoding, inode=inode, device=device
                )
                target.late.append((late, path))
                log.info("reading a renamed file to its end", path=entry.path, former=path, offset=offset)

    def read(self) -> Iterator[tuple[Target, Batch]]:
        """One piece of every file that has news, as batches that have passed their target's stages."""
        for target in self.targets:
            for follower, former in list(target.late):
                piece = _read_piece(follower)
                if piece is None:
                    follower.close()
                    target.late.remove((follower, former))
                    continue
                yield target, self._batch(target, piece, former)
            for follower in list(target.followers.values()):
                piece = _read_piece(follower)
                if piece is not None:
                    yield target, self._batch(target, piece, follower.path)

    @staticmethod
    def _batch(target: Target, piece: Piece, name: str) -> Batch:
        count = len(piece.lines)
        labels = {**target.labels, "filename": name}
        mark = Mark(name, piece.inode, piece.device, piece.offset)
        batch = Batch(piece.lines, [time.time_ns()] * count, [labels] * count, marks=[mark])
        target.pipeline.run(batch)
        return batch

    def close(self) -> None:
        for target in self.targets:
            for follower in target.followers.values():
                follower.close()


def _stands_at(path: str, inode: int) -> bool:
    try:
        return os.stat(path).st_ino == inode
    except OSError:
        return False


def _read_piece(follower: Follower) -> Piece | None:
    try:
        return follower.read()
    except OSError as error:
        log.warning("a file can't be read", path=follower.path, error=error.strerror)
        follower.close()
        return None

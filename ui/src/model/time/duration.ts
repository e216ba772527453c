/** Durations as Prometheus writes them: `1h30m`, `15s`, `500ms`. */

const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  M: 30 * 86_400_000,
  Q: 91 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Milliseconds of `text`, or null when it is no duration. A bare number counts seconds. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim().replace(/^>/, "");
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  const parts = [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w|M|Q|y)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== trimmed) return null;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (UNIT_MS[part[2]!] ?? 0), 0);
}

const STEPS: [string, number][] = [
  ["y", UNIT_MS.y!],
  ["d", UNIT_MS.d!],
  ["h", UNIT_MS.h!],
  ["m", UNIT_MS.m!],
  ["s", UNIT_MS.s!],
  ["ms", 1],
];

/** The exact duration, largest units first: 5_400_000 -> `1h30m`. */
export function formatDuration(ms: number): string {
  if (ms <= 0) return "0s";
  let rest = Math.round(ms);
  let text = "";
  for (const [unit, size] of STEPS) {
    const count = Math.floor(rest / size);
    if (count > 0) {
      text += `${count}${unit}`;
      rest -= count * size;
    }
  }
  return text;
}

/** How long ago, for people: `12s`, `5m`, `3h 20m`, `2d 4h`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours}h ${minutes % 60}m` : `${hours}h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days}d ${hours % 24}h` : `${days}d`;
}

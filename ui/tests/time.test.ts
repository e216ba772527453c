import { describe, expect, it } from "vitest";
import { formatAge, formatDuration, parseDuration } from "../src/model/time/duration";
import { alignRange, computeStep, MAX_POINTS, roundInterval, writeInterval } from "../src/model/time/interval";
import { describeRange, parseInstant, resolveRange, shiftRange, zoomOut } from "../src/model/time/range";

const NOW = new Date(2026, 4, 15, 13, 37, 42, 500).getTime(); // a Friday
const local = (...parts: [number, number, number, number?, number?, number?]) => new Date(...parts).getTime();

describe("durations", () => {
  it.each([
    ["15s", 15_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1d", 86_400_000],
    [">5m", 300_000],
    ["10", 10_000],
    ["", null],
    ["five", null],
    ["5x", null],
  ])("%s is %s ms", (text, wanted) => expect(parseDuration(text)).toBe(wanted));

  it("reads back what it writes", () => {
    for (const ms of [1, 999, 15_000, 5_400_000, 90_061_001]) expect(parseDuration(formatDuration(ms))).toBe(ms);
  });

  it("tells ages as people do", () => expect([5e3, 300e3, 12e6, 180e6].map(formatAge)).toEqual(["5s", "5m", "3h 20m", "2d 2h"]));
});

describe("instants", () => {
  it.each([
    ["now", false, NOW],
    ["now-6h", false, NOW - 21_600_000],
    ["now/d", false, local(2026, 4, 15)],
    ["now/d", true, local(2026, 4, 16) - 1],
    ["now-1d/d", false, local(2026, 4, 14)],
    ["now/w", false, local(2026, 4, 11)],
    ["now/M", false, local(2026, 4, 1)],
    ["now-1M/M", true, local(2026, 4, 1) - 1],
    ["now/y", false, local(2026, 0, 1)],
    ["now-3M", false, new Date(2026, 1, 15, 13, 37, 42, 500).getTime()],
    ["1700000000000", false, 1_700_000_000_000],
    ["2026-05-01 10:00:00", false, local(2026, 4, 1, 10)],
    ["2026-05-01", false, local(2026, 4, 1)],
  ])("%s (end: %s)", (text, end, wanted) => expect(parseInstant(text, NOW, end)).toBe(wanted));

  it.each(["", "soon", "now-", "now-6", "now/x", "now+1"])("refuses %j", (text) => expect(parseInstant(text, NOW)).toBeNull());

  it("counts months without spilling over", () => {
    const march31 = new Date(2026, 2, 31, 12).getTime();
    expect(new Date(parseInstant("now-1M", march31)!).getMonth()).toBe(1);
  });
});

describe("ranges", () => {
  it("must end after they begin", () => {
    expect(resolveRange({ from: "now", to: "now-1h" }, NOW)).toBeNull();
    expect(resolveRange({ from: "now-1h", to: "now" }, NOW)).toMatchObject({ fromMs: NOW - 3_600_000, toMs: NOW });
  });

  it("says what they are", () => {
    expect(describeRange({ from: "now-6h", to: "now" }, NOW)).toBe("Last 6 hours");
    expect(describeRange({ from: "now-45m", to: "now" }, NOW)).toBe("Last 45 minutes");
    expect(describeRange({ from: "x", to: "now" }, NOW)).toBe("Invalid range");
  });

  it("move and widen without reaching past now", () => {
    const range = resolveRange({ from: "now-1h", to: "now" }, NOW)!;
    expect(Number(shiftRange(range, -1, NOW).to)).toBe(NOW - 1_800_000);
    expect(Number(shiftRange(range, 1, NOW).to)).toBe(NOW);
    const wide = zoomOut(range, NOW);
    expect([Number(wide.to), Number(wide.to) - Number(wide.from)]).toEqual([NOW, 7_200_000]);
  });
});

describe("steps", () => {
  it.each([
    [3, 1],
    [12_400, 10_000],
    [12_600, 15_000],
    [44_000, 30_000],
    [200_000, 120_000],
    [86_300_000, 43_200_000],
    [1e12, 31_536_000_000],
  ])("%s ms rounds to %s", (raw, wanted) => expect(roundInterval(raw)).toBe(wanted));

  it("is never below the scrape interval, and rates cover four scrapes", () => {
    const step = computeStep({ fromMs: 0, toMs: 3_600_000, maxDataPoints: 1000, scrapeInterval: "15s" });
    expect(step).toEqual({ stepMs: 15_000, rateIntervalMs: 60_000 });
  });

  it("grows with the range, and the rate interval with it", () => {
    const step = computeStep({ fromMs: 0, toMs: 7 * 86_400_000, maxDataPoints: 1000, scrapeInterval: "15s" });
    expect(step).toEqual({ stepMs: 600_000, rateIntervalMs: 615_000 });
  });

  it("lets the target's interval win over the panel's", () => {
    const asked = { fromMs: 0, toMs: 3_600_000, maxDataPoints: 1000, panelInterval: "5m", scrapeInterval: "15s" };
    expect(computeStep(asked).stepMs).toBe(300_000);
    expect(computeStep({ ...asked, targetInterval: "1m" }).stepMs).toBe(60_000);
    expect(computeStep({ ...asked, targetInterval: "$__rate_interval", panelInterval: "" }).stepMs).toBe(60_000);
  });

  it("never asks for more points than a server gives", () => {
    const year = 365 * 86_400_000;
    const { stepMs } = computeStep({ fromMs: 0, toMs: year, maxDataPoints: 1e6, scrapeInterval: "1s" });
    expect(year / stepMs).toBeLessThanOrEqual(MAX_POINTS * 1.3);
  });

  it("aligns ranges so that a refresh asks for the same points", () => {
    expect(alignRange(1_234_567, 7_654_321, 60_000)).toEqual({ fromMs: 1_200_000, toMs: 7_620_000 });
  });

  it("writes intervals in one unit", () => expect([500, 15_000, 90_000, 7_200_000].map(writeInterval)).toEqual(["500ms", "15s", "1m", "2h"]));
});

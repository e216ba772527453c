import { describe, expect, it } from "vitest";
import { lineFields } from "../src/model/logs/fields";
import { levelOf } from "../src/model/logs/level";
import { addFieldFilter, addMatcher, placeOf, selectorOf, words } from "../src/model/logs/logql";
import { matches, matcherText, silenceFor, sortSilences } from "../src/model/silences";
import { queryFor } from "../src/model/metricQuery";

describe("levels", () => {
  it.each([
    ['{"level":"WARN","msg":"x"}', "warning"],
    ["level=error msg=x", "error"],
    ["2026-01-01 10:00:00 INFO started", "info"],
    ["[DEBUG] here", "debug"],
    ["FATAL: out of memory", "critical"],
    ["an ordinary sentence", "unknown"],
    ["the information desk", "unknown"],
  ])("%s is %s", (line, wanted) => expect(levelOf(line, {})).toBe(wanted));
  it("is what a label says before what the line says", () => expect(levelOf("ERROR", { detected_level: "info" })).toBe("info"));
});

describe("fields", () => {
  it("of JSON are named as | json names them", () =>
    expect(lineFields('{"a":1,"b":{"c":"x","d":[1]}}')).toEqual({ format: "json", fields: [["a", "1"], ["b_c", "x"], ["b_d", "[1]"]] }));
  it("of logfmt keep what is quoted", () => expect(lineFields('a=1 msg="hello \\"you\\""').fields).toEqual([["a", "1"], ["msg", 'hello "you"']]));
  it("of plain lines are none", () => expect(lineFields("x = {broken").format).toBe("none"));
});

describe("LogQL", () => {
  it("is cut into words that add up", () => {
    for (const text of ['sum(rate({a="b"} |= "x" | json [5m])) > 0.5 # why', '{a=~"un', "", "héllo %"]) expect(words(text).map((word) => word.text).join("")).toBe(text);
    expect(words("rate(5m)").map((word) => word.kind)).toEqual(["function", "bracket", "duration", "bracket"]);
  });
  it.each([
    ["{", { at: "label-name", selector: "", from: 1 }],
    ["{jo", { at: "label-name", selector: "", from: 1 }],
    ['{job="', { at: "label-value", label: "job", selector: "", from: 6 }],
    ['{job="ap', { at: "label-value", label: "job", selector: "", from: 6 }],
    ['{a="b", job=~"x', { at: "label-value", label: "job", selector: '{a="b"}', from: 14 }],
    ['{a="b"} | ', { at: "stage", from: 10 }],
    ['{a="b"} | js', { at: "stage", from: 10 }],
    ["su", { at: "start", from: 0 }],
    ['{a="b"} |= "wo', { at: "none" }],
  ])("cursor after %s", (before, wanted) => expect(placeOf(before)).toEqual(wanted));
  it("gets matchers, one for each label", () => {
    expect(addMatcher("", "job", "api", "=")).toBe('{job="api"}');
    expect(addMatcher('{job="api"} |= "x"', "job", "db", "=")).toBe('{job="db"} |= "x"');
    expect(addMatcher('{job="api"}', "env", 'a"b', "!=")).toBe('{job="api", env!="a\\"b"}');
    expect(selectorOf('rate({a="}"} [5m])')).toBe('{a="}"}');
  });
  it("gets a parser with the first field filter only", () => {
    expect(addFieldFilter('{a="b"}', "json", "user.id", "7", "=")).toBe('{a="b"} | json | user_id="7"');
    expect(addFieldFilter('{a="b"} | json', "json", "s", "x", "!=")).toBe('{a="b"} | json | s!="x"');
  });
});

describe("silences", () => {
  const matcher = { name: "job", value: "a|b", isRegex: true, isEqual: true };
  it("match whole values", () => {
    expect(matches(matcher, { job: "a" })).toBe(true);
    expect(matches(matcher, { job: "ab" })).toBe(false);
    expect(matches({ ...matcher, isEqual: false }, { job: "c" })).toBe(true);
    expect(matcherText({ ...matcher, isEqual: false })).toBe('job!~"a|b"');
  });
  it("are made for exactly one alert", () => {
    const made = silenceFor({ b: "2", a: "1" }, 2, 0, "me", "why");
    expect(made.matchers.map(matcherText)).toEqual(['a="1"', 'b="2"']);
    expect([made.startsAt, made.endsAt]).toEqual(["1970-01-01T00:00:00.000Z", "1970-01-01T02:00:00.000Z"]);
  });
  it("stand with the ones that end soonest on top", () => {
    const silence = (id: string, state: "active" | "pending" | "expired", endsAt: string) => ({ id, matchers: [], startsAt: "", endsAt, updatedAt: "", createdBy: "", comment: "", status: { state } });
    expect(sortSilences([silence("x", "expired", "2"), silence("b", "active", "9"), silence("a", "active", "3"), silence("y", "expired", "5")]).map((one) => one.id)).toEqual(["a", "b", "y", "x"]);
  });
});

it("metrics are first looked at with the query that fits them", () => {
  expect(queryFor("a_bucket", "histogram")).toContain("histogram_quantile(0.95");
  expect(queryFor("a_total", undefined)).toBe("rate(a_total[$__rate_interval])");
  expect(queryFor("a_bytes", "gauge")).toBe("a_bytes");
});

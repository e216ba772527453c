import { describe, expect, it } from "vitest";
import { layoutPanels } from "../src/dashboard/layout";
import type { PanelModel } from "../src/dashboard/types";
import { ALL, type Variable } from "../src/model/variables/types";

let id = 0;
const panel = (title: string, x: number, y: number, w: number, h: number, more: Partial<PanelModel> = {}): PanelModel => ({
  id: ++id,
  type: "stat",
  title,
  gridPos: { x, y, w, h },
  fieldConfig: { defaults: {}, overrides: [] },
  options: {},
  ...more,
});
const row = (title: string, y: number, more: Partial<PanelModel> = {}) => panel(title, 0, y, 24, 1, { type: "row", panels: [], ...more });
const host: Variable = {
  model: { name: "host", type: "query", multi: true },
  options: ["a", "b", "c"].map((value) => ({ text: value, value })),
  value: [ALL],
  text: "All",
};
const scope = new Map<string, Variable | string>([["host", host]]);
const place = (panels: PanelModel[]) => panels.map((one) => [one.title, one.gridPos.x, one.gridPos.y, one.gridPos.w]);

describe("layoutPanels", () => {
  it("closes gaps and resolves overlaps", () => {
    expect(place(layoutPanels([panel("a", 0, 3, 12, 4), panel("b", 0, 4, 12, 4), panel("c", 12, 9, 12, 4)], new Map(), new Map()))).toEqual([
      ["a", 0, 0, 12],
      ["b", 0, 4, 12],
      ["c", 12, 0, 12],
    ]);
  });

  it("hides what a closed row holds, and shows it when it opens", () => {
    const folded = row("more", 4, { collapsed: true, panels: [panel("inner", 0, 5, 24, 4)] });
    const panels = [panel("top", 0, 0, 24, 4), folded, panel("other row", 0, 5, 24, 1, { type: "row", panels: [] }), panel("last", 0, 6, 24, 4)];
    expect(place(layoutPanels(panels, new Map(), new Map())).map(([title, , y]) => [title, y])).toEqual([["top", 0], ["more", 4], ["other row", 5], ["last", 6]]);
    const open = layoutPanels(panels, new Map(), new Map([[String(folded.id), false]]));
    expect(open.map((one) => [one.title, one.gridPos.y])).toEqual([["top", 0], ["more", 4], ["inner", 5], ["other row", 9], ["last", 10]]);
  });

  it("closes an open row over the panels after it", () => {
    const head = row("open", 0);
    expect(layoutPanels([head, panel("inside", 0, 1, 24, 4)], new Map(), new Map([[String(head.id), true]])).map((one) => one.title)).toEqual(["open"]);
  });

  it("repeats a panel across, and pushes down what is below", () => {
    const placed = layoutPanels([panel("p", 0, 0, 24, 4, { repeat: "host", maxPerRow: 2 }), panel("below", 0, 4, 24, 4)], scope, new Map());
    expect(place(placed)).toEqual([["p", 0, 0, 12], ["p", 12, 0, 12], ["p", 0, 4, 12], ["below", 0, 8, 24]]);
    expect(placed.slice(0, 3).map((one) => one.scopedVars)).toEqual([{ host: "a" }, { host: "b" }, { host: "c" }]);
  });

  it("repeats a row with its panels, each copy with a key of its own", () => {
    const placed = layoutPanels([row("of $host", 0, { repeat: "host" }), panel("p", 0, 1, 24, 4)], scope, new Map());
    expect(placed.map((one) => [one.title, one.gridPos.y, one.scopedVars?.host])).toEqual([
      ["of $host", 0, "a"], ["p", 1, "a"], ["of $host", 5, "b"], ["p", 6, "b"], ["of $host", 10, "c"], ["p", 11, "c"],
    ]);
    expect(new Set(placed.map((one) => one.key)).size).toBe(6);
  });

  it("shows nothing of a panel that repeats over nothing", () => {
    expect(layoutPanels([panel("p", 0, 0, 24, 4, { repeat: "none" })], scope, new Map())).toEqual([]);
  });
});

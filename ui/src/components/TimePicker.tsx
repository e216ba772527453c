/** The range: quick ones, typed ones, earlier, later, wider; and how often to ask again. */

import { useState } from "preact/hooks";
import {
  absolute,
  describeRange,
  formatInstant,
  QUICK_RANGES,
  REFRESH_INTERVALS,
  resolveRange,
  shiftRange,
  zoomOut,
  type RawRange,
  type TimeRange,
} from "../model/time/range";
import { Icon } from "./Icon";
import { Menu, Popover } from "./Popover";

interface Props {
  range: TimeRange;
  onChange: (raw: RawRange) => void;
}

export function TimePicker({ range, onChange }: Props) {
  const now = Date.now();
  return (
    <div class="button-group">
      <button type="button" class="button is-icon" title="Earlier" aria-label="Earlier" onClick={() => onChange(shiftRange(range, -1, now))}>
        <Icon name="left" />
      </button>
      <Popover
        class="button time-button"
        align="right"
        title="Time range"
        label={
          <>
            <Icon name="clock" />
            <span>{describeRange(range.raw, now)}</span>
          </>
        }
      >
        {(close) => (
          <RangeForm
            range={range}
            onChange={(raw) => {
              onChange(raw);
              close();
            }}
          />
        )}
      </Popover>
      <button type="button" class="button is-icon" title="Later" aria-label="Later" onClick={() => onChange(shiftRange(range, 1, now))}>
        <Icon name="right" />
      </button>
      <button type="button" class="button is-icon" title="Zoom out (z)" aria-label="Zoom out" onClick={() => onChange(zoomOut(range, now))}>
        <Icon name="zoomOut" />
      </button>
    </div>
  );
}

function shownInstant(raw: string, ms: number): string {
  return raw.startsWith("now") ? raw : formatInstant(ms);
}

function RangeForm({ range, onChange }: Props) {
  const [from, setFrom] = useState(shownInstant(range.raw.from, range.fromMs));
  const [to, setTo] = useState(shownInstant(range.raw.to, range.toMs));
  const meant = resolveRange({ from, to }, Date.now());
  const apply = (event: Event) => {
    event.preventDefault();
    if (!meant) return;
    const keep = from.startsWith("now") || to.startsWith("now");
    onChange(keep ? { from: rawInstant(from, meant.fromMs), to: rawInstant(to, meant.toMs) } : absolute(meant.fromMs, meant.toMs));
  };
  return (
    <div class="range-form">
      <form onSubmit={apply}>
        <label>
          From
          <input value={from} onInput={(event) => setFrom(event.currentTarget.value)} spellcheck={false} autofocus />
        </label>
        <label>
          To
          <input value={to} onInput={(event) => setTo(event.currentTarget.value)} spellcheck={false} />
        </label>
        <button type="submit" class="button is-primary" disabled={!meant}>
          Apply
        </button>
        <p class="hint" role="status">
          {meant ? `${formatInstant(meant.fromMs)} to ${formatInstant(meant.toMs)}` : "Write now-6h, now/d or 2026-05-01 13:00:00; the end must be later."}
        </p>
        <p class="hint">{Intl.DateTimeFormat().resolvedOptions().timeZone}</p>
      </form>
      <Menu label="Quick ranges">
        {QUICK_RANGES.map((quick) => (
          <button
            type="button"
            role="menuitem"
            key={quick.label}
            aria-current={quick.from === range.raw.from && quick.to === range.raw.to ? "true" : undefined}
            onClick={() => onChange({ from: quick.from, to: quick.to })}
          >
            {quick.label}
          </button>
        ))}
      </Menu>
    </div>
  );
}

function rawInstant(text: string, ms: number): string {
  return text.startsWith("now") ? text : String(ms);
}

export function RefreshPicker({ value, onChange, onRefresh, busy }: { value: string; onChange: (value: string) => void; onRefresh: () => void; busy?: boolean }) {
  return (
    <div class="button-group">
      <button type="button" class={busy ? "button is-icon is-busy" : "button is-icon"} title="Refresh now (r)" aria-label="Refresh now" onClick={onRefresh}>
        <Icon name="refresh" />
      </button>
      <Popover
        class="button"
        align="right"
        title="Refresh every"
        label={
          <>
            <span>{value || "Off"}</span>
            <Icon name="down" size={12} />
          </>
        }
      >
        {(close) => (
          <Menu label="Refresh every">
            {REFRESH_INTERVALS.map((interval) => (
              <button
                type="button"
                role="menuitem"
                key={interval}
                aria-current={interval === value ? "true" : undefined}
                onClick={() => {
                  onChange(interval);
                  close();
                }}
              >
                {interval ? `Every ${interval}` : "Off"}
              </button>
            ))}
          </Menu>
        )}
      </Popover>
    </div>
  );
}

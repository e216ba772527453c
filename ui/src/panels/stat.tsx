/** One big number for each series, with a sparkline beneath. */

import { namedColor, parseHex } from "../model/field/colors";
import { show, shownText, type Shown } from "../model/field/display";
import { singleValues, type ReduceOptions, type SingleValue } from "../model/field/single";
import { NoData } from "../components/States";
import { theme } from "../theme";
import { Sparkline } from "./Sparkline";
import { fitFont, tileGrid } from "./tiles";
import type { PanelProps } from "./types";

interface StatOptions {
  reduceOptions?: ReduceOptions;
  orientation?: string;
  textMode?: "auto" | "value" | "value_and_name" | "name" | "none";
  colorMode?: "none" | "value" | "background" | "background_solid";
  graphMode?: "none" | "area";
  justifyMode?: "auto" | "center";
  text?: { valueSize?: number; titleSize?: number };
}

export function StatPanel({ panel, data, width, height }: PanelProps) {
  const options = panel.options as StatOptions;
  const values = singleValues(data.frames, options.reduceOptions);
  if (values.length === 0) return <NoData text={panel.fieldConfig.defaults.noValue} />;
  const { columns, rows } = tileGrid(values.length, width, height, options.orientation === "auto" ? undefined : options.orientation);
  const gap = 4;
  const tile = { width: (width - gap * (columns - 1)) / columns, height: (height - gap * (rows - 1)) / rows };
  return (
    <div class="tiles" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, gap: `${gap}px` }}>
      {values.map((value) => (
        <Tile key={value.index} value={value} options={options} many={values.length > 1} {...tile} />
      ))}
    </div>
  );
}

interface TileProps {
  value: SingleValue;
  options: StatOptions;
  many: boolean;
  width: number;
  height: number;
}

function Tile({ value, options, many, width, height }: TileProps) {
  const shown = show(value.value, value.config, theme.value, value.index, value.name);
  const mode = options.colorMode ?? "value";
  const background = mode.startsWith("background") && shown.color !== "transparent";
  const textMode = options.textMode ?? "auto";
  const withName = textMode === "name" || textMode === "value_and_name" || (textMode === "auto" && many);
  const withValue = textMode !== "name" && textMode !== "none";
  const color = background ? readable(shown.color) : mode === "value" ? shown.color : "var(--text)";
  const graph = options.graphMode === "area" && value.history.length > 1 && height > 60;
  const nameSize = Math.min(options.text?.titleSize ?? 14, Math.max(11, height * 0.2));
  const room = height - (withName ? nameSize * 1.6 : 0) - (graph ? height * 0.28 : 0);
  const text = shownText(shown);
  const size = options.text?.valueSize ?? fitFont(text, width - 20, room, 64);
  const centre = options.justifyMode === "center" || !graph;
  return (
    <div
      class={centre ? "tile is-centred" : "tile"}
      style={{ height: `${height}px`, color, background: background ? shown.color : undefined }}
      title={value.name ? `${value.name}: ${text}` : text}
    >
      {withName && (
        <div class="tile-name" style={{ fontSize: `${nameSize}px`, color: background ? color : "var(--text-2)" }}>
          {value.name}
        </div>
      )}
      {withValue && <Value shown={shown} size={size} />}
      {graph && <Sparkline values={value.history} color={background ? color : shown.color} width={Math.floor(width)} height={Math.floor(height * 0.3)} />}
    </div>
  );
}

function Value({ shown, size }: { shown: Shown; size: number }) {
  return (
    <div class="tile-value" style={{ fontSize: `${size}px` }}>
      {shown.prefix}
      {shown.text}
      <span style={{ fontSize: "0.62em" }}>{shown.suffix}</span>
    </div>
  );
}

/** Black or white, whichever can be read on `color`. */
export function readable(color: string): string {
  const hex = color.startsWith("#") ? color : namedColor("green", theme.value);
  const [r, g, b] = parseHex(hex);
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255 > 0.6 ? "#16191f" : "#ffffff";
}

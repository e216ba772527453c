import { displayName } from "./names";
import { frameLength, type Frame } from "./types";

/** A frame as CSV, times in ISO 8601. */
export function frameCsv(frame: Frame): string {
  const quote = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
  const lines = [frame.fields.map((field) => quote(displayName(field, frame))).join(",")];
  for (let row = 0; row < frameLength(frame); row++) {
    lines.push(
      frame.fields
        .map((field) => {
          const value = field.values[row];
          if (value === null || value === undefined) return "";
          if (field.type === "time" && typeof value === "number") return new Date(value).toISOString();
          return quote(typeof value === "object" ? JSON.stringify(value) : String(value));
        })
        .join(","),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The few icons of the application: 16 by 16, drawn with the text's colour. */

const PATHS = {
  home: "M2.5 7.2 8 2.5l5.5 4.7V13a.8.8 0 0 1-.8.8H9.8V9.6H6.2v4.2H3.3a.8.8 0 0 1-.8-.8Z",
  dashboards: "M2.5 2.5h4.6v6H2.5zM8.9 2.5h4.6v3.4H8.9zM8.9 7.7h4.6v5.8H8.9zM2.5 10.3h4.6v3.2H2.5z",
  explore: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM10.8 5.2 9.2 9.2l-4 1.6 1.6-4z",
  alerts: "M8 2.2a3.9 3.9 0 0 0-3.9 3.9c0 3.4-1.4 4.5-1.4 5.3h10.6c0-.8-1.4-1.9-1.4-5.3A3.9 3.9 0 0 0 8 2.2ZM6.6 13.4a1.5 1.5 0 0 0 2.8 0",
  targets: "M8 13.8A5.8 5.8 0 1 0 8 2.2a5.8 5.8 0 0 0 0 11.6ZM8 10.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2Z",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6",
  refresh: "M13.4 8A5.4 5.4 0 1 1 11.6 4M13.6 2v3.2h-3.2",
  zoomOut: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14M4.8 7h4.4",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14",
  down: "m4 6.2 4 4 4-4",
  right: "m6.2 4 4 4-4 4",
  left: "m9.8 4-4 4 4 4",
  more: "M8 4.1V4M8 8.05v-.1M8 12v-.1",
  close: "m4 4 8 8M12 4l-8 8",
  check: "m3.5 8.4 3 3 6-6.6",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6ZM8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M12.5 3.5l-.8.8M4.3 11.7l-.8.8",
  moon: "M13.4 9.4A5.6 5.6 0 0 1 6.6 2.6a5.6 5.6 0 1 0 6.8 6.8Z",
  system: "M2.2 3h11.6v7.6H2.2zM5.6 13.4h4.8M8 10.6v2.8",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.4v3.4M8 5.1V5",
  warning: "M8 2.4 14.4 13.4H1.6zM8 6.6v3.2M8 11.7v-.1",
  error: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8v3.8M8 11.1V11",
  play: "M4.6 3v10l8-5z",
  pause: "M5 3v10M11 3v10",
  mute: "M2.4 6.2v3.6h2.4L8 12.4V3.6L4.8 6.2zM10.4 6.4l3.2 3.2M13.6 6.4l-3.2 3.2",
  external: "M9.2 2.6h4.2v4.2M13.2 2.8 7.4 8.6M6.4 3.6H3.2v9.2h9.2V9.6",
  copy: "M5.6 5.6h7.6v7.6H5.6zM10.4 5.4V2.8H2.8v7.6h2.6",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  keyboard: "M1.8 4h12.4v8H1.8zM4.2 6.6v-.1M6.7 6.6v-.1M9.2 6.6v-.1M11.7 6.6v-.1M5 9.4h6",
  operators: "M5.6 2.6h4.8v3H5.6zM2.2 10.4H7v3H2.2zM9 10.4h4.8v3H9zM8 5.6v2.2M4.6 10.4V7.8h6.8v2.6",
  filter: "M2.4 3.4h11.2L9.4 8.4v4.4l-2.8-1.4v-3z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

import { useEffect, useRef } from "preact/hooks";

/** Single keys, while nobody is typing. A key may follow a `g` ("g h"). */
export function useHotkeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    let lead = "";
    let leadAt = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target)) {
        // Escape leaves the field, so that keys work without the mouse.
        if (event.key === "Escape" && !event.defaultPrevented) (event.target as HTMLElement).blur();
        return;
      }
      const key = lead && event.timeStamp - leadAt < 1200 ? `${lead} ${event.key}` : event.key;
      lead = event.key === "g" ? "g" : "";
      leadAt = event.timeStamp;
      const run = latest.current[key];
      if (!run) return;
      event.preventDefault();
      lead = "";
      run();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);
}

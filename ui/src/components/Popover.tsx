/** Something that opens beneath a button, and closes on Escape, on a click elsewhere, and when focus leaves. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

interface Props {
  label: ComponentChildren;
  title?: string;
  class?: string;
  align?: "left" | "right";
  children: (close: () => void) => ComponentChildren;
}

export function Popover({ label, title, class: className = "button", align = "left", children }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      }
    };
    document.addEventListener("pointerdown", outside);
    root.current?.addEventListener("keydown", key);
    const element = root.current;
    return () => {
      document.removeEventListener("pointerdown", outside);
      element?.removeEventListener("keydown", key);
    };
  }, [open]);

  return (
    <div class="popover" ref={root}>
      <button type="button" ref={button} class={className} title={title} aria-label={title} aria-haspopup="true" aria-expanded={open} onClick={() => setOpen(!open)}>
        {label}
      </button>
      {open && <div class={`popover-box is-${align}`}>{children(close)}</div>}
    </div>
  );
}

/** Arrow keys walk through the buttons and links of a menu. */
export function Menu({ children, label }: { children: ComponentChildren; label?: string }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector<HTMLElement>("[aria-current], button, a")?.focus();
  }, []);
  const walk = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const items = [...(list.current?.querySelectorAll<HTMLElement>("button, a") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length]?.focus();
  };
  return (
    <div class="menu" role="menu" aria-label={label} ref={list} onKeyDown={walk}>
      {children}
    </div>
  );
}

/** Light, dark, or whatever the system says. */

import { computed, effect, signal } from "@preact/signals";
import type { Theme } from "./model/field/colors";

export type ThemeChoice = "system" | "light" | "dark";

const KEY = "vedette.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});

function stored(): ThemeChoice {
  const asked = new URLSearchParams(location.search).get("theme");
  const value = asked ?? localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

export const themeChoice = signal<ThemeChoice>(stored());

export const theme = computed<Theme>(() =>
  themeChoice.value === "system" ? (systemDark.value ? "dark" : "light") : themeChoice.value,
);

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  localStorage.setItem(KEY, choice);
}

effect(() => {
  document.documentElement.style.colorScheme = theme.value;
  document.documentElement.dataset.theme = theme.value;
});

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/** The value of a colour token as the browser resolves it, for what is drawn on a canvas. */
export function colorToken(name: string): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

/** The text of a token that is no colour. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

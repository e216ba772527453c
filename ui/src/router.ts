/** Addresses: the path decides the page, the query holds its state. */

import { computed, signal } from "@preact/signals";

const current = signal(location.pathname + location.search);

export const path = computed(() => current.value.split("?")[0]!);
export const params = computed(() => new URLSearchParams(current.value.split("?")[1] ?? ""));

export function navigate(url: string, options: { replace?: boolean } = {}): void {
  if (url === current.peek()) return;
  if (options.replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  const samePath = url.split("?")[0] === path.peek();
  current.value = url;
  if (!samePath) scrollTo(0, 0);
}

export type ParamChanges = Record<string, string | string[] | null | undefined>;

/** The present address with some parameters changed; null or "" takes one away. */
export function withParams(changes: ParamChanges): string {
  const next = new URLSearchParams(params.peek());
  for (const [key, value] of Object.entries(changes)) {
    next.delete(key);
    if (Array.isArray(value)) for (const one of value) next.append(key, one);
    else if (value) next.set(key, value);
  }
  const text = next.toString();
  return text ? `${path.peek()}?${text}` : path.peek();
}

export function setParams(changes: ParamChanges, options: { replace?: boolean } = {}): void {
  navigate(withParams(changes), options);
}

/** Ordinary links stay ordinary links; a plain click on one of ours does not reload the page. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    current.value = location.pathname + location.search;
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/assets/")) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

/** Nothing here, something wrong, not there yet: each says what to do. */

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

export function Empty({ icon = "info", title, children }: { icon?: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <Icon name={icon} size={22} />
      <div class="state-title">{title}</div>
      {children && <div class="state-text">{children}</div>}
    </div>
  );
}

/** A panel’s query was answered with nothing. Small panels say so in one word. */
export function NoData({ text }: { text?: string }) {
  return (
    <div class="state is-nothing">
      <div class="state-title">{text || "No data"}</div>
      {!text && <div class="state-text">Nothing matches in this range.</div>}
    </div>
  );
}

export function Failure({ title, message, onRetry }: { title: string; message: string; onRetry?: () => void }) {
  return (
    <div class="state is-error" role="alert">
      <Icon name="error" size={22} />
      <div class="state-title">{title}</div>
      <div class="state-text state-message">{message}</div>
      {onRetry && (
        <button type="button" class="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <div class="state is-loading" role="status">
      <div class="spinner" />
      <div class="state-text">{label}…</div>
    </div>
  );
}

/** The Alertmanager API v2, through the proxy. */

import type { Labels } from "../model/frames/prometheus";
import { ask } from "./http";
import { proxy } from "./vedette";

export interface ActiveAlert {
  fingerprint: string;
  labels: Labels;
  annotations: Labels;
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  generatorURL?: string;
  receivers: { name: string }[];
  status: { state: "active" | "suppressed" | "unprocessed"; silencedBy: string[]; inhibitedBy: string[] };
}

export interface Matcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual: boolean;
}

export interface Silence {
  id: string;
  matchers: Matcher[];
  startsAt: string;
  endsAt: string;
  updatedAt: string;
  createdBy: string;
  comment: string;
  status: { state: "active" | "pending" | "expired" };
}

export type NewSilence = Pick<Silence, "matchers" | "startsAt" | "endsAt" | "createdBy" | "comment">;

export const alerts = (uid: string, signal?: AbortSignal) => ask<ActiveAlert[]>(proxy(uid, "/api/v2/alerts"), { signal });

export const silences = (uid: string, signal?: AbortSignal) => ask<Silence[]>(proxy(uid, "/api/v2/silences"), { signal });

export const createSilence = (uid: string, silence: NewSilence) =>
  ask<{ silenceID: string }>(proxy(uid, "/api/v2/silences"), { body: silence });

export const expireSilence = (uid: string, id: string) =>
  ask<undefined>(proxy(uid, `/api/v2/silence/${encodeURIComponent(id)}`), { method: "DELETE" });

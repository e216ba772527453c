/** This role's own API: dashboards, data sources, status. */

import type { DashboardModel } from "../dashboard/types";
import { ask } from "./http";

export interface SearchHit {
  uid: string;
  title: string;
  url: string;
  tags: string[];
  folderTitle?: string;
}

export interface DashboardAnswer {
  dashboard: DashboardModel;
  meta: { url: string; slug: string; folderTitle: string; provisioned: boolean; provisionedExternalId: string; notes: string[] };
}

export interface DataSourceInfo {
  uid: string;
  name: string;
  type: string;
  isDefault: boolean;
  jsonData: { timeInterval?: string; maxLines?: number | string };
}

export interface RoleStatus {
  name: string;
  title: string;
  address: string;
  state: "ready" | "starting" | "down";
  version: string;
  latency_ms: number;
  message: string;
}

export interface TargetSummary {
  up?: number;
  down?: number;
  unknown?: number;
  total?: number;
  failing?: { pool: string; instance: string; error: string }[];
  error?: string;
}

export interface Status {
  version: string;
  roles: RoleStatus[];
  targets: TargetSummary;
  dashboards: { total: number; problems: { path: string; message: string }[] };
}

export const search = (signal?: AbortSignal) => ask<SearchHit[]>("/api/search", { params: { type: "dash-db" }, signal });

export const dashboard = (uid: string, signal?: AbortSignal) =>
  ask<DashboardAnswer>(`/api/dashboards/uid/${encodeURIComponent(uid)}`, { signal });

export const status = (signal?: AbortSignal) => ask<Status>("/api/vedette/status", { signal });

let sources: Promise<DataSourceInfo[]> | null = null;

/** The data sources; asked once, again after a failure. */
export function dataSources(): Promise<DataSourceInfo[]> {
  sources ??= ask<DataSourceInfo[]>("/api/datasources").catch((error: unknown) => {
    sources = null;
    throw error;
  });
  return sources;
}

/** The source of a kind: the default one, else the first. */
export async function sourceOf(type: string): Promise<DataSourceInfo | undefined> {
  const all = (await dataSources()).filter((source) => source.type === type);
  return all.find((source) => source.isDefault) ?? all[0];
}

export const proxy = (uid: string, path: string) => `/api/datasources/proxy/uid/${encodeURIComponent(uid)}${path}`;

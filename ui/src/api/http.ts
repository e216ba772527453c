/** One way to ask a server: JSON in and out, and failures that carry the server's own words. */

export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The kind of error where the server names one: `bad_data`, `timeout`. */
    readonly kind = "",
  ) {
    super(message);
    this.name = "ApiFailure";
  }
}

export interface Ask {
  method?: "GET" | "POST" | "DELETE";
  params?: URLSearchParams | Record<string, string | number | undefined>;
  /** Sent as a form, which is how the originals take long queries. */
  form?: URLSearchParams;
  body?: unknown;
  signal?: AbortSignal;
}

export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const url = path + queryString(options.params);
  const init: RequestInit = { method: options.method ?? "GET", signal: options.signal };
  if (options.form) {
    init.method = "POST";
    init.body = options.form;
  } else if (options.body !== undefined) {
    init.method = options.method ?? "POST";
    init.body = JSON.stringify(options.body);
    init.headers = { "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiFailure(0, "Vedette cannot be reached. Is it still running?");
  }
  const text = await response.text();
  if (!response.ok) throw failure(response.status, text);
  if (!text) return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiFailure(response.status, "The answer is not JSON.");
  }
}

function queryString(params: Ask["params"]): string {
  if (!params) return "";
  const search =
    params instanceof URLSearchParams
      ? params
      : new URLSearchParams(
          Object.entries(params).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
        );
  const text = search.toString();
  return text ? `?${text}` : "";
}

/** The servers speak four dialects: `{message}`, `{status, errorType, error}`, a JSON string, plain text. */
function failure(status: number, text: string): ApiFailure {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "string") return new ApiFailure(status, body);
    if (body && typeof body === "object") {
      const { message, error, errorType } = body as Record<string, unknown>;
      const said = typeof error === "string" ? error : message;
      if (typeof said === "string") return new ApiFailure(status, said, typeof errorType === "string" ? errorType : "");
    }
  } catch {
    // Not JSON: the text is the message.
  }
  return new ApiFailure(status, text.trim().slice(0, 600) || `The server answered ${status}.`);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Markdown, HTML or code written by whoever made the dashboard; sanitised always. */

import DOMPurify from "dompurify";
import { marked } from "marked";
import { useMemo } from "preact/hooks";
import { interpolate } from "../model/variables/interpolate";
import type { PanelProps } from "./types";

export default function TextPanel({ panel, scope, height }: PanelProps) {
  const { mode = "markdown", content = "" } = panel.options as { mode?: string; content?: string };
  const text = interpolate(content, scope, "text");
  const html = useMemo(() => (mode === "code" ? "" : clean(mode === "html" ? text : markdown(text))), [mode, text]);
  if (mode === "code")
    return (
      <pre class="code" style={{ height: `${height}px` }}>
        {text}
      </pre>
    );
  return <div class="prose" style={{ height: `${height}px` }} dangerouslySetInnerHTML={{ __html: html }} />;
}

function markdown(text: string): string {
  return marked.parse(text, { async: false, gfm: true });
}

function clean(html: string): string {
  return DOMPurify.sanitize(html, { USE_PROFILES: { html: true, svg: true }, FORBID_TAGS: ["style", "form"], ADD_ATTR: ["target"] });
}

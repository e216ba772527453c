/** The query box: a plain field until the editor has arrived, so that typing can begin at once. */

import { useEffect, useState } from "preact/hooks";
import type { ComponentType } from "preact";
import type { Extension } from "@codemirror/state";
import type { CodeEditorProps } from "../editor/CodeEditor";

interface Props {
  kind: "metrics" | "logs";
  uid: string;
  value: string;
  range: () => { fromMs: number; toMs: number };
  onChange: (value: string) => void;
  onRun: () => void;
  autofocus?: boolean;
}

const TEXT = {
  metrics: { placeholder: "PromQL, such as sum by (job) (rate(http_requests_total[5m]))", label: "PromQL query" },
  logs: { placeholder: 'LogQL, such as {job="api"} |= "error" | json', label: "LogQL query" },
};

interface Loaded {
  Editor: ComponentType<CodeEditorProps>;
  language: Extension;
}

async function load(kind: Props["kind"], uid: string, range: Props["range"]): Promise<Loaded> {
  const { default: Editor } = await import("../editor/CodeEditor");
  const language = kind === "metrics" ? (await import("../editor/promql")).promql(uid) : (await import("../editor/logql")).logql(uid, range);
  return { Editor, language };
}

export function QueryEditor({ kind, uid, value, range, onChange, onRun, autofocus }: Props) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const { placeholder, label } = TEXT[kind];
  useEffect(() => {
    let gone = false;
    void load(kind, uid, range).then((found) => {
      if (!gone) setLoaded(found);
    });
    return () => {
      gone = true;
    };
  }, [kind, uid]);
  if (loaded) return <loaded.Editor value={value} language={loaded.language} placeholder={placeholder} label={label} onChange={onChange} onRun={onRun} autofocus={autofocus} />;
  return (
    <input
      class="code-editor is-plain is-code"
      value={value}
      placeholder={placeholder}
      aria-label={label}
      spellcheck={false}
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") onRun();
      }}
    />
  );
}

/** A one-line-and-more editor for queries. Enter with Shift runs; the language brings colours and completion. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "preact/hooks";

export interface CodeEditorProps {
  value: string;
  language: Extension;
  placeholder: string;
  label: string;
  onChange: (value: string) => void;
  onRun: () => void;
  autofocus?: boolean;
}

const COLORS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.function(tags.variableName), tags.standard(tags.variableName)], color: "var(--code-keyword)" },
  { tag: [tags.variableName, tags.name], color: "var(--code-name)" },
  { tag: [tags.labelName, tags.propertyName], color: "var(--code-label)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.unit], color: "var(--code-number)" },
  { tag: [tags.operator, tags.punctuation, tags.paren, tags.brace, tags.squareBracket, tags.separator], color: "var(--code-operator)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--text-3)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", maxHeight: "40vh", overflow: "auto" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--text-3)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 26%, transparent)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important", outline: "1px solid color-mix(in srgb, var(--accent) 40%, transparent)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--border-strong)", borderRadius: "6px", boxShadow: "var(--shadow)", color: "var(--text)", zIndex: "50" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "12px", maxHeight: "260px", maxWidth: "640px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "var(--text-3)", fontStyle: "normal", marginLeft: "12px" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit", opacity: "0.8" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-completionInfo": { fontFamily: "var(--font)", fontSize: "12px", maxWidth: "360px", padding: "8px 10px" },
  ".cm-diagnostic": { fontFamily: "var(--mono)", fontSize: "12px", whiteSpace: "pre-wrap" },
});

export default function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  // Texts that this editor has told and that have not come back as `value` yet: the page lags behind fast typing.
  const emitted = useRef<string[]>([]);
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const run = () => {
      latest.current.onRun();
      return true;
    };
    const made = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: props.value,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: "Shift-Enter", run },
              { key: "Mod-Enter", run },
              { key: "Enter", run: (editor) => (editor.state.doc.lines > 1 ? insertNewlineAndIndent(editor) : false) },
            ]),
          ),
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({ icons: false }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, { key: "Enter", run }, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
          syntaxHighlighting(COLORS),
          LOOK,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": props.label, spellcheck: "false" }),
          placeholderText(props.placeholder),
          language.current.of(props.language),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const text = update.state.doc.toString();
            emitted.current.push(text);
            latest.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = made;
    if (props.autofocus) made.focus();
    return () => made.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(props.language) });
  }, [props.language]);

  useEffect(() => {
    const editor = view.current;
    const echo = emitted.current.lastIndexOf(props.value);
    if (echo >= 0) {
      emitted.current.splice(0, echo + 1);
      return;
    }
    if (editor && editor.state.doc.toString() !== props.value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  return <div class="code-editor" ref={host} />;
}

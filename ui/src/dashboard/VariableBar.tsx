/** The dashboard's variables, each as the control that fits it. */

import { useMemo, useState } from "preact/hooks";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { ALL, type Variable } from "../model/variables/types";

interface Props {
  variables: readonly Variable[];
  onChange: (name: string, values: string[]) => void;
}

export function VariableBar({ variables, onChange }: Props) {
  const shown = variables.filter((variable) => variable.model.hide !== 2 && variable.model.type !== "constant" && variable.model.type !== "adhoc");
  if (shown.length === 0) return null;
  return (
    <div class="variables">
      {shown.map((variable) => (
        <div class="variable" key={variable.model.name}>
          {variable.model.hide !== 1 && <span class="variable-name">{variable.model.label || variable.model.name}</span>}
          {variable.model.type === "textbox" ? (
            <TextVariable variable={variable} onChange={onChange} />
          ) : (
            <ChoiceVariable variable={variable} onChange={onChange} />
          )}
          {variable.error && (
            <span class="panel-hint is-error" title={variable.error} tabIndex={0}>
              <Icon name="error" size={14} />
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

type Control = { variable: Variable; onChange: Props["onChange"] };

function TextVariable({ variable, onChange }: Control) {
  return (
    <input
      class="input"
      aria-label={variable.model.label || variable.model.name}
      defaultValue={variable.value[0] ?? ""}
      onChange={(event) => onChange(variable.model.name, [event.currentTarget.value])}
    />
  );
}

const MOST = 400;

function ChoiceVariable({ variable, onChange }: Control) {
  const { model } = variable;
  return (
    <Popover
      title={model.label || model.name}
      class="button variable-button"
      label={
        <>
          <span class="variable-text">{variable.text || "None"}</span>
          <Icon name="down" size={12} />
        </>
      }
    >
      {(close) => <Choices variable={variable} onChange={onChange} close={close} />}
    </Popover>
  );
}

function Choices({ variable, onChange, close }: Control & { close: () => void }) {
  const { model, options } = variable;
  const [filter, setFilter] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set(variable.value));
  const listed = useMemo(() => {
    const all = model.includeAll ? [{ text: "All", value: ALL }, ...options] : options;
    return all.filter((option) => option.text.toLowerCase().includes(filter.toLowerCase()));
  }, [options, filter]);
  const choose = (value: string) => {
    if (!model.multi) {
      onChange(model.name, [value]);
      close();
      return;
    }
    const next = new Set(value === ALL ? [] : picked);
    next.delete(ALL);
    if (value === ALL) next.add(ALL);
    else if (!next.delete(value)) next.add(value);
    setPicked(next);
  };
  const apply = () => {
    onChange(model.name, picked.size ? [...picked] : model.includeAll ? [ALL] : options.slice(0, 1).map((option) => option.value));
    close();
  };
  return (
    <div class="choices">
      <input
        class="input"
        placeholder="Filter"
        aria-label="Filter values"
        autofocus
        value={filter}
        onInput={(event) => setFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          if (model.multi && !filter) apply();
          else if (listed[0]) choose(listed[0].value);
        }}
      />
      <div class="choices-list" role="listbox" aria-multiselectable={model.multi}>
        {listed.slice(0, MOST).map((option) => (
          <button
            type="button"
            role="option"
            key={option.value}
            aria-selected={picked.has(option.value)}
            class={picked.has(option.value) ? "choice is-on" : "choice"}
            onClick={() => choose(option.value)}
          >
            {model.multi && <span class="checkbox">{picked.has(option.value) && <Icon name="check" size={12} />}</span>}
            {option.text}
          </button>
        ))}
        {listed.length === 0 && <p class="hint">Nothing matches.</p>}
        {listed.length > MOST && <p class="hint">{listed.length - MOST} more: type to narrow them down.</p>}
      </div>
      {model.multi && (
        <button type="button" class="button is-primary" onClick={apply}>
          Apply
        </button>
      )}
    </div>
  );
}

/** Two clicks: open, choose how long. Who and why can be said, and need not. */

import { useState } from "preact/hooks";
import { createSilence } from "../api/alertmanager";
import { messageOf } from "../api/http";
import { Icon } from "../components/Icon";
import { Popover } from "../components/Popover";
import { silenceFor, SILENCE_TIMES } from "../model/silences";

const WHO = "vedette.silence.author";

interface Props {
  labels: Readonly<Record<string, string>>;
  uid: string;
  onDone: () => void;
}

export function SilenceButton({ labels, uid, onDone }: Props) {
  return (
    <Popover
      class="button is-small"
      align="right"
      label={
        <>
          <Icon name="mute" size={14} /> Silence
        </>
      }
    >
      {(close) => (
        <SilenceForm
          labels={labels}
          uid={uid}
          onDone={() => {
            close();
            onDone();
          }}
        />
      )}
    </Popover>
  );
}

function SilenceForm({ labels, uid, onDone }: Props) {
  const [author, setAuthor] = useState(localStorage.getItem(WHO) ?? "");
  const [comment, setComment] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const silence = async (hours: number) => {
    setBusy(true);
    setError(null);
    localStorage.setItem(WHO, author);
    try {
      await createSilence(uid, silenceFor(labels, hours, Date.now(), author || "vedette", comment || `Silenced from the Alerts page: ${labels.alertname ?? ""}`));
      onDone();
    } catch (problem) {
      setError(messageOf(problem));
      setBusy(false);
    }
  };
  return (
    <div class="silence-form">
      <p class="hint">Exactly this alert stays quiet for</p>
      <div class="toolbar">
        {SILENCE_TIMES.map((time) => (
          <button type="button" class="button is-small" key={time.hours} disabled={busy} onClick={() => void silence(time.hours)}>
            {time.label}
          </button>
        ))}
      </div>
      <input class="input" placeholder="Your name (optional)" aria-label="Your name" value={author} onInput={(event) => setAuthor(event.currentTarget.value)} />
      <input class="input" placeholder="Why (optional)" aria-label="Why" value={comment} onInput={(event) => setComment(event.currentTarget.value)} />
      {error && <p class="error-text">{error}</p>}
    </div>
  );
}

/** Silences: what stays quiet, until when, because of whom; each can be ended. */

import { useState } from "preact/hooks";
import { expireSilence, type ActiveAlert, type Silence } from "../api/alertmanager";
import { messageOf } from "../api/http";
import { Empty } from "../components/States";
import { matches, matcherText, sortSilences } from "../model/silences";
import { formatAge } from "../model/time/duration";

interface Props {
  silences: readonly Silence[];
  alerts: readonly ActiveAlert[];
  uid: string;
  onChange: () => void;
}

const LEVEL = { active: "is-ok", pending: "is-warn", expired: "is-idle" } as const;

export function Silences({ silences, alerts, uid, onChange }: Props) {
  const [error, setError] = useState<string | null>(null);
  const [past, setPast] = useState(false);
  const sorted = sortSilences(silences);
  const shown = past ? sorted : sorted.filter((silence) => silence.status.state !== "expired");
  const expired = sorted.length - sorted.filter((silence) => silence.status.state !== "expired").length;
  const expire = async (id: string) => {
    setError(null);
    try {
      await expireSilence(uid, id);
      onChange();
    } catch (problem) {
      setError(messageOf(problem));
    }
  };
  return (
    <>
      {error && <div class="note is-error">{error}</div>}
      {shown.length === 0 ? (
        <Empty icon="mute" title="Nothing is silenced">
          Silence an alert from the Active alerts tab, or with <code>amtool silence add</code>.
        </Empty>
      ) : (
        <section class="card">
          {shown.map((silence) => (
            <div class="alert-row" key={silence.id}>
              <div class="alert-main">
                <div class="list-line">
                  <span class={`pill ${LEVEL[silence.status.state]}`}>{silence.status.state}</span>
                  <span class="strong">{silence.comment}</span>
                </div>
                <div class="chips">
                  {silence.matchers.map((matcher) => (
                    <span class="chip" key={matcherText(matcher)}>
                      {matcherText(matcher)}
                    </span>
                  ))}
                </div>
              </div>
              <div class="alert-side">
                <span class="muted" title={new Date(silence.endsAt).toLocaleString()}>
                  {silence.status.state === "expired" ? `ended ${formatAge(Date.now() - Date.parse(silence.endsAt))} ago` : `ends in ${formatAge(Date.parse(silence.endsAt) - Date.now())}`}
                </span>
                <span class="muted">
                  by {silence.createdBy} · {alerts.filter((alert) => silence.matchers.every((matcher) => matches(matcher, alert.labels))).length} alerts
                </span>
                {silence.status.state !== "expired" && (
                  <button type="button" class="button is-small is-danger" onClick={() => void expire(silence.id)}>
                    Expire
                  </button>
                )}
              </div>
            </div>
          ))}
        </section>
      )}
      {expired > 0 && (
        <button type="button" class="link" onClick={() => setPast(!past)}>
          {past ? "Hide expired silences" : `Show ${expired} expired`}
        </button>
      )}
    </>
  );
}

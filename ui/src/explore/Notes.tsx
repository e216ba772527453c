/** What a server says about a query: refusals, warnings and infos, with the place in the query that they mean. */

import { Icon } from "../components/Icon";
import { placeOf, wordsOf } from "../model/promqlPlace";

type Kind = "error" | "warning" | "info";

export function Note({ kind, text, query }: { kind: Kind; text: string; query: string }) {
  const place = placeOf(text, query);
  return (
    <div class={`note is-${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon name={kind} />
      <div>
        <div class={place ? undefined : "is-code"}>{place ? wordsOf(text) : text}</div>
        {place && (
          <pre class="note-place">
            {place.before}
            <mark>{place.at || " "}</mark>
            {place.after}
          </pre>
        )}
      </div>
    </div>
  );
}

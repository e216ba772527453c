/** Labels and annotations, as alerts carry them. */

type Labels = Readonly<Record<string, string>>;

export function LabelChips({ labels }: { labels: Labels }) {
  return (
    <div class="chips">
      {Object.entries(labels)
        .filter(([name]) => name !== "__name__")
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => (
          <span class="chip" key={name}>
            <span>{name}</span>={value}
          </span>
        ))}
    </div>
  );
}

export function Annotations({ annotations, skip = [] }: { annotations: Labels; skip?: readonly string[] }) {
  const shown = Object.entries(annotations).filter(([name]) => !skip.includes(name));
  if (shown.length === 0) return null;
  return (
    <dl class="annotations">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name.replace(/_/g, " ")}</dt>
          <dd>
            {/^https?:\/\//.test(value) ? (
              <a class="link" href={value} target="_blank" rel="noreferrer">
                {value}
              </a>
            ) : (
              value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

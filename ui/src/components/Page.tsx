/** A page's frame: title, what belongs to the title, tools on the right. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

interface Props {
  title: string;
  lead?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, lead, tools, children }: Props) {
  useEffect(() => {
    document.title = title ? `${title} · Vedette` : "Vedette";
  }, [title]);
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {lead}
          <h1>{title}</h1>
        </div>
        {tools && <div class="page-tools">{tools}</div>}
      </header>
      <div class="page-body">{children}</div>
    </>
  );
}

/** A component that is fetched when it is first shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { messageOf } from "../api/http";
import { Failure, Loading } from "./States";

export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [Inner, setInner] = useState<ComponentType<P> | null>(() => loaded);
    const [error, setError] = useState<string | null>(null);
    useEffect(() => {
      if (Inner) return;
      let gone = false;
      load().then(
        (module) => {
          loaded = module.default;
          if (!gone) setInner(() => module.default);
        },
        (reason: unknown) => {
          if (!gone) setError(messageOf(reason));
        },
      );
      return () => {
        gone = true;
      };
    }, []);
    if (error) return <Failure title="This part could not be loaded" message={error} onRetry={() => location.reload()} />;
    return Inner ? <Inner {...props} /> : <Loading />;
  };
}

/** A tab once its code is there. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { said } from "./shared/errors";
import type { TabInfo } from "./tabs";

export function Opened({ tab }: { tab: TabInfo }) {
  const [Content, setContent] = useState<ComponentType>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    tab.load().then(
      (loaded) => setContent(() => loaded.default),
      (problem) => setError(said(problem)),
    );
  }, [tab]);
  if (error !== undefined) {
    return (
      <article role="alert">
        <p>This part of the page could not be loaded: {error}</p>
        <p>A newer version of the page may have taken the place of this one.</p>
        <button type="button" onClick={() => location.reload()}>
          Load the page anew
        </button>
      </article>
    );
  }
  return Content ? <Content /> : <p aria-busy="true">Loading …</p>;
}

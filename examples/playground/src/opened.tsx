/** A tab once its code is there. */
import type { ComponentType } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { said } from "./shared/errors";
import { forgetAll } from "./shared/store";
import type { TabInfo } from "./tabs";

export function Opened({ tab }: { tab: TabInfo }) {
  const [Content, setContent] = useState<ComponentType>();
  const [error, setError] = useState<string>();
  const [broken] = useErrorBoundary();
  useEffect(() => {
    tab.load().then(
      (loaded) => setContent(() => loaded.default),
      (problem) => setError(said(problem)),
    );
  }, [tab]);
  if (broken !== undefined) {
    const anew = () => forgetAll().then(() => location.reload());
    return (
      <article role="alert">
        <p>This part of the page cannot be shown: {said(broken)}</p>
        <p>What it kept from an earlier visit may be damaged, or of another version.</p>
        <button type="button" onClick={() => location.reload()}>
          Try again
        </button>
        <button type="button" class="secondary" onClick={anew}>
          Forget all that this page has kept
        </button>
      </article>
    );
  }
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

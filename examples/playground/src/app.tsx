/** The frame: a heading, the tabs, and the one that is open. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Opened } from "./opened";
import { supported } from "./shared/support";
import { TABS } from "./tabs";

function idInAddress(): string {
  const id = location.hash.slice(1);
  return TABS.some((tab) => tab.id === id) ? id : (TABS[0]?.id ?? "");
}

export function App() {
  const [id, setId] = useState(idInAddress);
  useLayoutEffect(() => {
    const follow = () => setId(idInAddress());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const tab = TABS.find((each) => each.id === id);
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => current.current?.scrollIntoView({ block: "nearest", inline: "center" }), [id]);
  useEffect(() => {
    document.title = `${tab?.title} · wasm-rnn`;
  }, [tab]);
  return (
    <>
      <header class="container page-head">
        <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
          Skip to the content
        </button>
        <h1>
          wasm-rnn <small>recurrent networks that learn in this page</small>
        </h1>
        <nav aria-label="What to see">
          <ul>
            {TABS.map((each) => (
              <li key={each.id}>
                <a href={`#${each.id}`} ref={each.id === id ? current : undefined} aria-current={each.id === id ? "page" : undefined}>
                  {each.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main class="container" id="main" tabIndex={-1}>
        {tab && <p class="about">{tab.about}</p>}
        {supported ? (
          tab && <Opened key={tab.id} tab={tab} />
        ) : (
          <article role="alert">
            This browser has no SIMD in WebAssembly, which the networks here are computed with. Chrome and Edge from 91, Firefox from 89 and
            Safari from 16.4 have it.
          </article>
        )}
      </main>
      <footer class="container">
        <small>
          Everything is computed here: no text, sound or table leaves this page, and it works without a network once it is loaded.
        </small>
      </footer>
    </>
  );
}

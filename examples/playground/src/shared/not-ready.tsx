/** What is said while a trained model is not there, or never will be. */
import type { ComponentChildren } from "preact";
import type { Trained } from "./use-trained";

interface NotReadyProps {
  readonly trained: Exclude<Trained<never>, { state: "ready" }>;
  /** What it is: "the translator". */
  readonly what: string;
  /** Why it may be missing. */
  readonly missing: string;
  /** How it is had. */
  readonly children: ComponentChildren;
}

export function NotReady({ trained, what, missing, children }: NotReadyProps) {
  if (trained.state === "loading") return <p aria-busy="true">Loading {what} …</p>;
  if (trained.state === "failed")
    return (
      <article role="alert">
        {capital(what)} could not be loaded: {trained.why}
      </article>
    );
  return (
    <article role="alert">
      <p>
        {trained.state === "missing"
          ? `${capital(what)} is not here yet: ${missing}`
          : `The file of ${what} is there, but it is not one that this page can read: it may be damaged, or of another version.`}
      </p>
      {children}
    </article>
  );
}

/** As it is said of a model that an example trains. */
export const UNTRAINED = "it has to be trained once, in a copy of the project.";

/** @param props.example the one that trains it */
export function Training({ example }: { example: string }) {
  return (
    <ol>
      <li>
        <code>npm run example {example}</code> trains it,
      </li>
      <li>
        <code>npm run examples:models</code> makes its file half as large,
      </li>
      <li>
        <code>npm run playground</code> opens this page with it.
      </li>
    </ol>
  );
}

function capital(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}

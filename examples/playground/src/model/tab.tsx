/** The tab: a file of a network or of weights, what is in it, and what it does. */
import { Facts } from "./facts";
import { Inputs } from "./inputs";
import { NetworkGraph } from "./network-graph";
import { Outputs } from "./outputs";
import { Parameters } from "./parameters";
import { Source } from "./source";
import "./style.css";
import { useModel } from "./use-model";

export default function Tab() {
  const model = useModel();
  const { shown, busy, choice, outcome } = model;
  const isReading = busy === "reading";
  const { opened } = shown ?? {};
  const { network } = opened ?? {};
  return (
    <>
      <Source model={model} />
      {shown && opened && !isReading && (
        <>
          <Facts opened={opened} />
          {network && choice && opened.faults?.length === 0 && (
            <article>
              <h2>Run it</h2>
              <Inputs network={network} choice={choice} model={model} />
              {model.fault !== undefined && <p role="alert">It could not be run. {model.fault}</p>}
              {outcome && <Outputs outcome={outcome} />}
            </article>
          )}
          {network && <NetworkGraph key={opened.name} network={network} shown={shown} />}
          <Parameters opened={opened} />
        </>
      )}
    </>
  );
}

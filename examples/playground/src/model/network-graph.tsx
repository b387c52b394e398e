/** The network drawn, what is known of the node that is pointed to, and all nodes as a table. */
import { useEffect, useState } from "preact/hooks";
import { said } from "../shared/errors";
import type { Drawing } from "./drawing";
import { NodeDetail, NodeTable } from "./node-table";
import type { Network } from "./opened";
import { Picture } from "./picture";
import type { Shown } from "./use-model";
import { counted } from "./words";

/** Nodes that are drawn at first, and that come at a time. */
const [FIRST, MORE] = [60, 120];

export function NetworkGraph({ network, shown: { thread, drawn, opened } }: { network: Network; shown: Shown }) {
  const [most, setMost] = useState(FIRST);
  const [drawing, setDrawing] = useState<Drawing>();
  const [problem, setProblem] = useState<string>();
  const [chosen, setChosen] = useState<number>();
  useEffect(() => {
    let isOver = false;
    thread
      .do((api) => api.draw(most))
      .then((next) => !isOver && setDrawing(next))
      .catch((error) => !isOver && setProblem(said(error)));
    return () => {
      isOver = true;
    };
  }, [thread, most, drawn]);
  const runs = opened.faults?.length === 0;
  const node = chosen === undefined ? undefined : network.nodes[chosen];
  const left = drawing ? drawing.of - drawing.shown : 0;
  return (
    <article>
      <h2>Its graph</h2>
      <p>From top to bottom, {shapesText(drawn > 0, runs)}. Point to a node, or touch it, for the rest.</p>
      {problem !== undefined && <p role="alert">It could not be drawn. {problem}</p>}
      {drawing ? (
        <Picture drawing={drawing} chosen={chosen} onChoose={setChosen} />
      ) : (
        problem === undefined && <p aria-busy="true">Drawing …</p>
      )}
      {left > 0 && drawing && (
        <p class="row">
          <span>
            The first {drawing.shown} of {counted(drawing.of, "node")} are drawn.
          </span>
          <button type="button" class="secondary outline" onClick={() => setMost(most + MORE)}>
            Draw {Math.min(MORE, left)} more
          </button>
        </p>
      )}
      {drawing && drawing.leftOut > 0 && (
        <p>
          {counted(drawing.leftOut, "line")} that would pass by very many nodes, or be among too many, are left out: the table has them.
        </p>
      )}
      {node && <NodeDetail node={node} network={network} />}
      <details>
        <summary>All nodes as a table</summary>
        <NodeTable network={network} />
      </details>
    </article>
  );
}

function shapesText(hasRun: boolean, runs: boolean): string {
  if (hasRun) return "with the shapes of the last run";
  return runs ? "with the shapes that the file says; a run tells all of them" : "with the shapes that the file says";
}

/** Nodes in words. */
import type { GraphNode, Network } from "./opened";
import { shapeText, short } from "./words";

/** Rows: a page of more would be slow. */
const MOST = 400;

function valueText(name: string, { shapes, constants }: Network): string {
  if (name === "") return "—";
  const shape = shapes.get(name);
  return `${short(name, 60)}${shape ? ` ${shapeText(shape)}` : ""}${constants.has(name) ? " (of the file)" : ""}`;
}

export function NodeDetail({ node, network }: { node: GraphNode; network: Network }) {
  const { op, name, outputs, attributes, fault } = node;
  return (
    <dl class="model-facts model-detail">
      <div>
        <dt>operator</dt>
        <dd>
          {short(op)}
          {name && `, ${short(name)}`}
        </dd>
      </div>
      <div>
        <dt>reads</dt>
        <dd>
          {[...node.inputs, ...node.captured]
            .slice(0, 20)
            .map((each) => valueText(each, network))
            .join(" · ") || "nothing"}
        </dd>
      </div>
      <div>
        <dt>gives</dt>
        <dd>
          {outputs
            .slice(0, 20)
            .map((each) => valueText(each, network))
            .join(" · ")}
        </dd>
      </div>
      {Object.keys(attributes).length > 0 && (
        <div>
          <dt>attributes</dt>
          <dd>{attributesText(attributes)}</dd>
        </div>
      )}
      {fault !== undefined && (
        <div>
          <dt>does not run</dt>
          <dd>{short(fault, 200)}</dd>
        </div>
      )}
    </dl>
  );
}

function attributesText(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${short(name)} ${short(value)}`)
    .join(" · ");
}

export function NodeTable({ network }: { network: Network }) {
  const { nodes } = network;
  return (
    <>
      {nodes.length > MOST && (
        <p>
          The first {MOST} of {nodes.length}.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="model-scroll" tabIndex={0} aria-label="All nodes, a table">
        <table>
          <thead>
            <tr>
              <th scope="col">operator</th>
              <th scope="col">name</th>
              <th scope="col">reads</th>
              <th scope="col">gives</th>
              <th scope="col">attributes</th>
              <th scope="col">runs here</th>
            </tr>
          </thead>
          <tbody>
            {nodes.slice(0, MOST).map((node, i) => (
              <tr key={i}>
                <th scope="row">{short(node.op)}</th>
                <td>{short(node.name)}</td>
                <td>
                  {[...node.inputs, ...node.captured]
                    .slice(0, 12)
                    .map((each) => valueText(each, network))
                    .join(" · ")}
                </td>
                <td>
                  {node.outputs
                    .slice(0, 12)
                    .map((each) => valueText(each, network))
                    .join(" · ")}
                </td>
                <td>{attributesText(node.attributes)}</td>
                <td>{node.fault === undefined ? "yes" : `no: ${short(node.fault, 200)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** Places the nodes of a network: each below those that it reads. */
import { Graph, layout } from "@dagrejs/dagre";
import type { GraphNode, Network, Shape } from "./opened";
import { shapeText, short } from "./words";

export interface Box {
  readonly kind: "input" | "output" | "node";
  /** Of a node: its place in the network. */
  readonly index: number;
  readonly title: string;
  readonly name: string;
  readonly shape: string;
  readonly fault: boolean;
  /** The middle. */
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  /** From box to box, each the corners of a line. */
  readonly lines: readonly (readonly (readonly [number, number])[])[];
  /** Nodes that are drawn, of how many: constants are not. */
  readonly shown: number;
  readonly of: number;
  /** Lines that would be too many, or too long. */
  readonly leftOut: number;
}

export const BOX = { width: 176, height: 62 };

type Unplaced = Omit<Box, "x" | "y">;

/** Boxes that a line may pass by where very many are placed: each is a corner of it. */
const FAR = 40;
const MANY = 100;
/** Boxes that are placed at once: more take very long, and where each reads the one before, calls within calls that a browser does not bear. */
const PART = 200;
/** Lines for each box: placing more takes long, and nobody could follow them. */
const MOST_LINES = 4;

/** @param most nodes that are drawn, the first ones @param shapes what is known of values by now */
export function drawn(network: Network, shapes: ReadonlyMap<string, Shape>, most: number): Drawing {
  const all = network.nodes.flatMap((node, index) => (node.op === "Constant" ? [] : [{ node, index }]));
  const nodes = all.slice(0, most);
  const boxes: Unplaced[] = [];
  const giver = new Map<string, number>();
  const put = (box: Unplaced, gives: readonly string[]) => {
    boxes.push(box);
    for (const name of gives) if (name !== "") giver.set(name, boxes.length - 1); // "" is of one that is left out
  };
  const shapeOf = (name: string | undefined) => {
    const shape = name === undefined ? undefined : shapes.get(name);
    return shape ? short(shapeText(shape), 24) : "";
  };
  const port = (kind: "input" | "output", { name, type }: { name: string; type: string }): Unplaced => ({
    ...{ kind, index: -1, title: short(name, 20), name: type, shape: shapeOf(name), fault: false },
  });
  for (const input of network.inputs.slice(0, most)) put(port("input", input), [input.name]);
  const lines: [number, number][] = [];
  for (const { node, index } of nodes) {
    const to = boxes.length;
    for (const name of new Set([...node.inputs, ...node.captured])) {
      const from = giver.get(name);
      if (from !== undefined) lines.push([from, to]);
    }
    put(boxOf(node, index, shapeOf(node.outputs[0])), node.outputs);
  }
  for (const output of network.outputs.slice(0, most)) {
    const from = giver.get(output.name);
    if (from === undefined) continue;
    lines.push([from, boxes.length]);
    boxes.push(port("output", output));
  }
  const near = boxes.length > MANY ? lines.filter(([from, to]) => to - from <= FAR) : lines;
  const followed = near.slice(0, MOST_LINES * boxes.length);
  return { ...placed(boxes, followed), shown: nodes.length, of: all.length, leftOut: lines.length - followed.length };
}

function boxOf({ op, name, outputs, fault }: GraphNode, index: number, shape: string): Unplaced {
  const own = (name || outputs[0] || "").replace(/^.*\/(?=.)/, "");
  return { kind: "node", index, title: short(op, 20), name: short(own, 24), shape, fault: fault !== undefined };
}

interface Placed {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: Drawing["lines"];
}

type Line = readonly [from: number, to: number];

/** Part below part, each in the middle; a line from one to another goes straight. */
function placed(boxes: readonly Unplaced[], lines: readonly Line[]): Placed {
  const partOf = (box: number) => Math.floor(box / PART);
  const isWithin = ([from, to]: Line) => partOf(from) === partOf(to);
  const parts = Array.from({ length: Math.ceil(boxes.length / PART) }, (_, part) => {
    const begin = part * PART;
    const own = lines.filter((line) => isWithin(line) && partOf(line[0]) === part);
    return laidOut(
      boxes.slice(begin, begin + PART),
      own.map(([from, to]) => [from - begin, to - begin]),
    );
  });
  const width = Math.max(0, ...parts.map((part) => part.width));
  let height = 0;
  const moved = parts.map((part) => {
    const [right, down] = [(width - part.width) / 2, height];
    height += part.height;
    return {
      boxes: part.boxes.map((box) => ({ ...box, x: box.x + right, y: box.y + down })),
      lines: part.lines.map((points) => points.map(([x, y]) => [x + right, y + down] as const)),
    };
  });
  const all = moved.flatMap((part) => part.boxes);
  const between = lines
    .filter((line) => !isWithin(line))
    .map((line) => {
      const [from, to] = line.map((box) => all[box] as Box) as [Box, Box];
      return [[from.x, from.y + BOX.height / 2] as const, [to.x, to.y - BOX.height / 2] as const];
    });
  return { width, height, boxes: all, lines: [...moved.flatMap((part) => part.lines), ...between] };
}

function laidOut(boxes: readonly Unplaced[], lines: readonly Line[]): Placed {
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 26, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const i of boxes.keys()) graph.setNode(String(i), { ...BOX });
  for (const [from, to] of lines) graph.setEdge(String(from), String(to));
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    ...{ width, height },
    boxes: boxes.map((box, i) => {
      const { x = 0, y = 0 } = graph.node(String(i)) as { x?: number; y?: number };
      return { ...box, x, y };
    }),
    lines: graph.edges().map((edge) => {
      const { points = [] } = graph.edge(edge) as { points?: { x: number; y: number }[] };
      return points.map(({ x, y }) => [x, y] as const);
    }),
  };
}

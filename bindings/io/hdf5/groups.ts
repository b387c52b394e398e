/**
 * Links of an HDF5 group: name to address.
 * Source: The HDF Group, "HDF5 File Format Specification Version 3.0", III.A and IV.A.2.
 */
import type { Cursor } from "./cursor.js";
import { MESSAGE, type Message } from "./messages.js";

/** Entries of 40 bytes in a leaf. */
const ENTRY = 40;
/** Of an entry that is a soft link. */
const SOFT = 2;

/** Addresses by name; soft links are left out. @throws {FormatError} */
export function readLinks(cursor: Cursor, messages: readonly Message[]): Map<string, number> {
  const links = new Map<string, number>();
  for (const { type, at } of messages) {
    if (type === MESSAGE.symbolTable) fromSymbolTable(cursor, cursor.u64(at), cursor.u64(at + 8), links);
    if (type === MESSAGE.link) fromLink(cursor, at, links);
    if (type === MESSAGE.linkInfo) refuseDense(cursor, at);
  }
  return links;
}

/** Many links of a file written with libver="latest", or track_order, lie in a heap of their own. */
function refuseDense(cursor: Cursor, at: number): void {
  const heap = cursor.address(at + 2 + (cursor.u8(at + 1) & 1 ? 8 : 0));
  if (heap !== undefined) cursor.fail("expected groups as Keras writes them, got one with dense links (libver='latest')");
}

function fromLink(cursor: Cursor, at: number, links: Map<string, number>): void {
  const flags = cursor.u8(at + 1);
  let next = at + 2;
  const isHard = (flags & 8) === 0 || cursor.u8(next++) === 0;
  next += (flags & 4 ? 8 : 0) + (flags & 0x10 ? 1 : 0);
  const width = 1 << (flags & 3);
  const length = cursor.sized(next, width);
  const name = cursor.text(next + width, length);
  if (isHard) links.set(name, cursor.u64(next + width + length));
}

function fromSymbolTable(cursor: Cursor, tree: number, heap: number, links: Map<string, number>): void {
  cursor.expect(heap, "HEAP");
  const [size, names] = [cursor.u64(heap + 8), cursor.u64(heap + 24)];
  cursor.within(names, size);
  for (const leaf of leavesOf(cursor, tree)) {
    cursor.expect(leaf, "SNOD");
    const count = cursor.u16(leaf + 6);
    cursor.spend(count);
    for (let i = 0; i < count; i++) {
      const entry = leaf + 8 + ENTRY * i;
      const [offset, address, cache] = [cursor.u64(entry), cursor.u64(entry + 8), cursor.u32(entry + 16)];
      if (cache !== SOFT) links.set(cursor.zeroTerminated(names + offset, size - offset), address);
    }
  }
}

/** Addresses of the leaves of a B-tree of version 1, level by level. */
function leavesOf(cursor: Cursor, root: number): number[] {
  let nodes = [root];
  for (let level = cursor.u8(root + 5); ; level--) {
    const children = nodes.flatMap((node) => {
      cursor.expect(node, "TREE");
      const [type, own, count] = [cursor.u8(node + 4), cursor.u8(node + 5), cursor.u16(node + 6)];
      if (type !== 0 || own !== level) cursor.fail(`expected a node of level ${level} of a group at ${node}, got level ${own}`);
      cursor.spend(1 + count);
      return Array.from({ length: count }, (_, i) => cursor.u64(node + 24 + 8 + 16 * i));
    });
    if (level === 0) return children;
    nodes = children;
  }
}

/** Numbers as tables of several countries write them. */
import { expect, it } from "vitest";
import { tableOf } from "../../examples/playground/src/signals/csv";

const read = (text: string) => [...(tableOf("a table", text).columns.find(({ kind }) => kind === "number")?.values ?? [])];

it.each([
  ["thousands in a tab file", "v\tw\n998\tx\n999\tx\n1,000\tx\n12,345\tx\n", [998, 999, 1000, 12345]],
  ["decimal commas", "v;w\n1,5;x\n2,25;x\n900,25;x\n", [1.5, 2.25, 900.25]],
  ["three decimals", "v;w\n1,250;x\n2,375;x\n0,125;x\n", [1.25, 2.375, 0.125]],
  [
    "French and Swiss thousands",
    "v;w\n1\u00a0234,50;x\n1\u202f234\u202f567,5;x\n-900,25;x\n1’234,5;x\n",
    [1234.5, 1234567.5, -900.25, 1234.5],
  ],
  ["the minus of books", "v;w\n\u22121234.5;x\n\u22120.25;x\n7;x\n", [-1234.5, -0.25, 7]],
  ["German thousands", "v;w\n1.234,50;x\n900,25;x\n1.234.567,5;x\n", [1234.5, 900.25, 1234567.5]],
  ["English thousands, quoted", 'v,w\n"1,234.5",x\n"1,234,567",x\n12,x\n', [1234.5, 1234567, 12]],
  ["Excel's first line", "sep=;\nv;w\n1,5;x\n2,5;x\n", [1.5, 2.5]],
])("%s", (_, text, numbers) => {
  expect(read(text)).toEqual(numbers);
});

/** Numbers in print. */

/** Three decimals, with a true minus. */
export function decimal(value: number): string {
  return value
    .toFixed(3)
    .replace("-", "−")
    .replace(/^−(0\.0+)$/, "$1");
}

/** Two digits and a power of ten. */
export function power(value: number): string {
  if (value === 0) return "0";
  const [digits, exponent] = value.toExponential(1).split("e") as [string, string];
  return Math.abs(Number(exponent)) < 2 ? value.toPrecision(2) : `${digits} · 10${raised(Number(exponent))}`;
}

/** A whole number as an exponent. */
export function raised(exponent: number): string {
  return String(exponent).replace(/./g, (sign) => (sign === "-" ? "⁻" : ("⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)] as string)));
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

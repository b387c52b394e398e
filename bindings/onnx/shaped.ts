/** What has a shape: a constant, or a value. */
export interface Shaped {
  readonly shape: readonly number[];
}

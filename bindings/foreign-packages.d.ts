/** The parts that are used of packages without types. */
declare module "asciichart" {
  const asciichart: { plot(series: readonly number[], options: { height: number; format(value: number): string }): string };
  export default asciichart;
}

declare module "cli-progress" {
  class MultiBar {
    constructor(options: object);
    create(total: number, start: number, payload: object): { update(payload: object): void };
    log(text: string): void;
    update(): void;
    stop(): void;
  }
  const cliProgress: { MultiBar: typeof MultiBar };
  export default cliProgress;
}

/** The parts that are used of packages without types. */
declare module "asciichart" {
  interface Options {
    height: number;
    min?: number;
    max?: number;
    offset?: number;
    colors?: readonly string[] | undefined;
    symbols?: readonly string[];
    format(value: number): string;
  }
  const asciichart: {
    plot(series: readonly number[] | readonly (readonly number[])[], options: Options): string;
    red: string;
    green: string;
    blue: string;
  };
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

/** The part that is used of a package without types. */
declare module "sentiment" {
  export default class Sentiment {
    analyze(text: string): { readonly score: number };
  }
}

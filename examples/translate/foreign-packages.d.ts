/** The part that is used of a package without types. */
declare module "gettext-parser" {
  export const mo: {
    compile(table: { readonly charset: string; readonly translations: object }): Uint8Array;
    parse(bytes: Uint8Array): {
      /** By context, by the English text. */
      readonly translations: Readonly<
        Record<string, Readonly<Record<string, { readonly msgid: string; readonly msgstr: readonly string[] }>>>
      >;
    };
  };
}

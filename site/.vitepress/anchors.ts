/** The anchor of a heading as GitHub makes it: the links in the documents are written for it, and VitePress would make others of a slash, an accent or a digit. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/ /g, "-");

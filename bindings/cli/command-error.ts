/** A mistake at the keyboard: told in one line. */
export class CommandError extends Error {}

/** A mistake of the person at the keyboard: shown as one line, without a stack trace. */
export class UserError extends Error {}

/** A failure that is explained to the person at the keyboard: one sentence with the cure, no stack trace. */
export class Failure extends Error {}

/** Why the server cannot start, as one line for the operator: what is wrong and what to do. Ends the process with code 1. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StartError'
  }
}

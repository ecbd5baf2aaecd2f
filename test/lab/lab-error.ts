/** What keeps the lab from running, and the way out. */
export class LabError extends Error {
  override readonly name = 'LabError';

  constructor(
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(hint === undefined ? message : `${message}\n  ${hint}`, options);
  }
}

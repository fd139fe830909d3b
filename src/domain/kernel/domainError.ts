/** A refusal, with a stable code. HTTP's status for it is http's business (src/http/problems.ts has the one table). */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: string;
  /** Shown to the caller: facts that help (conflicting lessons, suggestions, both readings of a wall time). Never personal data or secrets. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

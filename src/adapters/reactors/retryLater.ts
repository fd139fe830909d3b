/**
 * Thrown by a task: run me again in `delayMs`, exactly (a vendor's Retry-After, a daily limit's reset). Uses up no attempt:
 * being told to wait is not failing.
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly delayMs: number;
  constructor(delayMs: number, reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.delayMs = Math.max(0, delayMs);
  }
}

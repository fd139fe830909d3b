/**
 * `notSent`: the request never left (breaker open, no connection, refused address): nothing happened.
 * `unknownOutcome`: it left, and what became of it is not known. `tooLarge`: answered, but with more than is taken.
 * The message names vendor and route, never a body, a token or a person.
 */
export type VendorHttpErrorCode = 'notSent' | 'unknownOutcome' | 'tooLarge';

export class VendorHttpError extends Error {
  override readonly name = 'VendorHttpError';
  readonly code: VendorHttpErrorCode;
  constructor(code: VendorHttpErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

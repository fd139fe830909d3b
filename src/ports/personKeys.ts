/**
 * One data key per subject (a person, or an account that bears a person's address). Fields that the schemas mark
 * as personal are encrypted with it. Destroying the key is how a person is forgotten: the log stays, and its events still fold.
 */
export type PersonKeys = {
  /** The keys (32 bytes) that exist; a subject that is missing in the answer was never known or is forgotten. */
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  /** The subject's key, made and stored durably if there was none. @throws SubjectForgotten */
  obtain(subject: string): Promise<Buffer>;
};

export class SubjectForgotten extends Error {
  override readonly name = 'SubjectForgotten';
}

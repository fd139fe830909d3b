/**
 * Why one entry of a file does not become lessons. Thrown while one event is read, caught per event: its neighbours go in.
 * `message` is shown to whoever imports.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: RefusalReason;
  readonly line: number | undefined;
  constructor(reason: RefusalReason, message: string, line?: number) {
    super(message);
    this.reason = reason;
    this.line = line;
  }
}

export type RefusalReason =
  | 'allDay' | 'badDate' | 'badLength' | 'badLine' | 'badRule' | 'badValue' | 'damagedText' | 'duplicate' | 'noStart' | 'noTitle' | 'noUid' | 'longTitle'
  | 'longUid' | 'tooManyOccurrences' | 'tooMuchWork' | 'truncated' | 'unknownZone' | 'unsupported';

/** How much work a file may still cause, in steps of about ten nanoseconds to a microsecond. Counted, never timed: a refusal is the same on every machine. */
export type Budget = { left: number };

export const spend = (budget: Budget, steps: number): void => {
  budget.left -= steps;
  if (budget.left < 0) throw new Refusal('tooMuchWork', 'its rule takes more steps to work out than a timetable needs');
};

/** Faults that a test switches on, each for a number of times or until it is switched off. */
export type Faults = {
  /** The next so many appends are refused at the door: "Server Is Not Ready". */
  refuseAsNotReady(times: number): void;
  /** The next so many appends are judged and committed, and never answered. */
  loseAnswers(times: number): void;
  /** Live subscriptions hear nothing any more, and are not told. */
  silenceSubscriptions(silent: boolean): void;
  areSubscriptionsSilent(): boolean;
  takeNotReady(): boolean;
  takeLostAnswer(): boolean;
};

export function createFaults(): Faults {
  let notReady = 0;
  let lost = 0;
  let silent = false;
  return {
    silenceSubscriptions: (on) => (silent = on),
    areSubscriptionsSilent: () => silent,
    refuseAsNotReady: (times) => (notReady = times),
    loseAnswers: (times) => (lost = times),
    takeNotReady: () => notReady > 0 && notReady-- > 0,
    takeLostAnswer: () => lost > 0 && lost-- > 0,
  };
}

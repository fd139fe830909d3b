/** The school's clock. Everything the school decides uses it; tokens, tickets and signatures keep real time. */
export type Clock = {
  now(): Date;
};

export const systemClock: Clock = { now: () => new Date() };

import type { z } from 'zod';

/** Data as an older version wrote it → data as the next version has it. Key n lifts version n to n + 1. */
export type Upcasters = Readonly<Record<number, (data: Record<string, unknown>) => Record<string, unknown>>>;

export type EventType<Schema extends z.ZodType = z.ZodType> = {
  /** Of the newest version, which is the one that is written. From 1. */
  version: number;
  schema: Schema;
  upcast?: Upcasters;
  /**
   * Top-level string fields that hold personal data → the field of the same event that names whose they are.
   * The codec encrypts them with that subject's key. A field that is absent or '' stays as it is.
   */
  personal?: Readonly<Record<string, string>>;
};

export type EventTypes = Readonly<Record<string, EventType>>;

export const eventType = <Schema extends z.ZodType>(
  schema: Schema,
  more: { version?: number; upcast?: Upcasters; personal?: Partial<Record<keyof z.output<Schema> & string, keyof z.output<Schema> & string>> } = {},
): EventType<Schema> => ({
  version: more.version ?? 1,
  schema,
  ...(more.upcast ? { upcast: more.upcast } : {}),
  ...(more.personal ? { personal: more.personal as Record<string, string> } : {}),
});

/** The union `{ type, data }` of a set of event types. */
export type EventOf<Types extends EventTypes> = {
  [Name in keyof Types & string]: { type: Name; data: z.output<Types[Name]['schema']> };
}[keyof Types & string];

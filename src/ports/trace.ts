/** Never a name, an address, a secret or free text: what is traced leaves the house. Undefined ones are left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** What is going on, told to whoever collects traces. Nobody does unless asked to: then there is no Trace, and nothing is wrapped. */
export type Trace = {
  /**
   * Runs `work` as a span within the one that is going on, and marks it failed when `work` throws. `work` may add what it learns.
   * @param from headers of a caller whose trace this continues; `traceId` (32 hex digits) is the trace's when there is none
   */
  run<T>(name: string, attributes: SpanAttributes, work: (more: (attributes: SpanAttributes) => void) => Promise<T>, from?: { headers: Readonly<Record<string, unknown>>; traceId: string }): Promise<T>;
  /** A call to somebody else that has just ended. Duration in milliseconds. */
  called(name: string, attributes: SpanAttributes, durationMs: number, failed: boolean): void;
};

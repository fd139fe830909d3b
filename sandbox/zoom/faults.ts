import { randomUUID } from 'node:crypto';

/**
 * How the sandbox misbehaves on request. A fault holds until its `count` is used up (default: until it is deleted), strikes
 * with its `probability` (default 1), and only requests that its `method` and `path` (a regular expression) match.
 *
 *  rateLimited    429; `retryAfter` names the header's form, `seconds` its value, `limit` whether it is the second's or the day's
 *  status         answers `status` (500 to 599, or any other) and does nothing
 *  statusAfter    the same, after the effect
 *  timeoutBefore  takes the request, does nothing, never answers         timeoutAfter  does it, never answers
 *  dropBefore     cuts the connection before doing anything              dropAfter     does it, cuts the connection
 *  slowBytes      answers one byte every `everyMs` (default 1,000)
 *  expiredToken   401 code 124, whatever the token
 *  On webhooks (`path` is matched against the event's name):
 *  forgedSignature · staleTimestamp (an hour old, well signed) · duplicated (`times`, default 2) · late (`delayMs`) · missing
 */
export const requestFaults = ['rateLimited', 'status', 'statusAfter', 'timeoutBefore', 'timeoutAfter', 'dropBefore', 'dropAfter', 'slowBytes', 'expiredToken'] as const;
export const webhookFaults = ['forgedSignature', 'staleTimestamp', 'duplicated', 'late', 'missing'] as const;
export type FaultKind = (typeof requestFaults)[number] | (typeof webhookFaults)[number];
export type RetryAfterForm = 'seconds' | 'httpDate' | 'iso8601' | 'none';

export type Fault = {
  id: string;
  kind: FaultKind;
  count?: number;
  probability?: number;
  method?: string;
  path?: string;
  status?: number;
  retryAfter?: RetryAfterForm;
  seconds?: number;
  limit?: 'second' | 'day';
  everyMs?: number;
  delayMs?: number;
  times?: number;
  /** How often it struck. */
  hits: number;
};

export type Faults = {
  /** @throws Error that says what is wrong with the fault */
  add(fault: unknown): Fault;
  list(): Fault[];
  /** All of them without an id. */
  remove(id?: string): void;
  /** The faults that strike this request or webhook now; counts them down. */
  strike(kinds: readonly FaultKind[], method: string, path: string): Fault[];
};

export function createFaults(random: () => number = Math.random): Faults {
  const faults = new Map<string, Fault>();
  return {
    add(input) {
      const fault = { ...readFault(input), id: randomUUID(), hits: 0 };
      faults.set(fault.id, fault);
      return fault;
    },
    list: () => [...faults.values()],
    remove(id) {
      if (id === undefined) faults.clear();
      else faults.delete(id);
    },
    strike(kinds, method, path) {
      const struck = [...faults.values()].filter(
        (fault) =>
          kinds.includes(fault.kind) &&
          (fault.method === undefined || fault.method.toUpperCase() === method) &&
          (fault.path === undefined || new RegExp(fault.path).test(path)) &&
          (fault.probability === undefined || random() < fault.probability),
      );
      for (const fault of struck) {
        fault.hits += 1;
        if (fault.count !== undefined && fault.hits >= fault.count) faults.delete(fault.id);
      }
      return struck;
    },
  };
}

const numbers = ['count', 'probability', 'status', 'seconds', 'everyMs', 'delayMs', 'times'];
const strings = ['method', 'path', 'retryAfter', 'limit'];

function readFault(input: unknown): Omit<Fault, 'id' | 'hits'> {
  if (typeof input !== 'object' || input === null) throw new Error('A fault is a JSON object.');
  const kinds: readonly string[] = [...requestFaults, ...webhookFaults];
  const fault = input as Record<string, unknown>;
  if (typeof fault['kind'] !== 'string' || !kinds.includes(fault['kind'])) throw new Error(`kind is one of ${kinds.join(', ')}.`);
  for (const [name, value] of Object.entries(fault)) {
    const fits = name === 'kind' || (numbers.includes(name) && typeof value === 'number') || (strings.includes(name) && typeof value === 'string');
    if (!fits) throw new Error(`${name} is not a property of a fault, or has the wrong type.`);
  }
  if (typeof fault['path'] === 'string') void new RegExp(fault['path']);
  return fault as Omit<Fault, 'id' | 'hits'>;
}

/** The header's value for "wait `seconds` from now", or undefined for none. Sources: RFC 9110 §10.2.3; ISO 8601 is Zoom's own. */
export function retryAfterHeader(form: RetryAfterForm, seconds: number, now: Date): string | undefined {
  const then = new Date(now.getTime() + seconds * 1000);
  switch (form) {
    case 'seconds':
      return String(seconds);
    case 'httpDate':
      return then.toUTCString();
    case 'iso8601':
      return then.toISOString().replace(/\.\d{3}Z$/, 'Z');
    case 'none':
      return undefined;
  }
}

import { z } from 'zod';
import { HttpProblem, type InputError, type ProblemCode } from '../problems.ts';
import { toPointer } from './parseJson.ts';

const shownErrors = 50;

/** Characters of one query parameter. */
export const longestParameter = 4_000;

/** @throws HttpProblem `invalidRequest` with a JSON pointer per problem */
export function checked(schema: z.ZodType, value: unknown, where: InputError['in']): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(where, result.error.issues.slice(0, shownErrors).flatMap((issue) => explain(where, issue)).slice(0, shownErrors));
}

export const invalid = (where: InputError['in'], errors: readonly InputError[], code: ProblemCode = 'invalidRequest'): HttpProblem =>
  new HttpProblem(code, `The ${where} does not fit the schema.`, { errors });

function explain(where: InputError['in'], issue: z.core.$ZodIssue): InputError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, shownErrors).map((key) => ({ in: where, pointer: toPointer([...issue.path, key]), detail: 'not a field' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The variant that came nearest says most.
    const nearest = issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? [];
    if (nearest.length > 0) return nearest.flatMap((inner) => explain(where, { ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ in: where, pointer: toPointer(issue.path), detail: issue.message.slice(0, 300) }];
}

/**
 * `a=1&b=2` → { a: '1', b: '2' }. A parameter given twice is refused: which one counts would be anyone's guess.
 * @throws HttpProblem `invalidRequest`
 */
export function parseQuery(search: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  if (search === '') return { ...query };
  for (const [name, value] of new URLSearchParams(search)) {
    const detail = name in query ? 'given twice' : name === '__proto__' ? 'not a parameter' : value.includes('\u0000') ? 'contains U+0000' : value.length > longestParameter ? 'too long' : undefined;
    if (detail !== undefined) throw invalid('query', [{ in: 'query', pointer: toPointer([name]), detail }]);
    query[name] = value;
  }
  return { ...query };
}

/** z.object → strict, so that unknown fields are refused whichever way the route was written. */
export const strict = (schema: z.ZodType): z.ZodType => (schema instanceof z.ZodObject && schema.def.catchall === undefined ? schema.strict() : schema);

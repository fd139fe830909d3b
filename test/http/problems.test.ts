import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problems } from '../../src/http/problems.ts';

/** Codes of faults that never come out of a request: whoever adds one here says where it stays. */
const neverAnswered = new Set<string>([]);

describe('the table of problems', () => {
  it('knows every code that the source refuses with', () => {
    const root = fileURLToPath(new URL('../../src', import.meta.url));
    const used = globSync('**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/(?:new DomainError|refusal|new HttpProblem)\(\s*'(\w+)'/g)].map(([, code]) => ({ code: code!, file })));
    expect(used.length).toBeGreaterThan(20);
    expect(used.filter(({ code }) => !Object.hasOwn(problems, code) && !neverAnswered.has(code))).toEqual([]);
  });

  it('has a plain title and a status of 4xx or 5xx for each', () => {
    for (const [code, { status, title }] of Object.entries(problems)) {
      expect(code).toMatch(/^[a-z][A-Za-z]+$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title.length).toBeGreaterThan(5);
    }
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');
const isThere = (path: string) => existsSync(fileURLToPath(new URL(path, root)));

type Source = { isThere(path: string): boolean; read(path: string): string };

/**
 * What a page of contracts promises and no test holds, one line each. Rows look like
 *   | promise | `test/path/file.test.ts`: "title or its beginning…"; `test/other.test.ts` |
 * with several tests between `;` or `<br>`. Other tables, headings and rules are passed over.
 */
function broken(page: string, { isThere, read }: Source): string[] {
  return page.split('\n').flatMap((line, index) => {
    const [promise, tests, ...more] = cells(line);
    if (promise === undefined || tests === undefined || /^:?-+:?$/.test(tests) || /^tests?$/i.test(tests)) return [];
    const at = `line ${index + 1}, “${promise}”`;
    if (more.length > 0) return [`${at}: a row has two cells`];
    const named = [...tests.matchAll(/`([^`]+)`(?:\s*:\s*"((?:[^"\\]|\\.)*)")?/g)];
    // Whatever is left when the names are taken out was meant to be one.
    const rest = named.reduce((text, [whole]) => text.replace(whole, ''), tests).replaceAll(/<br\s*\/?>|[;\s]/g, '');
    if (named.length === 0 || rest !== '') return [`${at}: cannot be read: ${rest === '' ? 'it names no test' : rest}`];
    return named.flatMap(([, path = '', title]) => {
      if (!/^test\/.+\.ts$/.test(path) || !isThere(path)) return [`${at}: there is no ${path}`];
      return title === undefined || includesTitle(read(path), title) ? [] : [`${at}: ${path} has no “${title}”`];
    });
  });
}

const cells = (line: string): string[] => (/^\s*\|.*\|\s*$/.test(line) ? line.trim().slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim()) : []);

/** As it stands in the file, where a quote inside a string is escaped. */
const includesTitle = (text: string, title: string): boolean => {
  const bare = (words: string) => words.replaceAll('\\', '');
  const wanted = bare(title.replace(/\s*(…|\.\.\.)$/, ''));
  return wanted.trim() !== '' && bare(text).includes(wanted);
};

describe('docs/contracts.md', () => {
  it('names only tests that are there', () => {
    const page = read('docs/contracts.md');
    expect(broken(page, { isThere, read })).toEqual([]);
    expect(page.match(/`test\/[^`]+`/g)?.length).toBeGreaterThan(20);
  });
});

describe('a page of contracts', () => {
  const files: Record<string, string> = { 'test/a.test.ts': `it('holds the door', …); it('doesn\\'t say "no"', …)` };
  const check = (row: string) => broken(['# Contracts', '| promise | test |', '|---|---|', row].join('\n'), { isThere: (path) => path in files, read: (path) => files[path] ?? '' });

  it.each([
    '| It holds | `test/a.test.ts` |',
    '| It holds | `test/a.test.ts`: "holds the…" |',
    '| It holds | `test/a.test.ts`: "holds the door"; `test/a.test.ts`: "doesn\'t say" |',
    '| It holds | `test/a.test.ts`: "holds the door"<br>`test/a.test.ts` |',
    '| It says \\| no | `test/a.test.ts`: "say \\"no\\"" |',
    'no row at all',
  ])('takes %s', (row) => expect(check(row)).toEqual([]));

  it.each([
    ['| It holds | `test/b.test.ts` |', 'there is no test/b.test.ts'],
    ['| It holds | `src/main.ts` |', 'there is no src/main.ts'],
    ['| It holds | `test/a.test.ts`: "opens the door" |', 'has no “opens the door”'],
    ['| It holds | `test/a.test.ts`: "…" |', 'has no “…”'],
    ['| It holds | `test/a.test.ts`; `test/a.test.ts`: "opens" |', 'has no “opens”'],
    ['| It holds | see the tests |', 'cannot be read'],
    ['| It holds | `test/a.test.ts`: holds the door |', 'cannot be read'],
    ['| It holds | |', 'cannot be read'],
    ['| It holds | `test/a.test.ts` | and more |', 'two cells'],
  ])('objects to %s', (row, problem) => expect(check(row)).toEqual([expect.stringContaining(problem)]));
});

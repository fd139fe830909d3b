import { problems } from '../problems.ts';

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title: string, head: string, body: string): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title>${head}</head><body>${body}</body></html>\n`;

const plainStyle = '<link rel="stylesheet" href="/docs/page.css">';

/** Runs without inline script or style, and loads nothing from elsewhere. */
export const docsPage = (): string =>
  page('Lectern API', '<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="data:,">', '<div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/init.js"></script>');

export const docsInit = (): string =>
  `window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, persistAuthorization: false, validatorUrl: null });\n`;

export const pageStyle = (): string => 'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;padding:.2rem 1rem .2rem 0}code{font-size:.95em}\n';

export const problemIndexPage = (): string =>
  page('Problems', plainStyle, `<h1>Problems</h1><p>Every refusal of the API is a <code>application/problem+json</code> (RFC 9457) with one of these codes.</p><table><tr><th>Code</th><th>Status</th><th>Title</th></tr>${Object.entries(problems)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, title }]) => `<tr><td><a href="/problems/${code}"><code>${code}</code></a></td><td>${status}</td><td>${escaped(title)}</td></tr>`)
    .join('')}</table>`);

/** @returns undefined for a code that does not exist */
export function problemPage(code: string): string | undefined {
  const problem = Object.hasOwn(problems, code) ? problems[code] : undefined;
  if (!problem) return undefined;
  return page(problem.title, plainStyle, `<h1>${escaped(problem.title)}</h1><table><tr><th>Code</th><td><code>${code}</code></td></tr><tr><th>HTTP status</th><td>${problem.status}</td></tr></table><p>${escaped(advice(problem.status))}</p><p><a href="/problems">All problems</a></p>`);
}

function advice(status: number): string {
  if (status === 503) return 'Nothing is wrong with the request. Repeat it after the seconds that Retry-After names, a command with the same Idempotency-Key.';
  if (status >= 500) return 'The fault is ours. The trace id in the answer finds it in our logs. A command may be repeated with the same Idempotency-Key.';
  if (status === 429) return 'Repeat the request after the seconds that Retry-After names.';
  if (status === 401) return 'Send a valid, unexpired bearer token.';
  if (status === 412) return 'Read it again, decide again, and send the new ETag as If-Match.';
  if (status === 409) return 'The request is right, but the present state does not allow it. `details` says what stands in the way; repeating it unchanged helps only once that is gone.';
  return 'Repeating the request unchanged will not help. `detail`, `errors` and `details` say what to change.';
}

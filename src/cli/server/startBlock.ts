import { role, type Role } from '../../domain/kernel/fields.ts';
import { createTokenIssuer } from '../../http/auth/tokens.ts';
import type { Settings } from '../../main.ts';

/** What a person wants to know when the server is ready; `--json` prints it as one line. */
export type Ready = {
  url: string;
  docs: string;
  health: string;
  dataDir: string;
  vendors: Record<string, { mode: 'sandbox' | 'real'; url?: string }>;
  /** One per role, good for a day; none when tokens come from an identity provider. */
  tokens: Partial<Record<Role, string>>;
};

const day = 86_400;

export async function tokensPerRole(settings: Settings): Promise<Ready['tokens']> {
  if (settings.LECTERN_JWT_SECRET === undefined) return {};
  const issue = createTokenIssuer({ secret: settings.LECTERN_JWT_SECRET, issuer: settings.LECTERN_JWT_ISSUER, audience: settings.LECTERN_JWT_AUDIENCE });
  return Object.fromEntries(await Promise.all(role.options.map(async (one) => [one, await issue(one, one, day)] as const)));
}

export function describe({ url, docs, health, dataDir, vendors, tokens }: Ready): string {
  const modes = Object.entries(vendors).map(([name, { mode, url: at }]) => `${name}: ${mode}${at === undefined ? '' : ` (${at})`}`);
  return [
    '',
    `  Lectern is ready     ${url}`,
    `  its pages            ${docs}`,
    `  health               ${health}`,
    `  data                 ${dataDir}`,
    `  vendors              ${modes.join(', ')}`,
    ...Object.entries(tokens).map(([name, token], i) => `  ${i === 0 ? 'tokens (one day)' : '                '}     ${name.padEnd(8)} ${token}`),
    '',
    '  Ctrl-C stops it; the data stays.',
    '',
  ].join('\n');
}

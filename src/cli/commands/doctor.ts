import { access, constants, mkdir, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { findPostgresBinaries, majorVersion } from '../../adapters/postgres/embedded/binaries.ts';
import { chooseServerUser } from '../../adapters/postgres/embedded/serverUser.ts';
import { ConfigError, readConfig, type Config } from '../../config.ts';
import { exit, print } from '../output.ts';
import type { CliCommand } from '../program.ts';

/** `fix` says what to do, and is there exactly when `ok` is false. */
export type Finding = { check: string; ok: boolean; detail: string; fix?: string };

const leastNode = [22, 18] as const;
const leastFreeBytes = 500 * 1024 * 1024;

/** Every prerequisite of `lectern start` on this machine, each with the fix when it fails. */
export async function diagnose(environment: Readonly<Record<string, string | undefined>>): Promise<Finding[]> {
  const findings: Finding[] = [node()];
  let config: Config;
  try {
    config = readConfig(environment);
    findings.push({ check: 'configuration', ok: true, detail: 'every setting can be read' });
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [String(error)];
    return [...findings, ...problems.map((problem): Finding => ({ check: 'configuration', ok: false, detail: problem, fix: 'Correct or unset that environment variable.' }))];
  }
  findings.push(await dataFolder(config.LECTERN_DATA_DIR), await freePort(config.LECTERN_HOST, config.LECTERN_PORT));
  findings.push(...(config.DATABASE_URL === undefined ? [await bundledPostgres(), await existingCluster(config)] : [await ownPostgres(config.DATABASE_URL)]));
  return findings;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  const detail = `Node ${process.versions.node}`;
  return ok ? { check: 'node', ok, detail } : { check: 'node', ok, detail, fix: `Lectern needs Node ${leastNode.join('.')} or newer; "npm start" brings its own, so run it through npm.` };
}

async function dataFolder(folder: string): Promise<Finding> {
  const check = 'data folder';
  const full = path.resolve(folder);
  try {
    await mkdir(full, { recursive: true });
    await access(full, constants.R_OK | constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(full);
    const free = bavail * bsize;
    const detail = `${full}, ${Math.floor(free / 1024 / 1024)} MB free`;
    return free >= leastFreeBytes ? { check, ok: true, detail } : { check, ok: false, detail, fix: 'Free some space, or point LECTERN_DATA_DIR to another disk.' };
  } catch (error) {
    return { check, ok: false, detail: `${full}: ${reason(error)}`, fix: 'Make the folder writable for this user, or set LECTERN_DATA_DIR to one that is.' };
  }
}

async function freePort(host: string, port: number): Promise<Finding> {
  const check = 'port';
  const detail = `${host}:${port}`;
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    return { check, ok: true, detail: `${detail} is free` };
  } catch (error) {
    return { check, ok: false, detail: `${detail}: ${reason(error)}`, fix: 'If that is not Lectern itself, stop what listens there, or set LECTERN_PORT (0 takes any free port).' };
  } finally {
    server.close();
  }
}

async function bundledPostgres(): Promise<Finding> {
  const check = 'bundled PostgreSQL';
  try {
    const version = await majorVersion(await findPostgresBinaries());
    const user = await chooseServerUser();
    return { check, ok: true, detail: `major version ${version}, runs as ${user ? `user ${user.uid}` : 'this user'}` };
  } catch (error) {
    return { check, ok: false, detail: reason(error), fix: 'Run "npm ci" (with optional dependencies), or set DATABASE_URL to a PostgreSQL of your own.' };
  }
}

async function existingCluster(config: Config): Promise<Finding> {
  const check = 'existing data';
  const file = path.resolve(config.LECTERN_DATA_DIR, 'cluster', 'PG_VERSION');
  try {
    const there = (await readFile(file, 'utf8')).trim();
    const ours = await majorVersion(await findPostgresBinaries());
    if (there === ours) return { check, ok: true, detail: `made by PostgreSQL ${there}` };
    return { check, ok: false, detail: `made by PostgreSQL ${there}, the bundled one is ${ours}`, fix: 'Run "npx lectern backup FILE" with the Lectern that made it, move the folder away, and "npx lectern restore FILE" with this one.' };
  } catch (error) {
    return { check, ok: true, detail: error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'none yet' : reason(error) };
  }
}

async function ownPostgres(url: string): Promise<Finding> {
  const check = 'PostgreSQL';
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows: [row] } = await client.query<{ version: string; may: boolean }>(
      `select current_setting('server_version') as version, has_database_privilege(current_database(), 'create') as may`,
    );
    const [major = 0] = (row?.version ?? '').split('.').map(Number);
    if (major < 15) return { check, ok: false, detail: `version ${row?.version ?? 'unknown'}`, fix: 'Lectern needs PostgreSQL 15 or newer.' };
    if (!row?.may) return { check, ok: false, detail: 'the role may not create schemas', fix: 'grant create on database <name> to <role>;' };
    return { check, ok: true, detail: `version ${row.version}` };
  } catch (error) {
    return { check, ok: false, detail: reason(error), fix: 'Check DATABASE_URL, and that this machine reaches the server and may log in.' };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Codes and messages only: a driver's message never holds the password. */
const reason = (error: unknown) => (error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error));

export const doctorCommand: CliCommand = (program) => {
  program
    .command('doctor')
    .description('check everything that "lectern start" needs, and name the fix for what fails')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const findings = await diagnose(process.env);
      const text = findings.map(({ check, ok, detail, fix }) => `${ok ? 'ok  ' : 'FAIL'} ${check}: ${detail}${fix === undefined ? '' : `\n     → ${fix}`}`).join('\n');
      print(options.json, findings, text);
      if (findings.some(({ ok }) => !ok)) process.exitCode = exit.failed;
    });
};

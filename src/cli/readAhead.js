// Reads the program once, so that already the first start finds it compiled: whoever has to strip types keeps 16 MB of parser for good, in a thread
// 50. Runs after `npm ci` (prepare) and in the image. Plain JavaScript that ends quietly where there is nothing to read ahead, as in the stage of
// the image that only installs: without it everything works, and the second start is as good.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
const root = path.resolve(import.meta.dirname, '../..');
const threads = ['src/adapters/rooms/snapshots/foldThread.ts', 'src/commands/lessonImport/expandWorker.ts'];
/** What does something by being read, in a process or a thread of its own. */
const acting = [...threads, 'src/adapters/rendering/pictureChild.ts', 'src/adapters/postgres/embedded/stopWhenUnused.ts', 'src/cli/commandLine.ts'];
const program = 'src/cli/commandLine.ts';

/** In a process with the flags of the one that it reads for: node keeps what it compiled by them. */
async function read(what) {
  const { compileCache } = await import('./compileCache.js');
  module.enableCompileCache(compileCache);
  const files = what === 'threads' ? threads
    : ['src', 'sandbox'].flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`)).filter((file) => file.endsWith('.ts') && !acting.includes(file));
  // A thread's program ends with an error where there is no thread; by then it is compiled. What else cannot be read will say so when it is needed.
  for (const file of files) await import(pathToFileURL(path.join(root, file)).href).catch(() => undefined);
  if (what === 'everything') {
    process.argv = [process.execPath, 'lectern', '--version'];
    process.stdout.write = () => true;
    await import(pathToFileURL(path.join(root, program)).href).catch(() => undefined);
  }
  module.flushCompileCache();
  process.exit(0);
}

async function readAhead() {
  if (module.flushCompileCache === undefined || process.env.NODE_DISABLE_COMPILE_CACHE || !existsSync(path.join(root, program))) return;
  const { compileCache } = await import('./compileCache.js');
  const { percents } = await import('./server/heapGrowth.ts');
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const flags = scripts.start.split(' ').filter((word) => word.startsWith('--'));
  if (!process.env.NODE_COMPILE_CACHE && existsSync(compileCache)) {
    for (const old of readdirSync(compileCache)) rmSync(path.join(compileCache, old), { recursive: true, force: true }); // of earlier releases
  }
  const child = (more, what) => spawnSync(process.execPath, [...flags, ...more, self, what], { stdio: 'ignore', timeout: 60_000 });
  child([], 'everything');
  for (const percent of percents) child([`--heap-growing-percent=${percent}`], 'threads'); // the server's own, while it makes a thread
}

await (process.argv[2] === undefined ? readAhead().catch((error) => console.warn(`The program could not be read ahead: ${error.message}`)) : read(process.argv[2]));

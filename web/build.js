// Builds the page into web/dist when that is missing or older than what it is made of. Runs after `npm ci` (prepare) and before
// `npm start` (prestart), so that the page is there on a machine with only Node and npm. Plain JavaScript: it also runs where
// nothing but the system's Node is, and ends quietly where Vite was left out (--omit=dev): there the page comes from elsewhere.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = path.join(root, 'web/dist/.made-of');

/** Of every source file, its name and content. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (file) => {
    const full = path.join(root, file);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) for (const name of readdirSync(full).filter((one) => one !== 'dist').sort()) add(path.join(file, name));
    else hash.update(`${file}\n`).update(readFileSync(full));
  };
  for (const part of ['web/src', 'web/room.html', 'web/vite.settings.js', 'client', 'src/domain/board', 'node_modules/vite/package.json', 'node_modules/dejavu-fonts-ttf/package.json']) add(part);
  return hash.digest('hex');
}

const made = fingerprint();
const isThere = existsSync(path.join(root, 'web/dist/room.html'));
const isFresh = isThere && existsSync(stamp) && readFileSync(stamp, 'utf8') === made;

if (!isFresh || process.argv.includes('--force')) {
  const { build } = await import('vite').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    if (!isThere) console.warn('Vite is not installed: the page of the lesson rooms is not built. A full "npm ci" builds it.');
    return {};
  });
  if (build && existsSync(path.join(root, 'web/room.html'))) {
    const { default: config } = await import(pathToFileURL(path.join(root, 'web/vite.settings.js')).href);
    await build({ ...config, configFile: false });
    writeFileSync(stamp, made);
  }
}

// Builds what is published: one file for browser and Node, and the types. Nothing of it needs zod when it runs.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${here}dist`, { recursive: true, force: true });
await build({
  configFile: false, root: here, logLevel: 'warn',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', minify: false, sourcemap: true, lib: { entry: `${here}index.ts`, formats: ['es'], fileName: 'index' } },
});
execFileSync(process.execPath, [fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url)), '-p', `${here}tsconfig.build.json`], { stdio: 'inherit' });

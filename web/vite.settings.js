import { fileURLToPath } from 'node:url';

/** The pages that the server gives out itself: nothing inline, nothing from elsewhere, every file but the page named by its content. */
export default {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/rooms/',
  logLevel: 'warn',
  build: {
    outDir: 'dist', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false,
    rolldownOptions: { input: fileURLToPath(new URL('room.html', import.meta.url)) },
  },
};

import path from 'node:path';

/** Where node keeps our code as it has compiled it: a folder of ours, where nobody else can put code for us. */
export const compileCache = path.resolve(import.meta.dirname, '../../node_modules/.cache/lectern');

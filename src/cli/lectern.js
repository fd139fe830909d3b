#!/usr/bin/env node
// JavaScript, as nothing else of the server's: what is read before the cache is on is stripped of its types at each start, and that alone loads
// 16 MB of parser into the process for good.
import module from 'node:module';
import { compileCache } from './compileCache.js';

// Code that was read once is kept as V8 has it, types stripped and compiled: the next start costs half as much. In our own folder, where nobody
// else can put code for us; where that cannot be written, or is switched off (NODE_DISABLE_COMPILE_CACHE=1), everything is read as ever.
module.enableCompileCache(compileCache);
await import('./commandLine.ts');

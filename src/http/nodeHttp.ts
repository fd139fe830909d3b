/**
 * Node's own http, got as it is. Whoever `import`s it reads every name that it has, `WebSocket` among them, and that one loads the client for
 * the web that is built into Node: 2 MB of heap for good, and nobody here calls it.
 */
export const { createServer, IncomingMessage, ServerResponse } = process.getBuiltinModule('node:http');

// y-websocket's own server, unchanged, with its LevelDB (a native module whose binaries come in its package).
const [port, folder] = process.argv.slice(2);
Object.assign(process.env, { HOST: '127.0.0.1', PORT: port, YPERSISTENCE: folder });
await import('./node_modules/y-websocket/bin/server.cjs');

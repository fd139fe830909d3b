import { join } from 'node:path';
import { startCloudflareSandbox, type CloudflareSandbox, type CloudflareSandboxOptions } from './cloudflare/server.ts';
import { startZoomSandbox, type ZoomSandbox, type ZoomSandboxOptions } from './zoom/server.ts';

export { sandboxTurnKey } from './cloudflare/server.ts';
export { sandboxZoomApp } from './zoom/server.ts';

export type SandboxesOptions = {
  /** Each vendor keeps its state in a file of its own below. Absent: in memory only. */
  dataDir?: string;
  clockOffsetMs?: number;
  /** A vendor set to false is not started: its real service is used. */
  zoom?: ZoomSandboxOptions | false;
  /** Default false: on one machine browsers need no relay, so nothing would ever call it. */
  cloudflare?: CloudflareSandboxOptions | false;
};

/** Every vendor's stand-in has these; a new vendor is a field here, a start below, and nothing else. */
export type Sandboxes = {
  zoom: ZoomSandbox | undefined;
  cloudflare: CloudflareSandbox | undefined;
  /** Moves the school's clock in all of them; tokens and signatures keep real time. */
  setClockOffset(ms: number): void;
  close(): Promise<void>;
};

export async function startSandboxes({ dataDir, clockOffsetMs = 0, zoom = {}, cloudflare = false }: SandboxesOptions): Promise<Sandboxes> {
  const stateFile = (vendor: string) => (dataDir === undefined ? {} : { stateFile: join(dataDir, `${vendor}.ndjson`) });
  const zoomSandbox = zoom === false ? undefined : await startZoomSandbox({ ...stateFile('zoom'), clockOffsetMs, ...zoom });
  const cloudflareSandbox = cloudflare === false ? undefined : await startCloudflareSandbox({ ...stateFile('cloudflare'), ...cloudflare });
  const running = [zoomSandbox, cloudflareSandbox].filter((sandbox) => sandbox !== undefined);
  return {
    zoom: zoomSandbox,
    cloudflare: cloudflareSandbox,
    setClockOffset(ms) {
      zoomSandbox?.setClockOffset(ms);
    },
    async close() {
      await Promise.all(running.map((sandbox) => sandbox.close()));
    },
  };
}

import { join } from 'node:path';
import { startZoomSandbox, type ZoomSandbox, type ZoomSandboxOptions } from './zoom/server.ts';

export { sandboxZoomApp } from './zoom/server.ts';

export type SandboxesOptions = {
  /** Each vendor keeps its state in a file of its own below. Absent: in memory only. */
  dataDir?: string;
  clockOffsetMs?: number;
  /** A vendor set to false is not started: its real service is used. */
  zoom?: ZoomSandboxOptions | false;
};

/** Every vendor's stand-in has these; a new vendor is a field here, a start below, and nothing else. */
export type Sandboxes = {
  zoom: ZoomSandbox | undefined;
  /** Moves the school's clock in all of them; tokens and signatures keep real time. */
  setClockOffset(ms: number): void;
  close(): Promise<void>;
};

export async function startSandboxes({ dataDir, clockOffsetMs = 0, zoom = {} }: SandboxesOptions): Promise<Sandboxes> {
  const stateFile = (vendor: string) => (dataDir === undefined ? {} : { stateFile: join(dataDir, `${vendor}.ndjson`) });
  const zoomSandbox = zoom === false ? undefined : await startZoomSandbox({ ...stateFile('zoom'), clockOffsetMs, ...zoom });
  const running = [zoomSandbox].filter((sandbox) => sandbox !== undefined);
  return {
    zoom: zoomSandbox,
    setClockOffset(ms) {
      for (const sandbox of running) sandbox.setClockOffset(ms);
    },
    async close() {
      await Promise.all(running.map((sandbox) => sandbox.close()));
    },
  };
}

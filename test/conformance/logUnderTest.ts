import type { EventStore } from '../../src/ports/eventStore.ts';

/**
 * One log, as the conformance suite is given it. The suite shares it among all its tests (every test uses streams of its
 * own), so a real server that already holds other events will do.
 */
export type LogUnderTest = {
  /** Of the server. Host and port must stand in it as `host:port`: the suite puts a proxy there. */
  url: string;
  /** Absolute path of a module that exports `openStore: OpenStore`. The writers in child processes import it too, with node's type stripping. */
  storeModule: string;
  /** kill -9, then start again on the same data and the same port; resolves when the server takes requests. Absent: those tests are skipped. */
  restart?(): Promise<void>;
  /** Deletes a stream behind the store's back. Absent: the store cannot delete, and those tests are skipped. */
  deleteStream?(stream: string, how: 'soft' | 'tombstone'): Promise<void>;
  close(): Promise<void>;
};

/** A new store on the log at this URL. Several may live in one process. */
export type OpenStore = (url: string) => Promise<EventStore>;

import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Half-way down: they still get their share of a busy core, for what they do (collecting, compiling) makes room in the end. */
const niceness = 10;

/**
 * V8's own threads mark the heap and compile beside the event loop. Where there are more of them than free cores they take the core from the
 * loop that they are to relieve: on one core, four of them held it up for 200 ms at each collection. On Linux threads have priorities of
 * their own, so these stand back; elsewhere, or where that is not allowed, nothing changes.
 * Source: sched(7), setpriority(2) ("the nice value is a per-thread attribute"); the name is Node's, of its platform's workers.
 */
export function standBack(): void {
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === 'V8Worker') setPriority(Number(thread), niceness);
    }
  } catch {
    // No /proc, or no such right: as it was.
  }
}

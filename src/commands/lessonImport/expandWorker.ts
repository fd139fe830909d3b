import { parentPort, workerData } from 'node:worker_threads';
import { expandCalendar } from './calendar/expandCalendar.ts';
import { expandTimetable } from './csv/readTimetable.ts';
import type { ExpansionSettings } from './expansion.ts';

/** The thread's own entry: one file in, one outcome out. Whoever started it may end it at any time. */
const { file, settings } = workerData as { file: Uint8Array; settings: ExpansionSettings };
parentPort?.postMessage(settings.format === 'ics' ? expandCalendar(file, settings) : expandTimetable(file, settings));

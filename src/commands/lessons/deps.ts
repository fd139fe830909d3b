import type { Clock } from '../../ports/clock.ts';
import type { Meetings } from '../../ports/meetings.ts';
import { createCalendarSteps, type CalendarSteps } from '../calendarSteps.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { SchoolRules } from '../schoolRules.ts';
import { createPlaces, type Places } from '../zoomAccounts/places.ts';
import type { PoolIndex } from '../zoomAccounts/poolIndex.ts';
import { createPeople, type People } from './people.ts';
import type { StudentOverlaps } from './types.ts';

/** What the use cases of lessons and accounts are given. */
export type LessonDeps = {
  pipeline: Pipeline;
  clock: Clock;
  rules: SchoolRules;
  /** One per process: `createPoolIndex`. */
  index: PoolIndex;
  meetings: Meetings;
  /** Absent: nobody is warned of. */
  studentOverlaps?: StudentOverlaps;
  /** Told of what a command left behind because the log went away after it was recorded; the sweeper clears it up. */
  leftBehind?: (what: string, error: unknown) => void;
};

export type Kit = LessonDeps & { steps: CalendarSteps; places: Places; people: People };

export function createKit(deps: LessonDeps): Kit {
  const { pipeline, clock, index, rules } = deps;
  const steps = createCalendarSteps({ pipeline, clock, gapMinutes: rules.gapMinutes });
  return { ...deps, steps, people: createPeople(pipeline), places: createPlaces({ pipeline, index, steps, clock, gapMinutes: rules.gapMinutes }) };
}

import { directory } from './directory/projection.ts';
import type { ReadModel } from './engine/readModel.ts';
import { lessons } from './lessons/projection.ts';
import { rooms } from './rooms/projection.ts';
import { zoomAccounts } from './zoomAccounts/projection.ts';

/** Every read model there is. */
export const readModels: readonly ReadModel[] = [directory, lessons, rooms, zoomAccounts];

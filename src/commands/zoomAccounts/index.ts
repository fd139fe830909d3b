import { createKit, type LessonDeps } from '../lessons/deps.ts';
import { createMoveToAccount } from '../lessons/moveToAccount.ts';
import { createChange, createDisable, createEnable } from './changePool.ts';
import { createAcquire, createRelease } from './leases.ts';
import { createRegister } from './register.ts';

export type ZoomAccountCommands = ReturnType<typeof createZoomAccountCommands>;

/** Every command of Zoom accounts. Each is idempotent by the id of its context. */
export function createZoomAccountCommands(deps: LessonDeps) {
  const kit = createKit(deps);
  const move = createMoveToAccount(kit);
  return {
    register: createRegister(kit),
    change: createChange(kit, move),
    disable: createDisable(kit, move),
    enable: createEnable(kit),
    acquire: createAcquire(kit),
    release: createRelease(kit),
  };
}

import type { Route } from '../route.ts';
import { groupRoutes } from './groups.ts';
import { peopleRoutes, type DirectoryRouteDeps } from './people.ts';

/** People, groups and who is in which. */
export const directoryRoutes = (deps: DirectoryRouteDeps): Route[] => [...peopleRoutes(deps), ...groupRoutes(deps)];

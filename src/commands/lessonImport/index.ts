import { createImportLessons, type ImportDeps } from './importLessons.ts';
import { createImportStatus, createUndoImport } from './undoImport.ts';

export { expandFile, type ExpansionLimits } from './expandFile.ts';
export type { ImportDeps } from './importLessons.ts';
export * from './types.ts';
export { importDirectory, knownLessons } from './views.ts';

export type LessonImports = ReturnType<typeof createLessonImports>;

/** Reading timetables into lessons, taking an import back, asking how one went. */
export const createLessonImports = (deps: ImportDeps) => ({
  importLessons: createImportLessons(deps),
  undo: createUndoImport(deps),
  status: createImportStatus(deps),
});

/** Counts and bytes that groups and boards may have. Without zod, for the browser too. */
export const mostOpsOfGroup = 500;
/** UTF-8, of the ops as JSON. */
export const mostBytesOfGroup = 64 * 1024;
/** Numbers a point takes: x, y (relative to the shape's), pressure 0 to 1, ms since the point before. */
export const numbersPerPoint = 4;
export const mostPointsOfStroke = 20_000;
/** Added or appended. */
export const mostPointsOfGroup = 1_024;
export const mostShapes = 200_000;
export const mostPages = 500;
export const mostLayersOfPage = 100;
/** Steps that one person can take back. */
export const mostSteps = 100;
/** About, as JSON, of what one person can take back and bring back together. */
export const mostBytesOfSteps = 256 * 1024;

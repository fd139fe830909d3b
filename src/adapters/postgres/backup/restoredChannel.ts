/** On this channel running servers hear that the log under their feet is another one, and start anew. */
export const restoredChannel = 'lectern_restored';

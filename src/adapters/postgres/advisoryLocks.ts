/** Lectern's advisory locks in a database; whoever adds one sees here which numbers are taken. Each belongs to a transaction, so a pooler in between does no harm. */
export const advisoryLocks = {
  /** One number for all Lecterns of a database: who holds it migrates. */
  migrate: 7_311_904_402_118,
  /** Shared: who writes to the log behind a fence. Alone: who judges appends. lectern.append_checked and lectern.move_log_head (migration 070) take it by this number too. */
  append: 7_311_904_402_119,
} as const;

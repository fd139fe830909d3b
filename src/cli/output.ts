/** Exit codes of every command: 0 done, 1 a finding or a failure, 2 called wrongly. */
export const exit = { ok: 0, failed: 1, usage: 2 } as const;

/** A failure with a message for people; no stack is shown. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exit.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** `--json` prints the value on one line, otherwise the text. A reader that went away (`| head`) is no failure. */
export function print(asJson: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${asJson ? JSON.stringify(value) : text}\n`);
}

export const quietOnBrokenPipe = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exit.ok);
    throw error;
  });
};

/** Columns as wide as they need. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ').trimEnd()).join('\n');
}

/** A line that rewrites itself on a terminal, and keeps quiet elsewhere. */
export function progressLine(): { show(text: string): void; done(): void } {
  const { stderr } = process;
  return {
    show: (text) => {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${text}`);
    },
    done: () => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
}

const width = 7;

/** `~op0000abc~`: found again in whatever wire format it travels, text or binary, since all of them keep ASCII as it is. */
export const markOf = (id: number): string => `~op${id.toString(36).padStart(width, '0')}~`;

/** Calls `found` with the id of each mark in the text. */
export function scanMarks(text: string, found: (id: number) => void): void {
  for (let at = text.indexOf('~op'); at >= 0; at = text.indexOf('~op', at + 3)) {
    if (text.charCodeAt(at + 3 + width) !== 126) continue;
    let id = 0;
    for (let i = at + 3; i < at + 3 + width; i += 1) {
      const code = text.charCodeAt(i);
      id = id * 36 + (code <= 57 ? code - 48 : code - 87);
    }
    found(id);
  }
}

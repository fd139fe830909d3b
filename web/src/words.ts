/** As a board and a chat take it: no NUL and no half of a surrogate pair, which nothing keeps (a paste may bring them, and a cut makes them), and at most so many UTF-16 units. */
export const words = (text: string, most: number): string => text.replaceAll('\0', '').slice(0, most).toWellFormed();

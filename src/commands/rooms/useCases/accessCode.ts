import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** RFC 7914. Codes are short: guessing them from a stolen hash is to cost something, and checking one is rare. About 30 ms each, in libuv's threads. */
const cost = { N: 2 ** 14, r: 8, p: 1 };
const keyBytes = 32;

const derive = (code: string, salt: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    // Composed or not, with or without blanks around: the same code.
    scrypt(code.normalize('NFKC').trim(), salt, keyBytes, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });

/** What is kept of an access code: `scrypt:<salt>:<key>`, base64url. */
export async function hashAccessCode(code: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString('base64url')}:${(await derive(code, salt)).toString('base64url')}`;
}

/** In constant time. */
export async function isAccessCode(code: string, accessHash: string): Promise<boolean> {
  const [kind, salt, key] = accessHash.split(':');
  if (kind !== 'scrypt' || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, 'base64url');
  const given = await derive(code, Buffer.from(salt, 'base64url'));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

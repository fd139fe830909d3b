import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const prefix = 'enc:1:';
const ivBytes = 12;
const tagBytes = 16;

/** What a personal field reads as once its subject's key was destroyed. */
export const forgotten = '[forgotten]';

export const isSealed = (value: unknown): value is string => typeof value === 'string' && value.startsWith(prefix);

/**
 * AES-256-GCM with the subject's key. `where` (event type, field, subject) is authenticated: a value that was copied into
 * another field or another person's event does not open.
 */
export function seal(plain: string, key: Buffer, where: string): string {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(where));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return prefix + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
}

/** @throws when the value was altered, moved, or sealed with another key */
export function open(sealed: string, key: Buffer, where: string): string {
  const bytes = Buffer.from(sealed.slice(prefix.length), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(where))
    .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
}

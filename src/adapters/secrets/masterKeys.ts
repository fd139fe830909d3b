import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/**
 * Envelope encryption of what the database keeps secret (credentials, person keys, webhook bodies): AES-256-GCM, the id of the
 * key in the blob, so that values sealed under an older key still open and can be resealed.
 *
 * Blob: `<key id>.<base64 of iv (12) | tag (16) | ciphertext>`.
 */
export type MasterKeys = {
  /** Id of the key that seals. */
  currentId: string;
  /** @param where record and field, authenticated: a blob that was moved does not open */
  seal(plain: Buffer | string, where: string): string;
  /** @throws when the key is not among ours, or the blob was altered or moved */
  open(blob: string, where: string): Buffer;
  /** Whether the blob was sealed under another key than the current one. */
  isOld(blob: string): boolean;
};

/** @param keys base64, 32 bytes each; the first is current, the others only open */
export function createMasterKeys(current: string, previous: readonly string[] = []): MasterKeys {
  const byId = new Map<string, Buffer>();
  for (const text of [...previous, current]) {
    const key = Buffer.from(text, 'base64');
    if (key.length !== 32) throw new Error('a master key is 32 bytes in base64');
    byId.set(keyId(key), key);
  }
  const currentKey = Buffer.from(current, 'base64');
  const currentId = keyId(currentKey);
  return {
    currentId,
    seal(plain, where) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', currentKey, iv).setAAD(Buffer.from(where));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return `${currentId}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')}`;
    },
    open(blob, where) {
      const [id = '', text = ''] = blob.split('.', 2);
      const key = byId.get(id);
      if (!key) throw new Error(`sealed under master key ${id}, which is not configured`);
      const bytes = Buffer.from(text, 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 }).setAAD(Buffer.from(where)).setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    },
    isOld: (blob) => !blob.startsWith(`${currentId}.`),
  };
}

/** Names a key without giving it away. */
const keyId = (key: Buffer) => createHash('sha256').update('lectern master key id').update(key).digest('hex').slice(0, 12);

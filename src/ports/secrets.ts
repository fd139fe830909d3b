/** Vendors' credentials: written once, read only by adapters, never shown again. Events carry only the reference. */
export type ZoomCredentials = {
  accountId: string;
  clientId: string;
  clientSecret: string;
  /** Of the app whose webhooks arrive at /webhooks/zoom/{ref}. */
  webhookSecret?: string;
};

export type Secrets = {
  /** Creates or replaces. `fields` are encrypted one by one, AAD = record and field. */
  put(ref: string, fields: Readonly<Record<string, string>>): Promise<void>;
  get(ref: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** References and field names, never values. */
  list(): Promise<{ ref: string; fields: string[]; updatedAt: string }[]>;
  /** Encrypts every value under the current master key. @returns how many were rewritten. */
  rotate(): Promise<number>;
};

import { freshId } from '../../client/index.ts';

/*
 * The token comes in the address's fragment (which no server ever sees) or from the form, and stays in this tab.
 */
const tokenKey = 'lectern.token';
const deviceKey = 'lectern.device';

/** From `#token=…`, which is taken out of the address bar and the history at once. */
export function tokenOfAddress(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return sessionStorage.getItem(tokenKey) ?? undefined;
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(token);
  return token;
}

export const keepToken = (token: string): void => sessionStorage.setItem(tokenKey, token);
export const forgetToken = (): void => sessionStorage.removeItem(tokenKey);

/** The same for all tabs of this browser: a call is on one of them at a time. */
export function deviceId(): string {
  const known = localStorage.getItem(deviceKey);
  if (known !== null && /^[A-Za-z0-9_-]{1,64}$/.test(known)) return known;
  const fresh = freshId();
  localStorage.setItem(deviceKey, fresh);
  return fresh;
}

/** `/rooms/{id}` */
export const roomOfAddress = (): string => decodeURIComponent(location.pathname.split('/').at(-1) ?? '');

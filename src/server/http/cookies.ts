// The cookies of a browser's session. Over an encrypted connection their names have a prefix, so that browsers take them from this host only
// (RFC 6265bis, 4.1.3): no other host of the domain, and no one on an unencrypted connection, can plant one.
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';

/** Without their prefix. */
export type CookieName =
  | 'marquee_session'
  /** That a user has signed in on this device before; see `Authentication.deviceToken`. */
  | 'marquee_device'
  /** What the browser asked an identity provider for, until its answer. */
  | 'marquee_sign_on';

export function readCookie(context: Context, name: CookieName): string | undefined {
  const { prefix } = place(context);
  return prefix ? getCookie(context, name, prefix) : getCookie(context, name);
}

/** @param maxAge seconds */
export function writeCookie(context: Context, name: CookieName, value: string, maxAge: number): void {
  // Lax: an identity provider's redirect comes from another site.
  setCookie(context, name, value, { ...place(context), httpOnly: true, sameSite: 'Lax', maxAge });
}

export function removeCookie(context: Context, name: CookieName): void {
  deleteCookie(context, name, place(context));
}

/** For this host only, and below `/t/a` for that path only, so that two tenants share none; `__Host-` is for whole hosts. */
function place({ env }: Context): { path: string; secure: boolean; prefix?: 'host' | 'secure' } {
  const { secure, prefix: path } = env as { secure: boolean; prefix: string };
  if (!secure) return { path: path || '/', secure };
  return path ? { path, secure, prefix: 'secure' } : { path: '/', secure, prefix: 'host' };
}

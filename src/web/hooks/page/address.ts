/** Path prefix of every URL on this page: `/t/<tenant>` when the path names the tenant, otherwise empty. */
export const mountPoint = /^\/t\/[a-z0-9-]{1,63}(?=\/|$)/i.exec(window.location.pathname)?.[0] ?? '';

/** True when neither host nor path names the tenant; the sign-in form then asks for it. */
export const companyIsUnknown = mountPoint === '' && !/^[a-z0-9-]+\./i.test(window.location.hostname);

/** URL of a server endpoint. @param path such as `/rest/v1` */
export function serverAddress(path: string): string {
  return `${window.location.origin}${mountPoint}${path}`;
}

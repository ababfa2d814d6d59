/** `/t/a` where the path names the company, else empty: what stands before every address of this page. */
export const mountPoint = /^\/t\/[a-z0-9-]{1,63}(?=\/|$)/i.exec(window.location.pathname)?.[0] ?? '';

/** True where neither the host nor the path says which company this is, so that signing in has to ask. */
export const companyIsUnknown = mountPoint === '' && !/^[a-z0-9-]+\./i.test(window.location.hostname);

/** The address of a part of the server. @param path such as `/rest/v1` */
export function serverAddress(path: string): string {
  return `${window.location.origin}${mountPoint}${path}`;
}

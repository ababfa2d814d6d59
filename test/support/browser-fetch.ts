/** A browser without screen: keeps cookies by host and path, and follows redirects one by one. */
export class CookieBrowser {
  #cookies: { origin: string; path: string; name: string; value: string }[] = [];

  /** Sends a request with the cookies of its address. Redirects are not followed. */
  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const cookie = this.#cookies
      .filter(({ origin, path }) => origin === url.origin && url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = new Headers(init.headers);
    if (cookie) headers.set('cookie', cookie);
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const set of response.headers.getSetCookie()) this.#keep(url.origin, set);
    return response;
  }

  /** Opens a page, through redirects. @param until stops before an address for which it is true @returns where it ended */
  async open(
    address: string,
    until: (url: URL) => boolean = () => false,
  ): Promise<{ url: URL; response: Response }> {
    let url = new URL(address);
    for (let redirects = 0; redirects < 20; redirects += 1) {
      const response = await this.fetch(url.href);
      const location = response.headers.get('location');
      if (!location) return { url, response };
      url = new URL(location, url);
      if (until(url)) return { url, response };
    }
    throw new Error(`Too many redirects, at last to ${url}`);
  }

  #keep(origin: string, set: string): void {
    const [pair = '', ...attributes] = set.split('; ');
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/';
    this.#cookies = this.#cookies.filter(
      (one) => one.origin !== origin || one.name !== name || one.path !== path,
    );
    if (value && !/max-age=0/i.test(set)) this.#cookies.push({ origin, path, name, value });
  }
}

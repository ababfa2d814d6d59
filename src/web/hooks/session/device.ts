/** Readable device name from a user agent: `Chrome · Linux`. */
export function deviceOf(userAgent: string | null): string {
  const found = (names: readonly string[]) => names.find((name) => userAgent?.includes(name));
  const browser = found(['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari']);
  const system = found(['iPhone', 'iPad', 'Android', 'Windows', 'Mac OS', 'Linux']);
  return [browser === 'Edg' ? 'Edge' : browser === 'OPR' ? 'Opera' : browser, system]
    .filter(Boolean)
    .join(' · ');
}

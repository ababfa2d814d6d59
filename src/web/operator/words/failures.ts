type Failures = Readonly<Record<string, string>>;

const OF_TENANTS = /^(tenant|data_source|customer_request|own_database|application_database|outcome)_/;

/** Texts of errors without those of tenants and data sources: an operator reads the server's words for these, not a company's user's. */
export function failuresForOperators(failures: Failures): Failures {
  return Object.fromEntries(Object.entries(failures).filter(([code]) => !OF_TENANTS.test(code)));
}

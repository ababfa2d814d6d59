// Careless changes of the code, and the tests that must notice each: `npm run test:mutation`.

export interface Mutation {
  /** What the change does. */
  name: string;
  file: string;
  /** Stands in the file exactly once. */
  from: string;
  to: string;
  /** Test files; at least one of them fails with the change. */
  tests: string[];
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'tokens live 60 times as long',
    file: 'src/lib/secrets/tokens.ts',
    from: 'exp: now + ttlSeconds',
    to: 'exp: now + ttlSeconds * 60',
    tests: ['test/lib/secrets/tokens.test.ts'],
  },
  {
    name: 'users are not audited while triggers are switched off',
    file: 'src/lib/application/schema/02_users.sql',
    from: 'alter table public.users enable always trigger audit;',
    to: '',
    tests: ['test/lib/application/audit.test.ts'],
  },
  {
    name: 'tenants are not audited while triggers are switched off',
    file: 'src/lib/application/schema/01_tenants.sql',
    from: 'alter table public.tenants enable always trigger audit;',
    to: '',
    tests: ['test/lib/application/audit.test.ts'],
  },
  {
    name: 'a disabled owner counts as an owner',
    file: 'src/lib/application/functions/keep_an_owner.sql',
    from: "tenant_id = old.tenant_id and role = 'owner' and status = 'active'",
    to: "tenant_id = old.tenant_id and role = 'owner'",
    tests: ['test/lib/application/users.test.ts', 'test/server/api/company/people.test.ts'],
  },
  {
    name: 'an admin makes owners',
    file: 'src/server/api/company/people.ts',
    from: "if (role !== 'owner' || caller.role === 'owner') return;",
    to: "if (role !== 'owner' || caller.role !== 'viewer') return;",
    tests: ['test/server/api/company/people.test.ts'],
  },
  {
    name: 'a void invoice can be paid',
    file: 'src/lib/tenant-data/functions/financial/check_payment.sql',
    from: "if invoice.status in ('draft', 'void') and (tg_op",
    to: "if invoice.status in ('draft') and (tg_op",
    tests: ['test/lib/tenant-data/payments.test.ts'],
  },
  {
    name: 'pending refunds do not count against what is left to refund',
    file: 'src/lib/tenant-data/functions/financial/check_payment.sql',
    from: "and r.status in ('pending', 'succeeded');",
    to: "and r.status = 'succeeded';",
    tests: ['test/lib/tenant-data/payments.test.ts'],
  },
  {
    name: 'a read-only transaction of a developer may write',
    file: 'src/lib/data-sources/sources/postgres/tenant-transaction.ts',
    from: 'sessions.enter(route, identity, readOnly, lease)',
    to: 'sessions.enter(route, identity, false, lease)',
    tests: ['test/lib/data-sources/isolation.test.ts'],
  },
  {
    name: 'a read-only statement may write',
    file: 'src/lib/data-sources/sources/postgres/tenant-statement.ts',
    from: 'const enter = sessions.enter(route, identity, readOnly, lease);',
    to: 'const enter = sessions.enter(route, identity, false, lease);',
    tests: ['test/lib/data-sources/isolation.test.ts'],
  },
  {
    name: 'a write is repeated after a lost connection',
    file: 'src/lib/data-sources/sources/postgres/tenant-statement.ts',
    from: '(statement.readOnly ? sessions.renewAfter(error) : !statement.developers && hasNoPrimary(error));',
    to: '(sessions.renewAfter(error) || (!statement.developers && hasNoPrimary(error)));',
    tests: ['test/lib/data-sources/failures.test.ts'],
  },
  {
    name: 'a Supabase project answers from another schema',
    file: 'src/lib/data-sources/sources/supabase/tenant-guard.ts',
    from: "for (const header of ['accept-profile', 'content-profile']) {",
    to: "for (const header of ['accept-profile']) {",
    tests: ['test/lib/data-sources/sources/supabase/supabase-source.test.ts'],
  },
  {
    name: 'a redirect is followed with the service key',
    file: 'src/lib/data-sources/sources/supabase/project-connection.ts',
    from: "redirect: 'error',",
    to: "redirect: 'follow',",
    tests: ['test/lib/data-sources/sources/supabase/supabase-source.test.ts'],
  },
  {
    name: 'a success does not reset the circuit breaker',
    file: 'src/lib/data-sources/admission/circuit-breaker.ts',
    from: '    this.#pauses = 0;\n    this.#failures.clear();\n',
    to: '',
    tests: ['test/lib/data-sources/admission/circuit-breaker.test.ts'],
  },
  {
    name: 'claims of dead processes count for half an hour',
    file: 'src/lib/data-sources/admission/server-budgets.ts',
    from: "interval '30 s'",
    to: "interval '30 min'",
    tests: ['test/lib/data-sources/admission/server-budgets.test.ts'],
  },
  {
    name: 'a request’s limit is larger than db-max-rows',
    file: 'src/lib/rest/api-request/ranges.ts',
    from: 'Math.min(range.limit, maxRows)',
    to: 'range.limit',
    tests: ['test/lib/rest/data-engine.test.ts'],
  },
  {
    name: 'a composite key joins by its first column',
    file: 'src/lib/rest/schema-cache/relationships.ts',
    from: '          columns: origin.columns.map((column, index)',
    to: '          columns: origin.columns.slice(0, 1).map((column, index)',
    tests: ['test/lib/rest/data-engine.test.ts'],
  },
  {
    name: 'a pending refund is recorded',
    file: 'src/lib/crm/payments/stripe.ts',
    from: "if (status !== 'succeeded' && status !== 'failed' && status !== 'canceled') return undefined;",
    to: '',
    tests: ['test/lib/crm/payments.test.ts', 'test/server/api/sales/payments.test.ts'],
  },
  {
    name: 'a mail that was sent is sent again',
    file: 'src/lib/crm/delivery/mail/queue.ts',
    from: "if (mail?.status !== 'queued' || !mail.to_address) return;",
    to: 'if (!mail?.to_address) return;',
    tests: ['test/lib/crm/delivery/mail/queue.test.ts'],
  },
  {
    name: 'a formula that begins with a minus sign runs',
    file: 'src/lib/csv.ts',
    from: '[=+\\\\-@',
    to: '[=+@',
    tests: ['test/lib/csv.test.ts'],
  },
  {
    name: 'another subdomain may change things by cookie',
    file: 'src/server/session.ts',
    from: "if (site === 'same-origin' || (site",
    to: "if (site === 'same-origin' || site === 'same-site' || (site",
    tests: ['test/server/sign-in/account.test.ts'],
  },
  {
    name: 'the cookie of a session behind TLS goes out without TLS',
    file: 'src/server/http/cookies.ts',
    from: "if (!secure) return { path: path || '/', secure };",
    to: "return { path: path || '/', secure: false };",
    tests: ['test/server/sign-in/session.test.ts'],
  },
  {
    name: 'a customer’s database sets cookies on our origin',
    file: 'src/server/rest/tenant-rest.ts',
    from: "  'vary',\n",
    to: "  'vary',\n  'set-cookie',\n",
    tests: ['test/server/isolation-business.test.ts'],
  },
  {
    name: 'a session is trusted for ten minutes',
    file: 'src/lib/identity/session-cache.ts',
    from: 'const TRUSTED_MS = 10_000;',
    to: 'const TRUSTED_MS = 600_000;',
    tests: ['test/lib/identity/session-cache.test.ts'],
  },
  {
    name: 'browsers keep the page of an old version for a year',
    file: 'src/server/http/web-files.ts',
    from: "immutable: name.startsWith('/assets/'),",
    to: 'immutable: true,',
    tests: ['test/server/web-files.test.ts'],
  },
  {
    name: 'sales may import',
    file: 'src/server/require-role.ts',
    from: "[...ADMINS, 'manager']",
    to: "[...ADMINS, 'manager', 'sales']",
    tests: ['test/server/roles.test.ts'],
  },
  {
    name: 'verification takes null for an empty text',
    file: 'src/lib/tenant-data/rows/digest.ts',
    from: 'quote_nullable($',
    to: 'concat($',
    tests: ['test/lib/tenant-data/rows/digest.test.ts'],
  },
  {
    name: 'only the first batch of rows is removed',
    file: 'src/lib/movement/copy/remove-rows.ts',
    from: 'if ((rowCount ?? 0) < BATCH_ROWS) return removed;',
    to: 'return removed;',
    tests: ['test/lib/movement/copy/remove-rows.test.ts'],
  },
  {
    name: '`move verify` succeeds although rows differ',
    file: 'src/cli/commands/move-proof.ts',
    from: 'if (differences.length > 0) process.exitCode = 1;',
    to: '',
    tests: ['test/faults/move-command.test.ts'],
  },
];

// The same fact has the same code, hint, status and Retry-After by every way in; PostgREST's and Supabase's own forms aside.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { fail } from '@/cli/output';
import { createDiskStorage } from '@/lib/crm/storage';
import { errorResponse } from '@/lib/data-sources';
import { EXIT_CODES, HTTP, MarqueeError } from '@/lib/failures';
import { problem } from '@/server/errors';
import { AUTH_CODES } from '@/server/sign-in/auth-v1/errors';
import { STORAGE_FORMS } from '@/server/storage/errors';
import { loadFailures } from '../../scripts/errors-reference';
import { testSecretBox } from '../lib/application/application-database';
import { administer } from '../support/postgres';
import { startServing } from './serving';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-ways-in-'));
after(() => rm(directory, { recursive: true, force: true }));
const services = {
  secretBox: testSecretBox(),
  storage: createDiskStorage(directory),
  testPaymentSecret: 'a'.repeat(64),
  oauthClients: {},
};
const serving = await startServing({ services });
const { application, tenantIds, url } = serving;
const failures = await loadFailures();
const cookie = await serving.cookieOf('a', 'owner@a.example');
const client = await serving.supabase('a', 'owner@a.example');
const bearer = `Bearer ${(await client.auth.getSession()).data.session?.access_token}`;
await fetch(`${url}/t/a/rest/v1/accounts`, { headers: { authorization: bearer } });

const OPERATORS = 'The database of 6f9619ff-8b86-d011-b42d-00cf4fc964ff at db.internal:5432 says no.';

/** What PostgREST answers a token that is not good, whatever we call it: `PGRST301` to `PGRST303`. */
const TOKENS = new Set([
  'not_signed_in',
  'token_expired',
  'token_wrong_purpose',
  'token_invalid',
  'access_token_invalid',
]);

/** Those of ours that Supabase Auth has words of its own for. */
const AUTH_WORDS = new Map<string, [status: number, code: string]>([
  ['not_signed_in', [403, 'session_not_found']],
  ['password_common', [422, 'weak_password']],
]);

function authForm(code: string, status: number): readonly [status: number, code: string, message?: string] {
  return AUTH_WORDS.get(code) ?? AUTH_CODES[code] ?? [status, code];
}

/** What Supabase's storage answers by status; what it has no code for is a request that cannot be met. */
function storageForm(status: number): [status: number, code: string] {
  const codes: Record<number, string> = {
    ...{ 401: 'InvalidJWT', 403: 'AccessDenied', 404: 'NoSuchKey', 429: 'SlowDown' },
    ...{ 500: 'InternalError', 502: 'InternalError', 503: 'SlowDown', 504: 'DatabaseTimeout' },
  };
  const known = codes[status];
  return known ? [status, known] : [400, 'InvalidRequest'];
}

/** Every request asks for its tenant first, where `error` is then thrown. */
async function answersOf(error: MarqueeError) {
  const planted = [
    mock.method(application.tenants, 'findBySubdomain', () => Promise.reject(error)),
    mock.method(application.tenants, 'get', () => Promise.reject(error)),
  ];
  const ask = async (path: string, headers: Record<string, string>) => {
    const response = await fetch(`${url}/t/a${path}`, { headers });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
  };
  try {
    return {
      rest: await ask('/rest/v1/accounts', { authorization: bearer }),
      api: await ask('/api/session', { cookie }),
      auth: await ask('/auth/v1/user', { authorization: bearer }),
      storage: await ask('/storage/v1/bucket', { authorization: bearer }),
    };
  } finally {
    for (const { mock: one } of planted) one.restore();
  }
}

for (const [code, { category, audience, hint: declared }] of failures) {
  test(`${code} is the same in process, at /rest/v1, /auth/v1, /storage/v1, /api and on the command line`, async () => {
    const error = new MarqueeError(code, audience === 'operator' ? OPERATORS : 'It cannot be done.');
    const { message, hint } = error.forUser();
    const expected = { code, message, hint: hint ?? null };

    const inProcess = errorResponse(error);
    const { details: _, ...body } = (await inProcess.json()) as Record<string, unknown>;
    assert.deepEqual(body, expected);
    assert.equal(inProcess.status, error.status);

    const { rest, api, auth, storage } = await answersOf(error);
    if (category === 'internal') {
      for (const { status, body: said } of [rest, api]) {
        assert.deepEqual([status, said.code], [500, 'internal_error']);
      }
      assert.deepEqual([auth.status, auth.body.error_code], [500, 'unexpected_failure']);
      assert.deepEqual([storage.status, storage.body.code], [500, 'InternalError']);
    } else {
      const retryAfter = error.retryAfterSeconds === undefined ? null : String(error.retryAfterSeconds);
      // In the forms of Supabase's services: their own status and code where they have one for the fact.
      const [authStatus, authCode] = authForm(code, error.status);
      assert.deepEqual(
        [auth.status, auth.body.code, auth.body.error_code, auth.retryAfter],
        [authStatus, authStatus, authCode, retryAfter],
      );
      const [storageStatus, storageCode] = STORAGE_FORMS[code] ?? storageForm(error.status);
      assert.deepEqual(
        [storage.status, storage.body.statusCode, storage.body.code, storage.retryAfter],
        [storageStatus, String(storageStatus), storageCode, retryAfter],
      );
      assert.equal(storage.body.message, [message, hint].filter(Boolean).join(' '));
      if (!(code in AUTH_CODES) && !AUTH_WORDS.has(code)) assert.equal(auth.body.msg, storage.body.message);
      const ofApi = { code: api.body.code, message: api.body.title, hint: api.body.hint };
      assert.deepEqual([api.status, api.retryAfter, ofApi], [error.status, retryAfter, expected]);
      if (TOKENS.has(code)) {
        assert.match(String(rest.body.code), /^PGRST30[123]$/);
        assert.equal(rest.status, 401);
      } else {
        const { details: _nothing, ...ofRest } = rest.body;
        assert.deepEqual([rest.status, rest.retryAfter, ofRest], [error.status, retryAfter, expected]);
      }
    }
    for (const { body: said } of [rest, api, auth, storage])
      assert.doesNotMatch(JSON.stringify(said), /6f9619ff|db\.internal/);

    const printed: string[] = [];
    const stderr = mock.method(console, 'error', (line: string) => printed.push(line));
    const exitCode = fail(error, true);
    stderr.mock.restore();
    assert.equal(exitCode, EXIT_CODES[category]);
    // The operator reads the whole message.
    assert.deepEqual(JSON.parse(printed.join('')).error, {
      code,
      message: error.message,
      ...(declared && { hint: declared }),
    });
  });
}

test('a category has one status, unless a code declares a more exact one', async () => {
  for (const [code, { category, status }] of failures) {
    assert.equal(new MarqueeError(code, 'x').status, status ?? HTTP[category].status, code);
  }
});

test('what a tenant’s database refuses has the same status at /rest/v1, and at /api by its client', async () => {
  await administer(
    serving.dataSourceUrl,
    `create function public.raising(code text) returns void language plpgsql as
       $$ begin raise exception 'said' using errcode = code; end $$;
     grant execute on function public.raising to tenant_user, tenant_service`,
  );
  const inProcess = await serving.newManager().getClientForTenant(tenantIds.a, true);
  const states = [
    ...[
      '23505',
      '23503',
      '23P01',
      '23514',
      '22P02',
      '22003',
      '42501',
      '42P01',
      '42883',
      '0A000',
      '28000',
      '3D000',
    ],
    ...[
      'P0001',
      'P0002',
      'PT403',
      'PT404',
      'PT409',
      'PT422',
      '40001',
      '40P01',
      '55P03',
      '57014',
      '53100',
      '53300',
    ],
    ...['54000', '21000', '25006', '58030', 'XX000', 'MQ012'],
  ];
  const differing: string[] = [];
  for (const code of states) {
    const { status, error: atRest } = await client.rpc('raising', { code });
    assert.equal(atRest?.code, code);
    const thrown = await inProcess
      .rpc('raising' as never, { code } as never)
      .throwOnError()
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    const atApi = problem(thrown, 'request');
    if (atApi.status !== status) differing.push(`${code}: ${status} at /rest/v1, ${atApi.status} at /api`);
  }
  assert.deepEqual(differing, []);
});

import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { optionalServices } from '@/cli/optional-services';
import { marquee } from './marquee';

test('the operator reads what is not set up, which variables to set and which address to register', async () => {
  const environment = {
    MARQUEE_STATE_DIRECTORY: path.join(tmpdir(), `marquee-none-${process.pid}`),
    PUBLIC_URL: 'https://crm.example.com/',
    GOOGLE_CLIENT_ID: 'id-of-google',
    SMTP_URL: 'smtps://user:hidden@smtp.example.com',
    MAIL_FROM: 'mail@example.com',
  };
  const { code, stdout, stderr } = await marquee(['doctor'], environment).ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Email: ready$/m);
  assert.match(stdout, /^Google Calendar: incomplete\n {2}set GOOGLE_CLIENT_SECRET; without: /m);
  assert.match(stdout, /https:\/\/crm\.example\.com\/api\/integrations\/google\/callback/);
  assert.match(
    stdout,
    /^QuickBooks Online: not set up\n {2}set QUICKBOOKS_CLIENT_ID and QUICKBOOKS_CLIENT_SECRET;/m,
  );
  assert.doesNotMatch(stdout + stderr, /hidden|id-of-google/);
});

test('the default sender does not count: no server accepts mail from it', () => {
  const [email] = optionalServices({
    SMTP_URL: 'smtps://smtp.example.com',
    MAIL_FROM: 'mail@marquee.invalid',
  });
  assert.deepEqual([email?.state, email?.missing], ['incomplete', ['MAIL_FROM']]);
});

// What the server says by a code has a German sentence with the same values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import i18next from 'i18next';
import { optionalServices } from '@/cli/optional-services';
import { CONDITIONS, DEFAULT_RULES, ENDINGS, titleDescriptor } from '@/lib/alerts';
import { AUDIT_ACTIONS } from '@/lib/application';
import { CHECK_HINTS, CHECK_PARTS, CHECKS } from '@/lib/data-sources/testing/words';
import { messageFormatter, messageParser } from '@/lib/failures';
import { CAUSES, EVIDENCE, THRESHOLDS } from '@/lib/fleet/health';
import { DETAILS, STATES } from '@/lib/fleet/overview';
import { ROLLOUT_WAITS } from '@/lib/fleet/schema-rollout';
import { GATE_WORDS, MOVE_WAITS, parseRefusal, REFUSALS } from '@/lib/movement';
import { PREFLIGHT, PREFLIGHT_PARTS } from '@/lib/movement/plan/words';
import { Failure } from '@/web/hooks/request/failures';
import { serverMessages } from '@/web/operator/server-messages/messages.de';
import { de as consoleDe } from '@/web/operator/words/de';
import { en as consoleEn } from '@/web/operator/words/en';
import { explain } from '@/web/ui/notify';
import { loadFailures } from '../../../scripts/errors-reference';

const english = new Map<string, string>();
const catalogues = {
  ...{ evidence: EVIDENCE, states: STATES, details: DETAILS, alerts: CONDITIONS, endings: ENDINGS },
  ...{ waits: MOVE_WAITS, gates: GATE_WORDS, rolloutWaits: ROLLOUT_WAITS },
  ...{ checks: CHECKS, checkHints: CHECK_HINTS, checkParts: CHECK_PARTS },
  ...{ preflight: PREFLIGHT, preflightParts: PREFLIGHT_PARTS, refusals: REFUSALS },
};
for (const [name, catalogue] of Object.entries<Record<string, string>>(catalogues))
  for (const [code, words] of Object.entries(catalogue)) english.set(`${name}.${code}`, words);
for (const [cause, { title, nextStep }] of Object.entries(CAUSES)) {
  english.set(`causes.${cause}.title`, title);
  english.set(`causes.${cause}.nextStep`, nextStep);
}
for (const rule of DEFAULT_RULES) {
  const { code, values } = titleDescriptor(rule) ?? { code: rule.name, values: {} };
  english.set(
    code,
    Object.keys(values)
      .map((name) => `{{${name}}}`)
      .join(' '),
  );
}
for (const [name, { means }] of Object.entries(THRESHOLDS)) english.set(`thresholds.${name}`, means);
for (const [action, words] of Object.entries(AUDIT_ACTIONS)) english.set(`actions.${action}`, words);
for (const { code, name, without } of optionalServices({})) {
  english.set(`services.${code}.name`, name);
  english.set(`services.${code}.without`, without);
}

test('every code of the server is said in German, as a page looks it up', async () => {
  const german = i18next.createInstance();
  const escaped = { interpolation: { escapeValue: false } };
  await german.init({ lng: 'de', resources: { de: { translation: { serverMessages } } }, ...escaped });
  const placesOf = (words: string) => [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '');
  assert.ok(english.size > 150);
  for (const [code, words] of english) {
    const values = Object.fromEntries(placesOf(words).map((name) => [name, `<${name}>`]));
    // A title that stands in another sentence is found by the code of its cause.
    const shown = german.t(`serverMessages.${code}`, { cause: 'slow', ...values, defaultValue: 'English' });
    assert.notEqual(shown, 'English', code);
    assert.ok(!shown.includes('{{'), `${code}: ${shown}`);
    for (const value of Object.values(values)) {
      const wanted = value === '<title>' ? serverMessages.causes.slow.title : value;
      assert.ok(shown.includes(wanted), `${code} without ${wanted}`);
    }
  }
});

/** Rooms whose errors do not reach the console. */
const ELSEWHERE = /^(cli|crm|embedded|rest|repositories|failures)(\/|$)/;

test('every error that an operator may get is said in German', async () => {
  const codes = [...(await loadFailures())].filter(([, { room }]) => !ELSEWHERE.test(room));
  assert.ok(codes.length > 200);
  assert.deepEqual(
    codes.map(([code]) => code).filter((code) => !serverMessages.failures[code]),
    [],
  );
  const known = new Set([...codes.map(([code]) => code), 'internal_error', 'schema_index_invalid']);
  assert.deepEqual(
    Object.keys(serverMessages.failures).filter((code) => !known.has(code)),
    [],
    'of codes that are no more',
  );
});

test('the console says an error in German with what the server has added, and in English as the server does', async () => {
  const error = new Failure('move_not_possible', 'The move has ended.', { hint: 'Start another one.' });
  await i18next.init({ lng: 'en', resources: {}, interpolation: { escapeValue: false } });
  i18next.addResourceBundle('en', 'translation', consoleEn);
  i18next.addResourceBundle('de', 'translation', { ...consoleDe, serverMessages });
  assert.equal(explain(error), 'The move has ended. Start another one.');
  const moving = new Failure('tenant_moving', 'The tenant a is being moved.', { hint: 'Try again.' });
  assert.equal(explain(moving), 'The tenant a is being moved. Try again.', 'not what a company’s user reads');
  await i18next.changeLanguage('de');
  assert.match(explain(error), /^Der Stand, .* Der Server meldet: The move has ended\.$/);
  assert.equal(explain(moving), serverMessages.failures.tenant_moving);
});

test('sentences that were stored as text are read back as code and values', () => {
  const read = messageParser('waits', MOVE_WAITS);
  const speak = messageFormatter('waits', MOVE_WAITS);
  const values = { source: 'main-1', seconds: 70, pid: 4711, database: 'tenant (data)' };
  const { text, said: code } = speak('transaction', values);
  assert.deepEqual(read(text), {
    code: code.code,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
  });
  assert.equal(read('something of a later version'), undefined);
  // A rollout that leaves a tenant out stores the text of the refusal.
  assert.deepEqual(parseRefusal('The tenant is being moved already: user:1 began it.')?.values, {
    by: 'user:1',
  });
  assert.equal(parseRefusal('shared-2 is full: it takes 3 tenants.')?.code, 'preflight.target_full');
});

test('a sentence that lists several things has each as code and values', () => {
  const part = messageFormatter('parts', { missing: '{{table}} is missing' });
  const { text, said } = messageFormatter('differences', { tables: 'They differ: {{list}} ({{count}}).' })(
    'tables',
    {
      list: [part('missing', { table: 'a' }), part('missing', { table: 'b' })],
      count: 2,
    },
  );
  assert.equal(text, 'They differ: a is missing; b is missing (2).');
  assert.deepEqual(
    said.parts?.list?.map(({ code, values }) => [code, values.table]),
    [
      ['parts.missing', 'a'],
      ['parts.missing', 'b'],
    ],
  );
});

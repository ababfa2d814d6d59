import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import {
  categoryOfStatus,
  declaredFailures,
  declareFailures,
  EXACT_STATUSES,
  EXIT_CODES,
  HTTP,
  MarqueeError,
  USER_TEXTS,
} from '@/lib/failures';
import { loadFailures } from '../../../scripts/errors-reference';

const root = path.resolve(import.meta.dirname, '../../..');
const sources = new Map<string, string>();

/** What an end user must not read: ids, addresses, ports, settings, commands and connection details. */
const FOR_OPERATORS =
  /[0-9a-f]{8}-[0-9a-f]{4}-|\b\d+\.\d+\.\d+\.\d+\b|:\/\/\S*@|:\d{4,5}\b|\b(host|port|firewall|TLS|SQLSTATE|[A-Z]+_(URL|KEY)|marquee [a-z]+)\b/;

before(async () => {
  for await (const file of glob('src/{lib,server,cli}/**/*.ts', { cwd: root })) {
    sources.set(file, await readFile(path.join(root, file), 'utf8'));
  }
  await loadFailures();
});

test('every error class of Marquee takes its codes from a catalogue', () => {
  const own = /class (\w+) extends (?:MarqueeError|Error)\b(?!<)/g;
  const withoutCatalogue = [...sources.values()].flatMap((source) =>
    [...source.matchAll(own)].map(([, name]) => name),
  );
  // Codes of Supabase Auth and of PostgREST; the cause of a refusal, which has the code; how a rendering process ended, which its caller turns into a refusal where it can; and how a run of a move is stopped from outside, which is caught there.
  assert.deepEqual(withoutCatalogue.sort(), [
    'AuthError',
    'EngineError',
    'MissingValues',
    'ProcessEnded',
    'Stop',
  ]);
});

test('nothing raises the base class with a code that no catalogue has', () => {
  const raw = [...sources].flatMap(([file, source]) => (/new MarqueeError\(/.test(source) ? [file] : []));
  assert.deepEqual(raw, []);
});

test('every code is one word of small letters, with a meaning, and a hint unless it is a fault of our own', () => {
  assert.ok(declaredFailures().size > 150, `only ${declaredFailures().size} codes were found`);
  for (const [code, { category, means, hint }] of declaredFailures()) {
    assert.match(code, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    assert.match(means, /^[A-Z].*\.$/, code);
    assert.ok(category in HTTP, code);
    if (category !== 'internal') assert.ok(hint, `${code} has no hint`);
  }
});

test('a code is declared once', () => {
  assert.throws(
    () =>
      declareFailures('elsewhere', 'user', { tenant_unknown: { category: 'not-found', means: 'Again.' } }),
    /tenant_unknown is declared twice/,
  );
});

test('an exact status belongs to the category that declares it', () => {
  for (const [code, { category, status }] of declaredFailures()) {
    if (status === undefined) continue;
    assert.ok(EXACT_STATUSES[category]?.includes(status), `${code}: ${category} has no status ${status}`);
    assert.equal(categoryOfStatus(status), status === 503 ? 'unavailable' : category, code);
  }
  for (const [category, { status }] of Object.entries(HTTP)) {
    assert.equal(categoryOfStatus(status), category === 'moving' ? 'unavailable' : category);
  }
});

test('an end user reads no id, address, setting or command', () => {
  const message =
    'The database of 6f9619ff-8b86-d011-b42d-00cf4fc964ff at db.internal:5432 refused the login.';
  for (const [code, { audience, hint }] of declaredFailures()) {
    const error = new MarqueeError(code, audience === 'operator' ? message : 'It cannot be done.');
    const read = error.forUser();
    assert.doesNotMatch(`${read.message} ${audience === 'operator' ? read.hint : ''}`, FOR_OPERATORS, code);
    if (audience === 'operator') assert.equal(error.message, message);
    assert.equal(error.hint, hint);
  }
  for (const { message: text, hint } of Object.values(USER_TEXTS))
    assert.doesNotMatch(text + hint, FOR_OPERATORS);
});

test('an undeclared code is a fault of our own: it says nothing of itself and is not tried again', () => {
  const error = new MarqueeError('no_such_code', 'The secret of 10.0.0.1 leaked.');
  assert.deepEqual(
    [error.category, error.status, error.transient, error.retryAfterSeconds, error.forUser()],
    ['internal', 500, false, undefined, USER_TEXTS.internal],
  );
});

test('trying again is advised for what may succeed later, and exit code 4 says the same', () => {
  const advised = Object.entries(HTTP).flatMap(([category, { retryAfter }]) =>
    retryAfter ? [category] : [],
  );
  assert.deepEqual(advised, ['busy', 'moving', 'unavailable']);
  const later = Object.entries(EXIT_CODES).flatMap(([category, code]) => (code === 4 ? [category] : []));
  // A timeout may be repeated by hand; whether what was sent has been done is not known.
  assert.deepEqual(later, ['busy', 'moving', 'unavailable', 'timeout']);
});

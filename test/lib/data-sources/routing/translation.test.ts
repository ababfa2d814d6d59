import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { translateRequest, translateValues } from '@/lib/data-sources/routing/translation';

const [app, former, there, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
const tenant = { tenantIdInDataSource: there, otherIds: [app, former] };

const query = (given: Record<string, string>, path = '/accounts') => {
  const request = { method: 'GET', path, query: new URLSearchParams(given).toString(), headers: {} };
  return Object.fromEntries(new URLSearchParams(translateRequest(request, tenant).query));
};
const body = (given: string, path = '/accounts', type = 'application/json') => {
  const request = { method: 'POST', path, query: '', headers: { 'content-type': type }, body: given };
  return translateRequest(request, tenant).body as string;
};

test('filters on tenant_id, however they are written', () => {
  for (const [key, given, wanted] of [
    ['tenant_id', `eq.${app}`, `eq.${there}`],
    ['tenant_id', `eq.${former.toUpperCase()}`, `eq.${there}`],
    ['tenant_id', `not.in.(${other},${app})`, `not.in.(${other},${there})`],
    ['contacts.tenant_id', `eq.${app}`, `eq.${there}`],
    ['or', `(tenant_id.eq.${app},name.eq.${app})`, `(tenant_id.eq.${there},name.eq.${app})`],
    ['or', `(tenant_id.in.(${other},"${app}"),id.eq.1)`, `(tenant_id.in.(${other},"${there}"),id.eq.1)`],
    [
      'or',
      `(tenant_id.eq(any).{${other},${app}},id.eq.1)`,
      `(tenant_id.eq(any).{${other},${there}},id.eq.1)`,
    ],
    ['or', `("tenant_id".eq."${app}",id.eq.1)`, `("tenant_id".eq."${there}",id.eq.1)`],
    [
      'contacts.and',
      `(not.or(tenant_id.not.eq.${app},a.is.null))`,
      `(not.or(tenant_id.not.eq.${there},a.is.null))`,
    ],
    ['name', `eq.${app}`, `eq.${app}`],
    ['my_tenant_id', `eq.${app}`, `eq.${app}`],
  ] as const) {
    assert.deepEqual(query({ [key]: given }), { [key]: wanted });
  }
});

test('rows of a body, with all digits of their numbers', () => {
  const details = `{"tenant_id":"${app}"}`;
  const row = (id: string) =>
    `{"tenant_id":"${id}","n":12345678901234567890.10,"name":"${app}","details":${details}}`;
  assert.equal(body(row(app)), row(there));
  assert.equal(body(`[${row(former)},${row(other)}]`), `[${row(there)},${row(other)}]`);
  assert.equal(body(`{"tenant_id":"${app}"`), `{"tenant_id":"${app}"`, 'what is no JSON stays as it is');
});

test('ids are translated in bodies of CSV and of forms', () => {
  const csv = `name,tenant_id\n"a ""b"", ${app}",${app}\nNULL,${other}\n`;
  const wanted = `"name","tenant_id"\n"a ""b"", ${app}","${there}"\n"NULL","${other}"`;
  assert.equal(body(csv, '/accounts', 'text/csv; charset=utf-8'), wanted);
  const form = body(`name=${app}&tenant_id=${app}`, '/accounts', 'application/x-www-form-urlencoded');
  assert.equal(form, `name=${app}&tenant_id=${there}`);
});

test('a function’s arguments, whatever their names', () => {
  const given = {
    tenant: app,
    ids: [other, app],
    rows: [{ tenant_id: app, note: app }],
    text: `to ${app}`,
    n: 1,
  };
  const wanted = {
    tenant: there,
    ids: [other, there],
    rows: [{ tenant_id: there, note: app }],
    text: `to ${app}`,
    n: 1,
  };
  for (const path of ['/rpc/f', '/%72pc/f', '/rp%63/%66', 'rpc/f']) {
    assert.deepEqual(JSON.parse(body(JSON.stringify(given), path)), wanted, path);
  }
  assert.deepEqual(query({ tenant: app, ids: `{${other},${app}}`, text: `to ${app}` }, '/rpc/f'), {
    ...{ tenant: there, ids: `{${other},${there}}`, text: `to ${app}` },
  });
  assert.equal(body(app, '/rpc/f', 'text/plain'), app);
});

test('values of a statement, alone or in an array', () => {
  const given = [app, former.toUpperCase(), [other, [app]], `to ${app}`, { tenant_id: app }, null, 1];
  const wanted = [there, there, [other, [there]], `to ${app}`, { tenant_id: app }, null, 1];
  assert.deepEqual(translateValues(given, tenant), wanted);
  const untouched = [other, 1, [2]];
  assert.equal(translateValues(untouched, tenant), untouched);
});

test('nothing is done where the tenant has one id only', () => {
  const request = {
    method: 'POST',
    path: '/accounts',
    query: `tenant_id=eq.${app}`,
    headers: {},
    body: '{}',
  };
  assert.equal(translateRequest(request, { tenantIdInDataSource: app, otherIds: [] }), request);
});

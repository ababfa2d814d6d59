import assert from 'node:assert/strict';
import { test } from 'node:test';
import type pg from 'pg';
import type { User } from '@/lib/application';
import { MailCodes } from '@/lib/identity';
import { openTestOperationsDatabase } from '../operations/operations-database';

const { operations } = await openTestOperationsDatabase();
const codes = new MailCodes(operations.pool);
const newUser = () => ({ id: crypto.randomUUID(), tenantId: crypto.randomUUID(), tokenVersion: 1 }) as User;

test('a code proves the address that it was mailed to, not one that is asked for while it is checked', async () => {
  const user = newUser();
  const { code } = await codes.issue(user, 'email_change', { newEmail: 'own@a.example' });
  const { pool } = operations;
  // Another is asked for after the attempt was counted.
  const interrupted = {
    async query(text: string, values: unknown[]) {
      const answer = await pool.query(text, values);
      if (text.startsWith('update')) await codes.issue(user, 'email_change', { newEmail: 'other@a.example' });
      return answer;
    },
  } as unknown as pg.Pool;
  assert.equal(await new MailCodes(interrupted).takeCode(user.id, 'email_change', code), undefined);
  assert.equal(await codes.changingTo(user.tenantId ?? '', 'other@a.example'), user.id, 'the other is valid');
});

test('a code is taken once, by one of several at the same time', async () => {
  const user = newUser();
  const { code } = await codes.issue(user, 'magiclink');
  const taken = await Promise.all([1, 2, 3].map(() => codes.takeCode(user.id, 'magiclink', code)));
  assert.equal(taken.filter(Boolean).length, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { didNothing, isMarkTaken, isRefusal } from '@/lib/data-sources/sources/postgres/marks';

function refused(code: string, constraint?: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('refused', 7, 'error'), { severity: 'ERROR', code, constraint });
}

test('the server’s word counts as a refusal only where it comes after the mark was inserted', () => {
  for (const code of ['23505', '22P02', '42501', 'P0001', 'MQ001']) assert.ok(isRefusal(refused(code)), code);
  // Read only, a lock not granted, cancelled, disk full, out of memory, input or output failed, corrupt: the mark may be what failed.
  for (const code of ['25006', '55P03', '57014', '53100', '53200', '58030', 'XX001', '40P01'])
    assert.ok(!isRefusal(refused(code)), code);
});

test('a write at a server that only reads has done nothing', () => {
  assert.ok(didNothing(refused('25006')));
  assert.ok(!didNothing(refused('23505')));
  assert.ok(isMarkTaken(refused('23505', 'request_marks_once')));
});

// What the console says of a move is true of its kind: offline moves stop the tenant, and a database that was given up keeps its rows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meaningOf } from '@/web/operator/moves/states';
import { moves as german } from '@/web/operator/moves/words.de';
import { moves as english } from '@/web/operator/moves/words.en';

const move = { step: 'copying', mode: 'logical', leftBehind: [] as string[] } as const;

test('an offline move is not said to be rolled back, and rows of a lost database are not said to be removed', () => {
  assert.equal(meaningOf(move), 'copying');
  assert.equal(meaningOf({ ...move, step: 'reverse_replication' }), 'reverse_replication');
  const left = ['rows whose tenant_id is …'];
  const special = [
    meaningOf({ ...move, step: 'cutting_over', mode: 'offline' }),
    meaningOf({ ...move, step: 'reverse_replication', mode: 'offline' }),
    meaningOf({ ...move, step: 'completed', leftBehind: left }),
    meaningOf({ ...move, step: 'aborted', leftBehind: left }),
  ];
  assert.equal(new Set(special).size, 4);
  for (const { meaning } of [english, german]) for (const name of special) assert.ok(name in meaning, name);
});

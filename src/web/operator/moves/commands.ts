// The commands that do the same as a dialog.
import type { StartMoveBody } from '@/server/operator/moves/moves';
import type { RolloutWish } from '@/server/operator/moves/rollouts';

export function moveCommand({ tenant, to, pace, autoCutOver }: Omit<StartMoveBody, 'confirm'>): string {
  return ['marquee move start', tenant, '--to', to, '--pace', pace, autoCutOver && '--auto-cut-over']
    .filter(Boolean)
    .join(' ');
}

export function rolloutCommand({ from, to, samples = [], ...options }: RolloutWish): string {
  const { atOnce, soakSeconds, keepRollback } = options;
  return [
    'marquee rollout start',
    ...from.map((name) => `--from ${name}`),
    ...['--to', to, '--at-once', atOnce, '--soak', soakSeconds, keepRollback && '--keep-rollback'],
    ...samples.map((name) => `--sample ${name}`),
  ]
    .filter((part) => part !== undefined && part !== false)
    .join(' ');
}

import { useTranslation } from 'react-i18next';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { State } from '../parts/State';

export const BACKUP_TASKS = [
  'backups.create',
  'backups.verify',
  'backups.drill',
  'backups.restore',
  'backups.prune',
];

export function DrillState({ state }: { state: 'running' | 'passed' | 'failed' }) {
  const { t } = useTranslation();
  const tone = state === 'passed' ? 'good' : state === 'failed' ? 'bad' : 'busy';
  return <State tone={tone}>{t(`backups.drillState.${state}`)}</State>;
}

/** How a task of backups ended, in a sentence. */
export function Outcome({ task: { kind, result } }: { task: OperatorTaskAnswer }) {
  const { t } = useTranslation();
  if (!result) return null;
  const values = { ...result, rows: Number(result.rows ?? 0) };
  if (kind === 'backups.restore' && result.kind === 'as_new_tenant')
    return <>{t('backups.outcome.as_new_tenant', values)}</>;
  if (kind === 'backups.drill') {
    const failed = (result.failed as unknown[] | undefined)?.length ?? 0;
    return (
      <>{t(failed > 0 ? 'backups.outcome.drillsFailed' : 'backups.outcome.drilled', { count: failed })}</>
    );
  }
  if (kind === 'backups.prune') {
    const count = (result.removed as unknown[]).length;
    return <>{t(result.plan ? 'backups.outcome.prunable' : 'backups.outcome.pruned', { count })}</>;
  }
  return <>{t(`backups.outcome.${kind.slice('backups.'.length)}`, values)}</>;
}

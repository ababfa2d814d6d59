import { useTranslation } from 'react-i18next';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { useConsoleFormat } from '../format';

/** How an export or an erasure ended, in a sentence. */
export function OffboardingOutcome({ task: { kind, result } }: { task: OperatorTaskAnswer }) {
  const { t } = useTranslation();
  const { number } = useConsoleFormat();
  const of = (name: string) => Number(result?.[name] ?? 0);
  if (kind === 'tenants.export')
    return <>{t('offboarding.exported', { count: of('rows'), files: number(of('files')) })}</>;
  const counts = { rows: number(of('rows')), files: number(of('files')), backups: number(of('backups')) };
  const mayRemain = (result?.mayRemain ?? []) as string[];
  if (mayRemain.length === 0) return <>{t('offboarding.erased', counts)}</>;
  return (
    <>
      {t('offboarding.erasedReached', counts)} {t('offboarding.mayRemain', { what: mayRemain.join(' ') })}
    </>
  );
}

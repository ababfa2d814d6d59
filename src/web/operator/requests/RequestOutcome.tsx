import { Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { LinkTo } from '../../ui/LinkTo';

/** The result of an accepted request, with a link to the next step. */
export function RequestOutcome({ task: { kind, result } }: { task: OperatorTaskAnswer }) {
  const { t } = useTranslation();
  if (!result) return null;
  const page = `/tenants/${String(result.tenant)}`;
  return kind === 'requests.export' ? (
    <Group gap="xs">
      {t('requests.exported', { count: Number(result.rows) })}
      <LinkTo to={page}>{t('requests.toPage')}</LinkTo>
    </Group>
  ) : (
    <Group gap="xs">
      {t('requests.added', { source: String(result.source) })}
      <LinkTo to="/moves">{t('requests.move', { tenant: String(result.tenant) })}</LinkTo>
    </Group>
  );
}

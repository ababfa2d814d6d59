import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { OperatorTenant, Suspension, SuspensionOutcomes } from '@/server/operator/tenants/tenants';
import { confirm } from '../../ui/confirm';
import { notifyDone, notifyProblem } from '../../ui/notify';
import { useOperatorChange } from '../queries';
import { useFailureMessage } from '../server-messages/use-message';

/** Suspends or resumes the selected tenants together. */
export function BulkSuspension({
  tenants,
  onDone,
}: {
  tenants: readonly OperatorTenant[];
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const change = useOperatorChange<SuspensionOutcomes, Suspension>(['tenants']);
  const count = tenants.length;
  const run = (suspended: boolean) =>
    change.mutate(
      { path: '/tenants/suspension', body: { tenants: tenants.map(({ id }) => id), suspended } },
      {
        onSuccess: ({ changed, failed }) => {
          if (changed > 0) notifyDone(t('tenants.changed', { count: changed }));
          const [first] = failed;
          if (first) notifyProblem(t('tenants.failed', { count: failed.length, why: sayFailure(first) }));
          onDone();
        },
      },
    );
  return (
    <Group mb="sm" gap="sm" role="group" aria-label={t('tenants.selected', { count })}>
      <Text size="sm" fw={550}>
        {t('tenants.selected', { count })}
      </Text>
      <Button
        size="compact-sm"
        color="red"
        variant="light"
        loading={change.isPending}
        onClick={() =>
          confirm({
            title: t('tenants.suspendTitle', { count }),
            text: t('tenants.suspendText'),
            action: t('tenants.suspend'),
            destructive: true,
            onConfirm: () => run(true),
          })
        }
      >
        {t('tenants.suspend')}
      </Button>
      <Button size="compact-sm" variant="default" loading={change.isPending} onClick={() => run(false)}>
        {t('tenants.resume')}
      </Button>
    </Group>
  );
}

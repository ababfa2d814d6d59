import { Code, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UsageStatements } from '@/server/operator/usage/usage';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useOperatorQuery } from '../queries';
import { CostTable } from './CostTable';

const ORDERS = ['time', 'slowest'] as const;

/** The ten statements of a tenant in a month that took the most time in all, or the most time a call. */
export function TenantStatements({
  tenantId,
  month,
  name,
}: {
  tenantId: string;
  month: string;
  name: string;
}) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const [order, setOrder] = useState<string>('time');
  const query = useOperatorQuery<UsageStatements>('cost', `/usage/${tenantId}/statements`, {
    parameters: { month, order },
    everyMs: 60_000,
  });
  const title = t('cost.statements', { tenant: name });
  return (
    <Panel
      title={title}
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t('usage.order')}
          value={order}
          onChange={setOrder}
          data={ORDERS.map((value) => ({ value, label: t(`usage.orders.${value}`) }))}
        />
      }
    >
      <QueryView query={query}>
        {({ statements }) =>
          statements.length === 0 ? (
            <Text c="dimmed" p="md">
              {t('cost.noStatements')}
            </Text>
          ) : (
            <CostTable
              label={title}
              heads={[
                ...['statement', 'source', 'calls', 'time'].map((key) => t(`cost.${key}`)),
                ...[t('usage.perCall'), t('cost.share')],
              ]}
              rows={statements.map(({ fingerprint, statement, source, calls, querySeconds, share }) => ({
                key: `${source} ${fingerprint}`,
                cells: [
                  <Code key="statement" style={{ overflowWrap: 'anywhere' }}>
                    {statement.length > 300 ? `${statement.slice(0, 299)}…` : statement}
                  </Code>,
                  source,
                  format.number(calls),
                  t('cost.seconds', { seconds: format.number(querySeconds) }),
                  `${format.fine((1000 * querySeconds) / Math.max(calls, 1))} ms`,
                  format.percent(share),
                ],
              }))}
            />
          )
        }
      </QueryView>
      <Command text={`marquee usage statements ${name} --month ${month}`} />
    </Panel>
  );
}

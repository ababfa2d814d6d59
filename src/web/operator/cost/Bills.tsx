import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CostBill } from '@/server/operator/usage/bills';
import { Panel } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorQuery } from '../queries';
import { CorrectBillDialog } from './CorrectBillDialog';

/** Bills of a month as they were entered, with their corrections. */
export function Bills({ month }: { month: string }) {
  const { t } = useTranslation();
  const may = useMay()('usage.change');
  const [corrected, setCorrected] = useState<CostBill>();
  const query = useOperatorQuery<{ bills: CostBill[] }>('cost', '/cost/bills', { parameters: { month } });
  return (
    <Panel title={t('cost.entries')}>
      <QueryView query={query} lines={2}>
        {({ bills }) => (
          <Rows
            label={t('cost.entries')}
            rows={bills}
            keyOf={({ id }) => id}
            empty={
              <Text size="sm" c="dimmed">
                {t('cost.noEntries')}
              </Text>
            }
            columns={[
              {
                label: t('cost.source'),
                cell: ({ source, corrects }) => {
                  const bill = bills.find(({ id }) => id === corrects);
                  return (
                    <Stack gap={0}>
                      {source}
                      {bill && (
                        <Text size="xs" c="dimmed">
                          {t('cost.isCorrection', { amount: bill.amount, currency: bill.currency })}
                        </Text>
                      )}
                    </Stack>
                  );
                },
              },
              {
                ...{ label: t('cost.amount'), align: 'right', nowrap: true },
                cell: ({ amount, currency }) => `${amount} ${currency}`,
              },
              { label: t('cost.note'), cell: ({ note }) => note },
              { label: t('cost.by'), cell: ({ enteredByName }) => enteredByName },
              {
                ...{ label: t('cost.enteredAt'), nowrap: true },
                cell: ({ enteredAt }) => <Ago at={enteredAt} />,
              },
              ...(may
                ? [
                    {
                      label: t('cost.correct'),
                      cell: (bill: CostBill) =>
                        bill.corrects === null && (
                          <Button size="compact-xs" variant="default" onClick={() => setCorrected(bill)}>
                            {t('cost.correct')}
                          </Button>
                        ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </QueryView>
      <Command text={`marquee cost bill list --month ${month}`} />
      {corrected && <CorrectBillDialog bill={corrected} onClose={() => setCorrected(undefined)} />}
    </Panel>
  );
}

import { Box, Button, Group, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Download, ReceiptText } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CostMonths, OperatorCosts } from '@/server/operator/usage/cost';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { State } from '../parts/State';
import { useMay, useOperatorQuery } from '../queries';
import { AddBill } from './AddBill';
import { Bills } from './Bills';
import { CostTable } from './CostTable';
import { TenantStatements } from './TenantStatements';

const MonthsChart = lazy(() => import('./MonthsChart'));

/** A month's bills by source and by tenant, what changed since the month before, and the statements of one tenant. */
export function CostScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const { f = {} } = useScreenSearch();
  const month = /^\d{4}-\d\d$/.test(f.month ?? '')
    ? (f.month as string)
    : new Date().toISOString().slice(0, 7);
  const estimate = f.estimate === 'true';
  const [adds, setAdds] = useState(false);
  const set = (changes: Record<string, string | undefined>) =>
    void navigate({
      to: '.',
      search: (was: object) => ({ ...was, f: { ...f, ...changes } }),
      replace: true,
    } as never);
  const costs = useOperatorQuery<OperatorCosts>('cost', '/cost', {
    parameters: { month, estimate },
    everyMs: 60_000,
  });
  const months = useOperatorQuery<CostMonths>('cost', '/cost/months', {
    parameters: { month, estimate },
    everyMs: 60_000,
  });
  return (
    <>
      <PageHeader
        title={t('cost.title')}
        actions={
          <>
            <Button
              component="a"
              href={`/api/operator/cost/focus.csv?month=${month}`}
              variant="default"
              leftSection={<Download size={15} />}
            >
              {t('cost.csv')}
            </Button>
            {may('usage.change') && <Button onClick={() => setAdds(true)}>{t('cost.addBill')}</Button>}
          </>
        }
      />
      <Group mb="md" gap="sm" align="end">
        <TextInput
          type="month"
          label={t('cost.month')}
          value={month}
          onChange={({ currentTarget: { value } }) => set({ month: value || undefined })}
        />
        <Select
          label={t('cost.source')}
          placeholder={t('cost.allSources')}
          clearable
          data={[...new Set(costs.data?.bills.map(({ source }) => source))]}
          value={f.source ?? null}
          onChange={(source) => set({ source: source ?? undefined })}
        />
        <Switch
          mb={8}
          label={t('cost.estimate')}
          checked={estimate}
          onChange={({ currentTarget: { checked } }) => set({ estimate: checked ? 'true' : undefined })}
        />
      </Group>
      <QueryView query={costs}>
        {(answer) => (
          <Costs costs={answer} source={f.source} tenant={f.tenant} onTenant={(tenant) => set({ tenant })} />
        )}
      </QueryView>
      {f.tenant && <TenantStatements tenantId={f.tenant} month={month} name={nameIn(costs.data, f.tenant)} />}
      <Box my="md">
        <Bills month={month} />
      </Box>
      <Panel title={t('cost.byMonth')}>
        <QueryView query={months}>
          {({ months: shown }) =>
            shown.length === 0 ? (
              <Text c="dimmed">{t('cost.noMonths', { month })}</Text>
            ) : (
              <Suspense>
                <MonthsChart months={shown} />
              </Suspense>
            )
          }
        </QueryView>
      </Panel>
      <Command text={`marquee cost show --month ${month}${estimate ? ' --estimate' : ''}`} />
      {adds && <AddBill month={month} onClose={() => setAdds(false)} />}
    </>
  );
}

function nameIn(costs: OperatorCosts | undefined, tenantId: string): string {
  const parts = costs?.bills.flatMap((bill) => bill.parts) ?? [];
  return parts.find((part) => part.tenantId === tenantId)?.tenant ?? tenantId;
}

function Costs({
  costs,
  source,
  tenant: chosen,
  onTenant,
}: {
  costs: OperatorCosts;
  source: string | undefined;
  tenant: string | undefined;
  onTenant: (tenantId: string) => void;
}) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const bills = costs.bills.filter((bill) => !source || bill.source === source);
  if (bills.length === 0)
    return <EmptyState icon={ReceiptText} title={t('cost.empty')} text={t('cost.emptyText')} />;
  const of = (bill: OperatorCosts['bills'][number], kind: 'shared' | 'idle') =>
    bill.parts.find((part) => part.kind === kind)?.amount ?? '–';
  return (
    <Stack mb="md">
      <Panel title={t('cost.bySource')} flush>
        <CostTable
          label={t('cost.bySource')}
          heads={[t('cost.source'), t('cost.bill'), t('cost.shared'), t('cost.idle')]}
          rows={bills.map((bill) => ({
            key: `${bill.source} ${bill.currency}`,
            cells: [
              <Group key="source" gap="xs">
                {bill.source}
                {bill.estimated && <State tone="neutral">{t('cost.estimated')}</State>}
              </Group>,
              `${bill.amount} ${bill.currency}`,
              of(bill, 'shared'),
              of(bill, 'idle'),
            ],
          }))}
        />
        {!source && (
          <Text size="sm" c="dimmed" p="sm">
            {t('cost.reconciled', {
              amount: costs.totals.map(({ total, currency }) => `${total} ${currency}`).join(', '),
            })}
          </Text>
        )}
      </Panel>
      <Panel title={t('cost.byTenant')} flush>
        <CostTable
          label={t('cost.byTenant')}
          heads={[t('cost.tenant'), t('cost.source'), t('cost.amount'), t('cost.share'), t('cost.budget')]}
          rows={bills.flatMap((bill) =>
            bill.parts.map(({ kind, tenantId, tenant, amount, share }) => {
              const budget = costs.budgets.find((one) => one.tenantId === tenantId);
              return {
                key: `${bill.source} ${bill.currency} ${tenantId ?? kind}`,
                cells: [
                  tenantId ? (
                    <Button
                      key="tenant"
                      variant="subtle"
                      size="compact-sm"
                      aria-pressed={chosen === tenantId}
                      onClick={() => onTenant(tenantId)}
                    >
                      {tenant}
                    </Button>
                  ) : (
                    <Text key="kind" size="sm" c="dimmed" px="xs">
                      {kind === 'idle' ? t('cost.idle') : t('cost.shared')}
                    </Text>
                  ),
                  bill.source,
                  `${amount} ${bill.currency}`,
                  format.percent(share),
                  budget ? (
                    <State
                      key="budget"
                      tone={budget.level === 'ok' ? 'good' : budget.level === 'near' ? 'warning' : 'bad'}
                    >
                      {t('cost.used', { share: format.percent(budget.share) })}
                    </State>
                  ) : (
                    '–'
                  ),
                ],
              };
            }),
          )}
        />
      </Panel>
      {!source && <Changes changes={costs.changes} />}
    </Stack>
  );
}

function Changes({ changes }: { changes: OperatorCosts['changes'] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('cost.changed')} flush>
      {changes.length === 0 ? (
        <Text c="dimmed" p="md">
          {t('cost.unchanged')}
        </Text>
      ) : (
        <CostTable
          label={t('cost.changed')}
          heads={['tenant', 'before', 'now', 'change', 'byBills', 'byUse'].map((key) => t(`cost.${key}`))}
          rows={changes
            .slice(0, 50)
            .map(({ kind, tenant, currency, before, now, change, byBills, byUse }) => ({
              key: `${tenant ?? kind} ${currency}`,
              cells: [
                tenant ?? (kind === 'idle' ? t('cost.idle') : t('cost.shared')),
                ...[before, now, change, byBills, byUse].map((amount) => `${amount} ${currency}`),
              ],
            }))}
        />
      )}
    </Panel>
  );
}

import { SimpleGrid } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { PageColumns } from '../../ui/PageColumns';
import { StatCard } from '../../ui/StatCard';
import { accounts, contactAccounts, opportunities } from '../entities/clients';
import { events } from '../entities/events';
import { invoices, quotes } from '../entities/money';
import { toAccount } from '../entities/references';
import { MergedInto, MergeWith } from '../merge/MergeWith';
import type { AnyRow } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { RelatedRecords } from '../records/RelatedRecords';
import { RecordTasks } from '../tasks/RecordTasks';
import { Files } from '../timeline/Files';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { Notes } from '../timeline/Notes';

/** The page of an account. */
export function AccountScreen() {
  const may = useMay();
  return (
    <RecordPage
      entity={accounts}
      actions={(record) => <MergeWith entity={accounts} record={record} reference={toAccount} />}
      summary={(record) => (
        <>
          <MergedInto entity={accounts} record={record} />
          <Worth accountId={record.id} />
        </>
      )}
      tabs={[
        {
          key: 'overview',
          content: (record) => (
            <PageColumns
              main={
                <>
                  <RecordFacts entity={accounts} record={record} without={['name', 'status']} />
                  <AccountParts record={record} />
                </>
              }
              side={
                <>
                  <RecordTasks entityType="account" entityId={record.id} />
                  <Notes entityType="account" entityId={record.id} />
                </>
              }
            />
          ),
        },
        { key: 'events', content: (record) => <OfAccount entity={events} record={record} /> },
        { key: 'deals', content: (record) => <OfAccount entity={opportunities} record={record} /> },
        {
          key: 'money',
          shown: may('prices'),
          content: (record) => (
            <>
              <OfAccount entity={invoices} record={record} />
              <div style={{ height: 16 }} />
              <OfAccount entity={quotes} record={record} />
            </>
          ),
        },
        { key: 'messages', content: (record) => <Messages link="account_id" id={record.id} /> },
        { key: 'files', content: (record) => <Files entityType="account" entityId={record.id} /> },
        { key: 'history', content: (record) => <History kind="accounts" record={record} /> },
      ]}
    />
  );
}

function AccountParts({ record }: { record: AnyRow }) {
  const filters = useMemo((): Filter[] => [['account_id', 'eq', record.id]], [record.id]);
  const presets = useMemo(() => ({ account_id: record.id }), [record.id]);
  return (
    <RelatedRecords
      entity={contactAccounts}
      filters={filters}
      presets={presets}
      fields={['contact_id', 'role']}
    />
  );
}

function OfAccount({
  entity,
  record,
}: {
  entity: typeof events | typeof opportunities | typeof invoices | typeof quotes;
  record: AnyRow;
}) {
  const filters = useMemo((): Filter[] => [['account_id', 'eq', record.id]], [record.id]);
  return <RelatedRecords entity={entity as typeof events} filters={filters} canAdd={false} />;
}

/** The account's revenue and outstanding amounts. */
function Worth({ accountId }: { accountId: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const { data } = useRecords<'invoices', { currency: string; total: number; balance: number }>(
    'invoices',
    {
      select: 'currency,total:total.sum(),balance:balance.sum()',
      filters: [
        ['account_id', 'eq', accountId],
        ['status', 'in', ['sent', 'partially_paid', 'paid']],
      ],
    },
    { enabled: may('prices') },
  );
  const coming = useRecords<'events', { count: number }>('events', {
    select: 'count()',
    filters: [
      ['account_id', 'eq', accountId],
      ['start_date', 'gte', format.today],
      ['status', 'in', ['tentative', 'confirmed', 'in_progress']],
    ],
  });
  if (!may('prices')) return null;
  const sumOf = (what: 'total' | 'balance') =>
    data &&
    (data.map((row) => formatIn(format, row.currency).money(row[what])).join(' + ') || format.money(0));
  return (
    <SimpleGrid cols={{ base: 2, sm: 3 }} mb="lg">
      <StatCard label={t('account.invoiced')} value={sumOf('total')} />
      <StatCard label={t('account.open')} value={sumOf('balance')} />
      <StatCard
        label={t('account.coming')}
        value={coming.data && format.number(coming.data[0]?.count ?? 0)}
      />
    </SimpleGrid>
  );
}

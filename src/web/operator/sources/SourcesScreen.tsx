import { Button, Group, Select } from '@mantine/core';
import { Database, Plus } from 'lucide-react';
import { lazy, memo, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSource } from '@/server/operator/sources/sources';
import { Deferred } from '../../ui/Deferred';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { Command } from '../parts/Command';
import type { Column } from '../parts/column';
import { DataTable } from '../parts/DataTable';
import { LIST_WHEN_OPENED } from '../parts/list-when-opened';
import { RowLink } from '../parts/RowLink';
import { SearchInput } from '../parts/SearchInput';
import { State } from '../parts/State';
import { useListSearch } from '../parts/use-list-search';
import { useMay } from '../queries';
import { HEALTH_TONES } from './source-health';

const AddSource = lazy(() => import('./AddSource').then((form) => ({ default: form.AddSource })));
/** Connections in use, and that nothing probes a source any more, are not announced. */
const EVERY_MS = 10_000;
const KINDS = ['shared', 'dedicated', 'byod', 'supabase'];
const HEALTH = Object.keys(HEALTH_TONES);

/** All data sources: searched, filtered and sorted by the server. */
export function SourcesScreen() {
  const { t } = useTranslation();
  const may = useMay()('data_sources.change');
  const { search, setSearch, filters, setFilter, sorting, setSorting } = useListSearch('name');
  const [isAdding, setAdding] = useState(false);
  const columns = useColumns();
  return (
    <>
      <PageHeader
        title={t('sources.title')}
        actions={
          may && (
            <Button leftSection={<Plus size={16} />} onClick={() => setAdding(true)}>
              {t('sources.add.open')}
            </Button>
          )
        }
      />
      <Group mb="md" gap="sm">
        <SearchInput label={t('sources.search')} initial={search} onSearch={setSearch} />
        <Deferred>
          <Filters kind={filters.kind ?? null} health={filters.health ?? null} setFilter={setFilter} />
        </Deferred>
      </Group>
      <DataTable
        label={t('sources.title')}
        subject="sources"
        path="/data-sources"
        everyMs={EVERY_MS}
        parameters={{ search, kind: filters.kind, health: filters.health }}
        columns={columns}
        sorting={sorting}
        onSort={setSorting}
        {...(search === '' && Object.keys(filters).length === 0
          ? { empty: <EmptyState icon={Database} title={t('sources.empty')} /> }
          : {})}
      />
      <Command text="marquee source list" />
      {isAdding && (
        <Suspense fallback={null}>
          <AddSource onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </>
  );
}

interface FilterProperties {
  kind: string | null;
  health: string | null;
  setFilter: (name: string, value: string | null) => void;
}

/** A separate component, because rendering selects takes longer than rendering the rows. */
const Filters = memo(function Filters({ kind, health, setFilter }: FilterProperties) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        aria-label={t('sources.columns.kind')}
        placeholder={t('sources.allKinds')}
        clearable
        clearButtonProps={{ 'aria-label': t('sources.allKinds') }}
        comboboxProps={LIST_WHEN_OPENED}
        data={KINDS.map((value) => ({ value, label: t(`sources.kinds.${value}`) }))}
        value={kind}
        onChange={(next) => setFilter('kind', next)}
      />
      <Select
        aria-label={t('sources.columns.health')}
        placeholder={t('sources.allHealth')}
        clearable
        clearButtonProps={{ 'aria-label': t('sources.allHealth') }}
        comboboxProps={LIST_WHEN_OPENED}
        data={HEALTH.map((value) => ({ value, label: t(`sources.health.${value}`) }))}
        value={health}
        onChange={(next) => setFilter('health', next)}
      />
    </>
  );
});

function useColumns(): Column<OperatorSource>[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const of = (used: number | null, all: number | null) =>
      all === null ? used : t('sources.of', { used: used ?? 0, all });
    return [
      {
        ...{ key: 'name', label: t('sources.columns.name'), width: 'minmax(120px, 2fr)', sortable: true },
        cell: (row) => <RowLink to={`/data-sources/${row.name}`}>{row.name}</RowLink>,
      },
      {
        ...{ key: 'health', label: t('sources.columns.health'), width: '130px', sortable: true },
        cell: (row) => <State tone={HEALTH_TONES[row.health]}>{t(`sources.health.${row.health}`)}</State>,
      },
      {
        ...{ key: 'kind', label: t('sources.columns.kind'), width: '1.2fr', wide: true },
        cell: (row) => t(`sources.kinds.${row.kind}`),
      },
      {
        ...{ key: 'region', label: t('sources.columns.region'), width: '1fr', wide: true, sortable: true },
        cell: (row) => row.region,
      },
      {
        ...{ key: 'tenants', label: t('sources.columns.tenants'), width: '110px', sortable: true },
        ...{ align: 'end', cell: (row) => of(row.tenants, row.capacity) },
      },
      {
        ...{ key: 'connections', label: t('sources.columns.connections'), width: '120px', wide: true },
        align: 'end',
        cell: ({ connectionsUsed: used, connectionsLeft: left }) =>
          used === null || left === null ? '' : of(used, used + left),
      },
      {
        ...{
          key: 'schemaVersion',
          label: t('sources.columns.schemaVersion'),
          width: '110px',
          sortable: true,
        },
        ...{ wide: true, align: 'end' },
        cell: (row) =>
          row.isBehind ? (
            <State tone="warning">{`${row.schemaVersion} · ${t('sources.behind')}`}</State>
          ) : (
            row.schemaVersion
          ),
      },
    ];
  }, [t]);
}

import { Button, Group, MultiSelect, Select } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { Building2, Plus } from 'lucide-react';
import { lazy, memo, Suspense, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTenant } from '@/server/operator/tenants/tenants';
import { Deferred } from '../../ui/Deferred';
import { LinkTo } from '../../ui/LinkTo';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import type { Column } from '../parts/column';
import { DataTable } from '../parts/DataTable';
import { LIST_WHEN_OPENED } from '../parts/list-when-opened';
import { RowLink } from '../parts/RowLink';
import { SearchInput } from '../parts/SearchInput';
import { State } from '../parts/State';
import { useListSearch } from '../parts/use-list-search';
import { useMay } from '../queries';
import { BulkSuspension } from './BulkSuspension';
import { STATUS_TONES } from './tenant-status';

const CreateTenant = lazy(() => import('./CreateTenant').then((form) => ({ default: form.CreateTenant })));
const STATUSES = Object.keys(STATUS_TONES);
/** Columns that can be left out. */
const OPTIONAL = ['subdomain', 'source', 'region', 'epoch', 'createdAt'];

/** All tenants: searched, filtered and sorted by the server. */
export function TenantsScreen() {
  const { t } = useTranslation();
  const may = useMay()('tenants.change');
  const { search, setSearch, filters, setFilter, sorting, setSorting } = useListSearch('name');
  const [shown, setShown] = useLocalStorage({
    key: 'marquee.console.tenants',
    defaultValue: OPTIONAL.filter((key) => key !== 'epoch'),
  });
  const [selected, setSelected] = useState<ReadonlyMap<string, OperatorTenant>>(new Map());
  const [isCreating, setCreating] = useState(false);
  const ids = useMemo(() => new Set(selected.keys()), [selected]);
  const all = useColumns();
  const columns = useMemo(
    () => all.filter(({ key }) => !OPTIONAL.includes(key) || shown.includes(key)),
    [all, shown],
  );
  const select = useCallback(
    (row: OperatorTenant, isSelected: boolean) =>
      setSelected((was) => {
        const next = new Map(was);
        if (isSelected) next.set(row.id, row);
        else next.delete(row.id);
        return next;
      }),
    [],
  );
  return (
    <>
      <PageHeader
        title={t('tenants.title')}
        actions={
          may && (
            <Button leftSection={<Plus size={16} />} onClick={() => setCreating(true)}>
              {t('tenants.create.open')}
            </Button>
          )
        }
      />
      <Group mb="md" gap="sm">
        <SearchInput label={t('tenants.search')} initial={search} onSearch={setSearch} />
        <Deferred>
          <Filters status={filters.status ?? null} setFilter={setFilter} shown={shown} setShown={setShown} />
        </Deferred>
        {filters.source && (
          <Button variant="default" onClick={() => setFilter('source', null)}>
            {filters.source} ✕
          </Button>
        )}
      </Group>
      {selected.size > 0 && (
        <BulkSuspension tenants={[...selected.values()]} onDone={() => setSelected(new Map())} />
      )}
      <DataTable
        label={t('tenants.title')}
        subject="tenants"
        path="/tenants"
        parameters={{ search, status: filters.status, source: filters.source }}
        columns={columns}
        sorting={sorting}
        onSort={setSorting}
        selected={ids}
        onSelect={may ? select : undefined}
        {...(search === '' && Object.keys(filters).length === 0
          ? { empty: <EmptyState icon={Building2} title={t('tenants.empty')} /> }
          : {})}
      />
      <Command text="marquee tenant list" />
      <LinkTo to="/erasures">{t('offboarding.erasures')}</LinkTo>
      {isCreating && (
        <Suspense fallback={null}>
          <CreateTenant onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}

interface FilterProperties {
  status: string | null;
  setFilter: (name: string, value: string | null) => void;
  shown: string[];
  setShown: (shown: string[]) => void;
}

/** A separate component, because rendering selects takes longer than rendering the rows. */
const Filters = memo(function Filters({ status, setFilter, shown, setShown }: FilterProperties) {
  const { t } = useTranslation();
  return (
    <>
      <Select
        aria-label={t('tenants.columns.status')}
        placeholder={t('tenants.allStatuses')}
        clearable
        clearButtonProps={{ 'aria-label': t('tenants.allStatuses') }}
        comboboxProps={LIST_WHEN_OPENED}
        data={STATUSES.map((value) => ({ value, label: t(`tenants.status.${value}`) }))}
        value={status}
        onChange={(next) => setFilter('status', next)}
      />
      <MultiSelect
        aria-label={t('tenants.choose')}
        visibleFrom="sm"
        w={220}
        data={OPTIONAL.map((value) => ({ value, label: t(`tenants.columns.${value}`) }))}
        value={shown}
        onChange={setShown}
        hidePickedOptions={false}
        comboboxProps={LIST_WHEN_OPENED}
        placeholder={t('tenants.choose')}
        styles={{ pill: { display: 'none' } }}
      />
    </>
  );
});

function useColumns(): Column<OperatorTenant>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      {
        ...{ key: 'name', label: t('tenants.columns.name'), width: 'minmax(120px, 2fr)', sortable: true },
        cell: (row) => <RowLink to={`/tenants/${row.subdomain}`}>{row.name}</RowLink>,
      },
      {
        ...{ key: 'subdomain', label: t('tenants.columns.subdomain'), width: '1.2fr', sortable: true },
        ...{ wide: true, cell: (row) => row.subdomain },
      },
      {
        ...{ key: 'status', label: t('tenants.columns.status'), width: '130px', sortable: true },
        cell: (row) => <State tone={STATUS_TONES[row.status]}>{t(`tenants.status.${row.status}`)}</State>,
      },
      {
        ...{ key: 'source', label: t('tenants.columns.source'), width: '1.2fr', wide: true },
        cell: (row) => row.source && <RowLink to={`/data-sources/${row.source}`}>{row.source}</RowLink>,
      },
      {
        ...{ key: 'region', label: t('tenants.columns.region'), width: '1fr', wide: true },
        cell: (row) => row.region,
      },
      {
        ...{ key: 'epoch', label: t('tenants.columns.epoch'), width: '110px', wide: true, align: 'end' },
        cell: (row) => row.epoch,
      },
      {
        ...{ key: 'createdAt', label: t('tenants.columns.createdAt'), width: '130px', sortable: true },
        ...{ wide: true, cell: (row) => <Ago at={row.createdAt} /> },
      },
    ],
    [t],
  );
}

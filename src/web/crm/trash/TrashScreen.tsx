import { Badge, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { RotateCcw, Search, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { type Archived, type Restored, useArchive, useRestore } from '../../hooks/records/archive';
import { inLanguage, notifyDone, notifyProblem } from '../../ui/notify';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';

/** Kinds to choose from, in the order of the navigation. */
const KINDS = [
  'events',
  'leads',
  'opportunities',
  'accounts',
  'contacts',
  'quotes',
  'invoices',
  'contracts',
  'tasks',
  'booths',
  'equipment_items',
  'locations',
  'packages',
  'add_ons',
  'products',
  'templates',
];

/** Deleted records and merges of the last 30 days, to be restored. */
export function TrashScreen() {
  const { t } = useTranslation();
  const [kind, setKind] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [query] = useDebouncedValue(typed.trim(), 250);
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useArchive({
    kind,
    query,
  });
  const entries = data?.pages.flat() ?? [];
  return (
    <>
      <PageHeader title={t('trash.title')} subtitle={t('trash.text')} />
      <Panel>
        <Group mb="md">
          <TextInput
            aria-label={t('trash.search')}
            placeholder={t('trash.search')}
            leftSection={<Search size={15} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <Select
            aria-label={t('trash.kind')}
            placeholder={t('trash.kind')}
            clearable
            value={kind}
            data={KINDS.map((value) => ({ value, label: t(`entity.${value}.many`) }))}
            onChange={setKind}
          />
        </Group>
        {error && !data ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : isPending ? (
          <Lines />
        ) : entries.length === 0 ? (
          <EmptyState icon={Trash2} title={t(kind || query ? 'nothingFound' : 'trash.empty')} small />
        ) : (
          <Stack gap="md" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </Stack>
        )}
        {hasNextPage && (
          <Group justify="center" mt="md">
            <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              {t('changes.earlier')}
            </Button>
          </Group>
        )}
      </Panel>
    </>
  );
}

function Entry({ entry }: { entry: Archived }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const restore = useRestore();
  const parts = Object.entries(entry.parts)
    .map(
      ([table, count]) =>
        `${format.number(count)} × ${t(`entity.${table}.many`, table.replaceAll('_', ' '))}`,
    )
    .join(' · ');
  const run = () =>
    restore.mutate(
      { ids: [entry.id] },
      {
        onSuccess: (answer) => {
          const left = (answer as unknown as Restored[]).flatMap((one) => one.left);
          if (left.length > 0) notifyProblem(t('trash.left', { what: left.map(inLanguage).join(' · ') }));
          else notifyDone(t('trash.restored', { name: entry.title }));
        },
      },
    );
  return (
    <Group component="li" justify="space-between" align="flex-start" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Group gap="xs">
          <Text fw={550} style={{ overflowWrap: 'anywhere' }}>
            {entry.title}
          </Text>
          <Badge variant="light" tt="none">
            {entry.reason === 'merged' ? t('trash.merged') : t(`entity.${entry.kind}.one`)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {[
            format.moment(entry.archived_at),
            entry.archived_by && nameOf(entry.archived_by),
            t('trash.until', { date: format.date(entry.expires_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
        {parts && (
          <Text size="sm" c="dimmed">
            {t('trash.with', { parts })}
          </Text>
        )}
      </div>
      <Button
        variant="default"
        size="compact-sm"
        flex="none"
        leftSection={<RotateCcw size={14} aria-hidden />}
        loading={restore.isPending}
        onClick={run}
        aria-label={`${t(entry.reason === 'merged' ? 'trash.undoMerge' : 'trash.restore')}: ${entry.title}`}
      >
        {t(entry.reason === 'merged' ? 'trash.undoMerge' : 'trash.restore')}
      </Button>
    </Group>
  );
}

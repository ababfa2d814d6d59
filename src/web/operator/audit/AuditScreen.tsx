import { Button, Code, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditRecordAnswer } from '@/server/operator/audit';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { AddressTabs } from '../parts/AddressTabs';
import { Command } from '../parts/Command';
import { PageButtons, usePages } from '../parts/Pages';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { Checkpoints } from './Checkpoints';
import { Record } from './Record';

/** Who did what to what, when and from where. */
export function AuditScreen() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('auditLog.title')} subtitle={t('auditLog.subtitle')} />
      <AddressTabs
        tabs={[
          { key: 'records', label: t('auditLog.records'), content: <Records /> },
          { key: 'chain', label: t('auditLog.chain'), content: <Checkpoints /> },
        ]}
      />
    </>
  );
}

const PAGE = 50;

function Records() {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const [given, setGiven] = useState({ who: '', tenant: '', entityId: '', since: '', until: '' });
  const say = useMessage();
  const [action, setAction] = useState<string | null>(null);
  const [filter] = useDebouncedValue(given, 300);
  const pages = usePages();
  const [opened, setOpened] = useState<string>();
  const actions = useOperatorQuery<{ actions: { [action: string]: string } }>('audit', '/audit/actions');
  const query = useOperatorQuery<{ records: AuditRecordAnswer[] }>('audit', '/audit', {
    parameters: { ...filter, action: action ?? undefined, before: pages.before, limit: PAGE },
    ...(pages.before === undefined ? { everyMs: 5_000 } : {}),
  });
  const field = (name: keyof typeof given, type: 'text' | 'datetime-local' = 'text') => (
    <TextInput
      type={type}
      size="sm"
      label={t(`auditLog.filter.${name}`)}
      value={given[name]}
      onChange={(event) => {
        setGiven({ ...given, [name]: event.target.value });
        pages.first();
      }}
    />
  );
  return (
    <>
      <Group align="end" gap="sm" mb="md">
        {field('who')}
        {field('tenant')}
        <Select
          size="sm"
          searchable
          clearable
          label={t('auditLog.filter.action')}
          data={Object.keys(actions.data?.actions ?? {})}
          value={action}
          onChange={(next) => {
            setAction(next);
            pages.first();
          }}
        />
        {field('entityId')}
        {field('since', 'datetime-local')}
        {field('until', 'datetime-local')}
      </Group>
      <QueryView query={query}>
        {({ records }) => (
          <Stack gap="sm">
            <Rows
              label={t('auditLog.records')}
              rows={records}
              keyOf={({ id }) => id}
              empty={<EmptyState icon={ScrollText} title={t('nothingFound')} />}
              columns={[
                {
                  label: t('auditLog.id'),
                  cell: ({ id }: AuditRecordAnswer) => (
                    <Button
                      size="compact-xs"
                      variant="subtle"
                      aria-expanded={opened === id}
                      onClick={() => setOpened(opened === id ? undefined : id)}
                    >
                      {id}
                    </Button>
                  ),
                },
                { label: t('auditLog.when'), nowrap: true, cell: (one) => format.second(one.occurredAt) },
                { label: t('auditLog.who'), cell: ({ actorName }) => actorName },
                {
                  ...{ label: t('auditLog.what'), isText: true },
                  cell: (one) => (
                    <>
                      <Code>{one.action}</Code>
                      <Text size="xs" c="dimmed">
                        {say({ code: `actions.${one.action}` }, actions.data?.actions[one.action] ?? '')}
                      </Text>
                    </>
                  ),
                },
                { label: t('auditLog.tenant'), cell: ({ tenantName }) => tenantName },
                { label: t('auditLog.from'), cell: ({ address }) => address },
              ]}
            />
            {records
              .filter(({ id }) => id === opened)
              .map((record) => (
                <Record key={record.id} record={record} />
              ))}
            <PageButtons pages={pages} rows={records} size={PAGE} />
          </Stack>
        )}
      </QueryView>
      <Command text={commandOf({ ...filter, action: action ?? '' })} />
    </>
  );
}

/** The command that lists the same. Times are UTC there. */
function commandOf({ entityId, ...given }: { [field: string]: string }): string {
  const options = Object.entries({ ...given, 'entity-id': entityId ?? '' }).filter(([, value]) => value);
  return ['marquee audit list', ...options.map(([name, value]) => `--${name} ${value}`)].join(' ');
}

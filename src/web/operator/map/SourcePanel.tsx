import { CloseButton, Group, ScrollArea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorTenants } from '@/server/operator/tenants/tenants';
import { Panel } from '../../ui/Panel';
import { QueryView } from '../parts/QueryView';
import { useOperatorQuery } from '../queries';
import { TenantChip } from './TenantChip';

const SHOWN = 200;

/** The tenants of one source: the first of them, or those that are searched for. */
export function SourcePanel({ source, onClose }: { source: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 200);
  const query = useOperatorQuery<OperatorTenants>('tenants', '/tenants', {
    parameters: { source, search, limit: SHOWN, sort: 'subdomain' },
  });
  return (
    <Panel
      title={t('map.ofSource', { source })}
      aside={<CloseButton aria-label={t('map.close')} onClick={onClose} />}
    >
      <TextInput
        type="search"
        mb="sm"
        aria-label={t('map.findTenant')}
        placeholder={t('map.findTenant')}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <QueryView query={query}>
        {({ rows, total }) => (
          <ScrollArea.Autosize mah={200}>
            <Group gap={6}>
              {rows.map((tenant) => (
                <TenantChip key={tenant.id} tenant={tenant} />
              ))}
              {total > rows.length && `+ ${total - rows.length}`}
            </Group>
          </ScrollArea.Autosize>
        )}
      </QueryView>
    </Panel>
  );
}

import { Button, Group, TextInput } from '@mantine/core';
import { Scale } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LegalHoldAnswer } from '@/server/operator/backups/holds';
import { EmptyState } from '../../ui/Panel';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';

/** Tenants that cannot be erased, and whose backups all stay. */
export function Holds() {
  const { t } = useTranslation();
  const may = useMay();
  const query = useOperatorQuery<{ holds: LegalHoldAnswer[] }>('backups', '/backups/holds');
  const change = useOperatorChange(['backups']);
  const [tenant, setTenant] = useState('');
  const [reason, setReason] = useState('');
  const [released, setReleased] = useState<LegalHoldAnswer>();
  return (
    <>
      {may('backups.give_out') && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const path = `/backups/holds/${encodeURIComponent(tenant.trim())}`;
            change.mutate({ method: 'PUT', path, body: { reason } }, { onSuccess: () => setReason('') });
          }}
        >
          <Group align="end" mb="md" gap="sm">
            <TextInput
              required
              label={t('backups.holds.tenant')}
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
            />
            <TextInput
              required
              minLength={3}
              label={t('backups.holds.reason')}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
            <Button type="submit" loading={change.isPending}>
              {t('backups.holds.place')}
            </Button>
          </Group>
        </form>
      )}
      <QueryView query={query}>
        {({ holds }) => (
          <Rows
            label={t('backups.tabs.holds')}
            rows={holds}
            keyOf={({ tenantId }) => tenantId}
            empty={<EmptyState small icon={Scale} title={t('backups.holds.none')} />}
            columns={[
              { label: t('backups.tenant'), cell: ({ tenantName }) => tenantName },
              { label: t('backups.holds.reason'), cell: (hold) => hold.reason },
              { label: t('backups.by'), cell: ({ placedByName }) => placedByName },
              { label: t('backups.when'), nowrap: true, cell: ({ placedAt }) => <Ago at={placedAt} /> },
              {
                label: t('backups.actions'),
                cell: (hold) =>
                  may('backups.give_out') && (
                    <Button size="compact-xs" variant="default" onClick={() => setReleased(hold)}>
                      {t('backups.holds.release')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </QueryView>
      <Command text="marquee backup holds" />
      {released && (
        <ConfirmByName
          title={t('backups.holds.releaseTitle', { name: released.tenantName })}
          name={released.subdomain}
          consequences={[t('backups.holds.consequence', { name: released.tenantName })]}
          action={t('backups.holds.release')}
          isPending={change.isPending}
          error={change.error}
          onClose={() => setReleased(undefined)}
          onConfirm={() =>
            change.mutate(
              {
                method: 'DELETE',
                path: `/backups/holds/${released.tenantId}?confirm=${encodeURIComponent(released.subdomain)}`,
              },
              { onSuccess: () => setReleased(undefined) },
            )
          }
        />
      )}
    </>
  );
}

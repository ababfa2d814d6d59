import { Button, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { LifeBuoy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSupportAccess as SupportAccess } from '@/server/api/company/support-access';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago, useNow } from '../parts/Ago';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery, useSelf } from '../queries';

const TONES: Record<SupportAccess['state'], Tone> = {
  waiting: 'warning',
  open: 'busy',
  refused: 'bad',
  over: 'neutral',
};
const ROLES: SupportAccess['role'][] = ['viewer', 'staff', 'sales', 'manager'];

/** Access to tenants' data: asked for with a reason, allowed by the company, for some hours. */
export function SupportScreen() {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const may = useMay();
  const self = useSelf();
  const query = useOperatorQuery<{ accesses: SupportAccess[] }>('support', '/support-access');
  const now = useNow();
  // The expiry of a support access is not announced.
  const stateOf = ({ state, allowedUntil }: SupportAccess) =>
    state === 'open' && allowedUntil && Date.parse(allowedUntil) <= now ? 'over' : state;
  const end = useOperatorChange(['support', 'self']);
  const begin = useOperatorChange<{ token: string }>(['support', 'self']);
  const open = ({ id, subdomain }: SupportAccess) =>
    begin.mutate(
      { path: `/support-access/${id}/token` },
      {
        onSuccess: ({ token }) =>
          window.open(`/t/${encodeURIComponent(subdomain ?? '')}/support#${token}`, '_blank', 'noopener'),
      },
    );
  return (
    <>
      <PageHeader title={t('supportRequests.title')} subtitle={t('supportRequests.subtitle')} />
      <Stack gap="lg">
        {may('support_access.use') && <Ask />}
        <QueryView query={query}>
          {({ accesses }) => (
            <Rows
              label={t('supportRequests.title')}
              rows={accesses}
              keyOf={({ id }) => id}
              empty={<EmptyState icon={LifeBuoy} title={t('supportRequests.none')} />}
              columns={[
                {
                  label: t('supportRequests.tenant'),
                  cell: (one: SupportAccess) => one.tenantName ?? one.tenantId,
                },
                {
                  label: t('supportRequests.state'),
                  cell: (one) => (
                    <State tone={TONES[stateOf(one)]}>{t(`supportRequests.states.${stateOf(one)}`)}</State>
                  ),
                },
                { label: t('supportRequests.who'), cell: ({ operatorName }) => operatorName },
                { label: t('supportRequests.reason'), cell: ({ reason }) => reason },
                { label: t('supportRequests.role'), cell: ({ role }) => t(`supportRequests.roles.${role}`) },
                { label: t('supportRequests.asked'), nowrap: true, cell: (one) => <Ago at={one.askedAt} /> },
                {
                  ...{ label: t('supportRequests.until'), nowrap: true },
                  cell: ({ allowedUntil, hours }) =>
                    allowedUntil
                      ? format.moment(allowedUntil)
                      : t('supportRequests.forHours', { count: hours }),
                },
                {
                  label: t('supportRequests.actions'),
                  cell: (one) =>
                    one.operatorId === self.data?.id && (
                      <Group gap="xs" wrap="nowrap">
                        {stateOf(one) === 'open' && (
                          <Button size="compact-xs" loading={begin.isPending} onClick={() => open(one)}>
                            {t('supportRequests.open')}
                          </Button>
                        )}
                        {['open', 'waiting'].includes(stateOf(one)) && (
                          <Button
                            size="compact-xs"
                            variant="default"
                            onClick={() =>
                              end.mutate({ method: 'DELETE', path: `/support-access/${one.id}` })
                            }
                          >
                            {t('supportRequests.end')}
                          </Button>
                        )}
                      </Group>
                    ),
                },
              ]}
            />
          )}
        </QueryView>
      </Stack>
      <Command text="marquee support list" />
    </>
  );
}

function Ask() {
  const { t } = useTranslation();
  const [tenant, setTenant] = useState('');
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState<number | string>(2);
  const [role, setRole] = useState<SupportAccess['role']>('viewer');
  const change = useOperatorChange(['support', 'self']);
  const flags = `--hours ${hours} --role ${role} --reason "${reason || '…'}"`;
  const command = `marquee support ask ${tenant || 'TENANT'} ${flags}`;
  return (
    <Panel title={t('supportRequests.ask')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            { path: '/support-access', body: { tenant: tenant.trim(), reason, hours: Number(hours), role } },
            { onSuccess: () => setReason('') },
          );
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('supportRequests.askText')}</Text>
          <Group align="end" gap="sm">
            <TextInput
              required
              label={t('supportRequests.subdomain')}
              value={tenant}
              onChange={(event) => setTenant(event.target.value)}
            />
            <NumberInput
              required
              label={t('supportRequests.hours')}
              min={1}
              max={72}
              w={120}
              value={hours}
              onChange={setHours}
            />
            <Select
              label={t('supportRequests.role')}
              allowDeselect={false}
              data={ROLES.map((value) => ({ value, label: t(`supportRequests.roles.${value}`) }))}
              value={role}
              onChange={(value) => setRole(value as SupportAccess['role'])}
            />
          </Group>
          <Textarea
            required
            minLength={10}
            maxLength={500}
            label={t('supportRequests.reason')}
            description={t('supportRequests.reasonText')}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t('supportRequests.ask')}
            </Button>
          </Group>
          <Command text={command} />
        </Stack>
      </form>
    </Panel>
  );
}

import { Alert, Button, Checkbox, List, Loader, Modal, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MoveAnswer } from '@/server/operator/moves/answers';
import type { MovePlan, StartMoveBody } from '@/server/operator/moves/moves';
import type { OperatorTenants } from '@/server/operator/tenants/tenants';
import { ask } from '../../hooks/session/session';
import { FormError } from '../../ui/FormError';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useOperatorChange, useOperatorQuery } from '../queries';
import { useMessage } from '../server-messages/use-message';
import { useFoundSources } from '../sources/use-found-sources';
import { moveCommand } from './commands';
import { timeLeft } from './states';

interface Place {
  tenant: string;
  to: string;
}

const PACES = ['gentle', 'normal', 'full'] as const;
const PAUSE_LIMIT_MS = 2_000;

/** Chooses a tenant and a data source, shows the plan, and begins the move. @param given where both are chosen already, or the tenant */
export function StartMove({ given = {}, onClose }: { given?: Partial<Place>; onClose: () => void }) {
  const { t } = useTranslation();
  const [tenant, setTenant] = useState(given.tenant ?? '');
  const [to, setTo] = useState(given.to ?? '');
  const [isPlanned, setPlanned] = useState(Boolean(given.tenant && given.to));
  if (isPlanned) return <Planned place={{ tenant, to }} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title={t('moves.plan.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setPlanned(tenant !== '' && to !== '');
        }}
      >
        <Stack>
          <ChooseTenant value={tenant} onChange={setTenant} />
          <ChooseSource value={to} onChange={setTo} />
          <Button type="submit" disabled={tenant === '' || to === ''}>
            {t('moves.next')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function ChooseTenant({ value, onChange }: { value: string; onChange: (tenant: string) => void }) {
  const { t } = useTranslation();
  const [words, setWords] = useState(value);
  const [search] = useDebouncedValue(words.trim(), 200);
  const { data } = useOperatorQuery<OperatorTenants>('tenants', '/tenants', {
    parameters: { search, limit: 20, sort: 'subdomain' },
  });
  const found =
    data?.rows.map(({ subdomain, name }) => ({ value: subdomain, label: `${subdomain} · ${name}` })) ?? [];
  const isListed = found.some((one) => one.value === value);
  return (
    <Select
      label={t('moves.plan.tenant')}
      data={value && !isListed ? [{ value, label: value }, ...found] : found}
      value={value || null}
      searchable
      data-autofocus
      filter={({ options }) => options}
      onSearchChange={setWords}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}

function ChooseSource({ value, onChange }: { value: string; onChange: (source: string) => void }) {
  const { t } = useTranslation();
  const { found, searching } = useFoundSources();
  const names = found.filter(({ status }) => status === 'active').map(({ name }) => name);
  return (
    <Select
      label={t('moves.plan.to')}
      data={value && !names.includes(value) ? [value, ...names] : names}
      value={value || null}
      {...searching}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}

/** What the move will do, with the tenant's name to type. */
function Planned({ place, onClose }: { place: Place; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [isAuto, setAuto] = useState(false);
  const [pace, setPace] = useState<(typeof PACES)[number]>('normal');
  const plan = useQuery({
    queryKey: ['operator', 'plan', place.tenant, place.to],
    queryFn: ({ signal }) =>
      ask<MovePlan>('/api/operator/moves/plan', { method: 'POST', body: JSON.stringify(place), signal }),
    retry: false,
    // Each opening checks anew.
    gcTime: 0,
  });
  const start = useOperatorChange<MoveAnswer, StartMoveBody>(['moves', 'sources'], { showsFailure: true });
  const title = t('moves.plan.of', { tenant: place.tenant });
  if (!plan.data?.isPossible) {
    return (
      <Modal opened onClose={onClose} title={title}>
        {plan.isPending && (
          <Text role="status">
            <Loader size="xs" mr="xs" />
            {t('moves.plan.checking')}
          </Text>
        )}
        <FormError error={plan.error} />
        {plan.data && <Plan plan={plan.data} />}
      </Modal>
    );
  }
  const { tenant, to } = plan.data;
  return (
    <ConfirmByName
      title={title}
      name={tenant}
      action={t('moves.plan.begin')}
      consequences={(['a', 'b'] as const).map((part) => t(`moves.plan.consequences.${part}`, plan.data))}
      isPending={start.isPending}
      error={start.error}
      onClose={onClose}
      onConfirm={() =>
        start.mutate(
          { path: '/moves', body: { tenant, to, confirm: tenant, pace, autoCutOver: isAuto } },
          { onSuccess: ({ id }) => void navigate({ to: `/moves/${id}` as '/' }) },
        )
      }
    >
      <Plan plan={plan.data} />
      <Checkbox
        label={t('moves.plan.auto')}
        description={t('moves.plan.autoText')}
        checked={isAuto}
        onChange={(event) => setAuto(event.currentTarget.checked)}
      />
      <Select
        label={t('moves.plan.pace')}
        data={PACES.map((value) => ({ value, label: t(`moves.plan.paces.${value}`) }))}
        value={pace}
        allowDeselect={false}
        onChange={(chosen) => setPace(chosen as typeof pace)}
      />
      <Command text={moveCommand({ tenant, to, pace, autoCutOver: isAuto })} />
    </ConfirmByName>
  );
}

function Plan({ plan }: { plan: MovePlan }) {
  const { t } = useTranslation();
  const { number, bytes } = useConsoleFormat();
  const say = useMessage();
  const { findings, isPossible, pauses } = plan;
  const told = findings.filter(({ level }) => level !== 'ok');
  const { moves: count, medianMs, longestMs } = pauses;
  return (
    <Alert
      color={isPossible ? 'green' : 'red'}
      role="status"
      title={t(isPossible ? 'moves.plan.possible' : 'moves.plan.impossible')}
    >
      <List size="sm" spacing={4}>
        {told.map(({ check, level, message, says }) => (
          <List.Item key={check} fw={level === 'problem' ? 600 : undefined}>
            {say(says, message)}
          </List.Item>
        ))}
        <List.Item>{t('moves.plan.passed', { count: findings.length - told.length })}</List.Item>
        {isPossible && (
          <>
            <List.Item>
              {t('moves.plan.size', { rows: number(plan.rows), bytes: bytes(plan.bytes) })}{' '}
              {t('moves.plan.time', { time: timeLeft(plan.estimatedSeconds, t) })}
            </List.Item>
            <List.Item>
              {count > 0 && medianMs !== null && longestMs !== null
                ? t('moves.plan.pause', {
                    count,
                    median: Math.round(medianMs),
                    longest: Math.round(longestMs),
                  })
                : t('moves.plan.noPause', { limit: PAUSE_LIMIT_MS })}
            </List.Item>
            <List.Item>{t('moves.plan.cost', { bytes: bytes(plan.bytes), to: plan.to })}</List.Item>
            <List.Item>{t('moves.plan.mode', { mode: t(`moves.modes.${plan.mode}`) })}</List.Item>
          </>
        )}
      </List>
    </Alert>
  );
}

import {
  Alert,
  Button,
  Code,
  Group,
  Modal,
  Radio,
  Select,
  Stack,
  Stepper,
  Text,
  TextInput,
} from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OperatorSource } from '@/server/operator/sources/sources';
import type {
  CreatedTenant,
  NewOperatorTenant,
  PlacementCandidates,
} from '@/server/operator/tenants/tenants';
import { FormError } from '../../ui/FormError';
import { ButtonTo } from '../../ui/LinkTo';
import { useConsoleFormat } from '../format';
import { Command } from '../parts/Command';
import { QueryView } from '../parts/QueryView';
import { useOperatorChange, useOperatorQuery } from '../queries';

/** Candidates that are listed: the best come first. */
const SHOWN = 30;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Creates a tenant in three steps: the company, where its data go and why, its first owner. */
export function CreateTenant({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [step, setStep] = useState(0);
  const [given, setGiven] = useState({ name: '', subdomain: '', region: '', near: '', owner: '' });
  const [chosen, setChosen] = useState<string>();
  const placement = useOperatorQuery<PlacementCandidates>('tenants', '/tenants/placement', {
    parameters: { requiredRegion: given.region.trim(), near: given.near.trim() },
    enabled: step > 0,
  });
  const source = chosen ?? placement.data?.candidates.find(({ refusal }) => refusal === null)?.source;
  const create = useOperatorChange<CreatedTenant, NewOperatorTenant>(['tenants', 'sources'], {
    showsFailure: true,
  });
  const field = (key: keyof typeof given) => ({
    value: given[key],
    onChange: (event: { target: { value: string } }) => {
      setGiven({ ...given, [key]: event.target.value });
      // Another region has another best candidate.
      if (key === 'region' || key === 'near') setChosen(undefined);
    },
  });
  const subdomain = given.subdomain.trim().toLowerCase();
  const isPlaced = source !== undefined && !placement.isPlaceholderData;
  const isReady = [given.name.trim() !== '' && SUBDOMAIN.test(subdomain), isPlaced, true][step];
  const submit = () => {
    // Keeps the candidate that the user has seen, even if another one becomes the best meanwhile.
    if (step === 1) setChosen(source);
    if (step < 2) return setStep(step + 1);
    create.mutate({
      path: '/tenants',
      body: {
        ...{ name: given.name.trim(), subdomain, source: source ?? '' },
        ...(given.region.trim() ? { requiredRegion: given.region.trim() } : {}),
        ...(given.owner.trim() ? { owner: given.owner.trim() } : {}),
      },
    });
  };
  return (
    <Modal opened onClose={onClose} title={t('tenants.create.title')} size="lg" closeOnClickOutside={false}>
      {create.data ? (
        <Done created={create.data} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) submit();
          }}
        >
          <Stepper active={step} size="sm" mb="md" allowNextStepsSelect={false} onStepClick={setStep}>
            <Stepper.Step label={t('tenants.create.who')} />
            <Stepper.Step label={t('tenants.create.where')} />
            <Stepper.Step label={t('tenants.create.owner')} />
          </Stepper>
          <Stack gap="sm">
            {step === 0 && (
              <>
                <TextInput label={t('tenants.create.name')} data-autofocus required {...field('name')} />
                <TextInput
                  label={t('tenants.create.subdomain')}
                  description={t('tenants.create.subdomainHint')}
                  autoCapitalize="none"
                  required
                  {...field('subdomain')}
                />
                <TextInput
                  label={t('tenants.create.region')}
                  description={t('tenants.create.regionHint')}
                  {...field('region')}
                />
                <TextInput
                  label={t('tenants.create.near')}
                  description={t('tenants.create.nearHint')}
                  {...field('near')}
                />
              </>
            )}
            {step === 1 && <Placement query={placement} value={source} onChange={setChosen} />}
            {step === 2 && (
              <TextInput
                label={t('tenants.create.email')}
                description={t('tenants.create.emailHint')}
                type="email"
                data-autofocus
                {...field('owner')}
              />
            )}
            <FormError error={create.error} />
            <Group justify="flex-end">
              {step > 0 && (
                <Button variant="default" onClick={() => setStep(step - 1)}>
                  {t('tenants.create.back')}
                </Button>
              )}
              <Button type="submit" disabled={!isReady} loading={create.isPending}>
                {step < 2 ? t('tenants.create.next') : t('tenants.create.submit')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

interface PlacementProperties {
  query: UseQueryResult<PlacementCandidates>;
  value: string | undefined;
  onChange: (source: string) => void;
}

/** Data sources that could take it, the best first and chosen; the others with the reason why not. Or one that is not shared. */
function Placement({ query, value, onChange }: PlacementProperties) {
  return (
    <>
      <Shared query={query} value={value} onChange={onChange} />
      <OfItsOwn value={value} onChange={onChange} />
    </>
  );
}

function OfItsOwn({ value, onChange }: Omit<PlacementProperties, 'query'>) {
  const { t } = useTranslation();
  const { data } = useOperatorQuery<{ rows: OperatorSource[] }>('sources', '/data-sources', {
    parameters: { limit: 100, shared: false },
  });
  const names = data?.rows.map(({ name }) => name) ?? [];
  if (names.length === 0) return null;
  return (
    <Select
      label={t('tenants.create.ofItsOwn')}
      description={t('tenants.create.ofItsOwnHint')}
      data={names}
      searchable
      value={value && names.includes(value) ? value : null}
      onChange={(name) => name && onChange(name)}
    />
  );
}

function Shared({ query, value, onChange }: PlacementProperties) {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  return (
    <QueryView query={query}>
      {({ candidates }) => {
        if (candidates.length === 0) return <Text size="sm">{t('tenants.create.noCandidates')}</Text>;
        const reasonOf = ({ isNear, used, tenants, capacity, region }: (typeof candidates)[number]) =>
          [
            region,
            isNear && t('tenants.create.isNear'),
            t('tenants.create.room', { used: capacity ? `${tenants} / ${capacity}` : format.percent(used) }),
          ]
            .filter(Boolean)
            .join(', ');
        return (
          <Radio.Group value={value ?? null} onChange={onChange} label={t('tenants.create.where')}>
            <Stack gap="xs" mt="xs" mah={320} style={{ overflowY: 'auto' }}>
              {candidates.slice(0, SHOWN).map((candidate, index) => (
                <Radio
                  key={candidate.source}
                  value={candidate.source}
                  label={candidate.source}
                  disabled={candidate.refusal !== null}
                  description={
                    candidate.refusal ??
                    t(index === 0 ? 'tenants.create.best' : 'tenants.create.free', {
                      why: reasonOf(candidate),
                    })
                  }
                />
              ))}
              {candidates.length > SHOWN && (
                <Text size="sm" c="dimmed">
                  {t('tenants.create.more', { count: candidates.length - SHOWN })}
                </Text>
              )}
            </Stack>
          </Radio.Group>
        );
      }}
    </QueryView>
  );
}

function Done({ created: { tenant, owner } }: { created: CreatedTenant }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Alert color="green" role="status">
        {t('tenants.create.done', { name: tenant.name })}
      </Alert>
      {owner && (
        <div>
          <Text size="sm">{t('tenants.create.password', { email: owner.email })}</Text>
          <Code block>{owner.password}</Code>
        </div>
      )}
      <Group justify="flex-end">
        <ButtonTo to={`/tenants/${tenant.subdomain}`}>{t('tenants.create.openPage')}</ButtonTo>
      </Group>
      <Command text={`marquee tenant show ${tenant.subdomain}`} />
    </Stack>
  );
}

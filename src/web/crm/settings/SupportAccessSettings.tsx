import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { LifeBuoy } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SupportAccess, SupportPolicy } from '@/server/api/company/support-access';
import { useFormat } from '../../hooks/format';
import { useMay } from '../../hooks/session/roles';
import {
  useAnswerSupport,
  useEndSupport,
  useSetSupportPolicy,
  useSupportAccess,
} from '../../hooks/session/support-access';
import { notifyDone } from '../../ui/notify';
import { StatusBadge } from '../../ui/StatusBadge';
import { ListPanel } from './ListPanel';
import classes from './Settings.module.css';

const POLICIES: readonly SupportPolicy[] = ['ask', 'allow', 'refuse'];

/** Who from support asked for access, looked, when and why; answers and ends it. For owners and admins. */
export function SupportAccessSettings() {
  const { t } = useTranslation();
  const query = useSupportAccess();
  const accesses = query.data?.accesses ?? [];
  return (
    <ListPanel
      title={t('settings.supportAccess.title')}
      text={t('supportAccess.text')}
      query={query}
      empty={null}
    >
      {query.data && <Policy policy={query.data.policy} />}
      {accesses.length === 0 ? (
        <Group className={classes.entry} gap="sm" c="dimmed">
          <LifeBuoy size={18} aria-hidden />
          <Text size="sm">{t('supportAccess.none')}</Text>
        </Group>
      ) : (
        accesses.map((access) => <Entry key={access.id} access={access} />)
      )}
    </ListPanel>
  );
}

function Policy({ policy }: { policy: SupportPolicy }) {
  const { t } = useTranslation();
  const isOwner = useMay()('ownership');
  const save = useSetSupportPolicy();
  return (
    <Radio.Group
      className={classes.entry}
      label={t('supportAccess.policy.label')}
      description={isOwner ? undefined : t('supportAccess.policy.ownersOnly')}
      value={save.isPending ? save.variables : policy}
      onChange={(value) => save.mutate(value as SupportPolicy, { onSuccess: () => notifyDone(t('saved')) })}
    >
      <Stack gap="xs" mt="xs">
        {POLICIES.map((value) => (
          <Radio
            key={value}
            value={value}
            disabled={!isOwner}
            label={t(`supportAccess.policy.${value}`)}
            description={t(`supportAccess.policy.${value}Text`)}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function Entry({ access }: { access: SupportAccess }) {
  const { t } = useTranslation();
  const format = useFormat();
  const answer = useAnswerSupport();
  const end = useEndSupport();
  const { id, operatorName, role, reason, hours, state, askedAt, allowedUntil, endedAt, usedAt } = access;
  const facts = [
    t('supportAccess.asked', { when: format.moment(askedAt) }),
    state === 'open' && allowedUntil && t('supportAccess.until', { when: format.moment(allowedUntil) }),
    state === 'over' && endedAt && t('supportAccess.ended', { when: format.moment(endedAt) }),
    usedAt
      ? t('supportAccess.used', { when: format.moment(usedAt) })
      : (state === 'open' || state === 'over') && t('supportAccess.neverUsed'),
  ].filter(Boolean);
  const reply = (allow: boolean) =>
    answer.mutate(
      { id, allow },
      {
        onSuccess: () =>
          notifyDone(t(allow ? 'supportAccess.allowed' : 'supportAccess.refused', { name: operatorName })),
      },
    );
  return (
    <section className={classes.entry} aria-label={operatorName}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.words}>
          <Text fw={550}>{operatorName}</Text>
          <Text size="sm" className={classes.address}>
            {reason}
          </Text>
          <Text size="sm" c="dimmed">
            {t('supportAccess.scope', { role: t(`role.${role}`), count: hours })}
          </Text>
          <Text size="sm" c="dimmed">
            {facts.join(' · ')}
          </Text>
        </div>
        <StatusBadge value={`support_${state}`} />
      </Group>
      {state === 'waiting' && (
        <Group gap="xs" mt="xs">
          <Button
            size="compact-sm"
            loading={answer.isPending && answer.variables.allow}
            onClick={() => reply(true)}
          >
            {t('supportAccess.allow', { count: hours })}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            loading={answer.isPending && !answer.variables.allow}
            onClick={() => reply(false)}
          >
            {t('supportAccess.refuse')}
          </Button>
        </Group>
      )}
      {state === 'open' && (
        <Group mt="xs">
          <Button
            size="compact-sm"
            variant="default"
            loading={end.isPending}
            onClick={() => end.mutate(id, { onSuccess: () => notifyDone(t('supportAccess.over')) })}
          >
            {t('supportAccess.end')}
          </Button>
        </Group>
      )}
    </section>
  );
}

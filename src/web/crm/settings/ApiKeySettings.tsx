import { Anchor, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { KeyRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ApiKeyAnswer } from '@/server/api/connections/api-keys';
import { useApiKeys, useRevokeApiKey } from '../../hooks/company/keys';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { serverAddress } from '../../hooks/page/address';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { StatusBadge } from '../../ui/StatusBadge';
import { ApiKeyDialog } from './ApiKeyDialog';
import { ListPanel } from './ListPanel';
import classes from './Settings.module.css';

type State = 'active' | 'expired' | 'revoked';

function stateOf({ revokedAt, expiresAt }: ApiKeyAnswer): State {
  if (revokedAt) return 'revoked';
  return expiresAt && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'active';
}

/** API keys for the tenant's own programs. */
export function ApiKeySettings() {
  const { t } = useTranslation();
  const query = useApiKeys();
  const [adding, { open, close }] = useDisclosure();
  const [showsEnded, { toggle }] = useDisclosure();
  const keys = (query.data?.keys ?? []).map((key) => ({ key, state: stateOf(key) }));
  const ended = keys.filter(({ state }) => state !== 'active').length;
  const isEmpty = keys.length === ended && !showsEnded;
  return (
    <ListPanel
      title={t('settings.keys.title')}
      text={
        <>
          {t('keys.text')}{' '}
          <Anchor href={serverAddress('/docs/connect')} target="_blank" inherit underline="always">
            {t('keys.docs')}
          </Anchor>
        </>
      }
      add={{ label: t('keys.add'), onClick: open }}
      query={query}
      empty={isEmpty ? { icon: KeyRound, title: t('keys.none'), text: t('keys.noneText') } : null}
      after={
        <>
          {ended > 0 && (
            <Button
              variant="subtle"
              size="compact-sm"
              mx={12}
              my={8}
              aria-expanded={showsEnded}
              onClick={toggle}
            >
              {showsEnded ? t('keys.hideEnded') : t('keys.showEnded', { count: ended })}
            </Button>
          )}
          {adding && <ApiKeyDialog onClose={close} />}
        </>
      }
    >
      {keys
        .filter(({ state }) => showsEnded || state === 'active')
        .map(({ key, state }) => (
          <Entry key={key.id} apiKey={key} state={state} />
        ))}
    </ListPanel>
  );
}

function Entry({ apiKey, state }: { apiKey: ApiKeyAnswer; state: State }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const revoke = useRevokeApiKey();
  const { id, name, kind, role, createdAt, createdBy, expiresAt, lastUsedAt } = apiKey;
  const author = /^(cli|user)(:|$)/.test(createdBy) ? t('keys.commandLine') : nameOf(createdBy);
  const askToRevoke = () =>
    confirm({
      title: t('keys.revokeTitle', { name }),
      text: t('keys.revokeText'),
      action: t('keys.revoke'),
      destructive: true,
      onConfirm: () => revoke.mutate(id, { onSuccess: () => notifyDone(t('keys.revoked')) }),
    });
  return (
    <section className={classes.entry} aria-label={name}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.words}>
          <Text fw={550}>{name}</Text>
          <Text size="sm">
            {t(`keys.kind.${kind}`)}
            {role && ` · ${t(`role.${role}`)}`}
          </Text>
          <Text size="sm" c="dimmed">
            {t('keys.made', { when: format.moment(createdAt), who: author })}
            {' · '}
            {lastUsedAt ? t('keys.lastUsed', { when: format.moment(lastUsedAt) }) : t('keys.neverUsed')}
            {expiresAt && ` · ${t('keys.expires', { when: format.moment(expiresAt) })}`}
          </Text>
        </div>
        {state === 'active' ? (
          <Button
            size="compact-sm"
            variant="default"
            flex="none"
            loading={revoke.isPending}
            onClick={askToRevoke}
          >
            {t('keys.revoke')}
          </Button>
        ) : (
          <StatusBadge value={state} />
        )}
      </Group>
    </section>
  );
}

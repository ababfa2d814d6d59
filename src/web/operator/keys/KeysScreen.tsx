import { Alert, Button, Code, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SecretsStatusAnswer, TokenKeyAnswer } from '@/server/operator/keys';
import type { OperatorTaskAnswer } from '@/server/operator/tasks/answers';
import { PageHeader } from '../../ui/PageHeader';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { Command } from '../parts/Command';
import { ConfirmByName } from '../parts/ConfirmByName';
import { QueryView } from '../parts/QueryView';
import { Rows } from '../parts/Rows';
import { State, type Tone } from '../parts/State';
import { useMay, useOperatorChange, useOperatorQuery } from '../queries';
import { Tasks } from '../tasks/Tasks';
import { SigningKeys } from './SigningKeys';

/** The keys of the installation: those that encrypt secrets, that sign, and that seal claims. */
export function KeysScreen() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t('secretKeys.title')} />
      <Stack gap="lg">
        <Secrets />
        <Tokens />
        <SigningKeys />
        <Seals />
        <Tasks kinds={['secrets.rotate', 'seal.rotate']} result={(task) => <Outcome task={task} />} />
      </Stack>
    </>
  );
}

/** From when on a key signs follows from the time. */
const EVERY_MS = 30_000;

function Secrets() {
  const { t } = useTranslation();
  const may = useMay();
  // A rotation is a task: what it has done is announced as one.
  const query = useOperatorQuery<SecretsStatusAnswer>('keys', '/keys/secrets', { also: ['tasks'] });
  const change = useOperatorChange(['keys', 'tasks']);
  const retire = useOperatorChange(['keys'], { showsFailure: true });
  const [retired, setRetired] = useState<string>();
  return (
    <Panel
      title={t('secretKeys.secrets.title')}
      aside={
        may('secrets.rotate') && (
          <Button
            size="compact-sm"
            loading={change.isPending}
            onClick={() => change.mutate({ path: '/keys/secrets/rotate' })}
          >
            {t('secretKeys.secrets.rotate')}
          </Button>
        )
      }
    >
      <QueryView query={query}>
        {(status) => {
          const rows = status.stores.flatMap(({ store, keys }) =>
            Object.entries(keys).map(([key, count]) => ({ store, key, count })),
          );
          const others = [...new Set(rows.map(({ key }) => key))].filter(
            (key) => !key.startsWith(status.present),
          );
          return (
            <Stack gap="sm">
              <Text size="sm">
                {t('secretKeys.secrets.present')} <Code>{status.present}</Code>
              </Text>
              {others.length > 0 && (
                <Alert color="yellow">{t('secretKeys.secrets.others', { keys: others.join(', ') })}</Alert>
              )}
              {status.problems.map((problem) => (
                <Alert key={problem} color="red">
                  {problem}
                </Alert>
              ))}
              <Rows
                label={t('secretKeys.secrets.title')}
                rows={rows}
                keyOf={({ store, key }) => `${store} ${key}`}
                empty={<Text size="sm">{t('secretKeys.secrets.none')}</Text>}
                columns={[
                  { label: t('secretKeys.secrets.in'), cell: ({ store }) => store },
                  { label: t('secretKeys.key'), cell: ({ key }) => <Code>{key}</Code> },
                  { label: t('secretKeys.secrets.count'), align: 'right', cell: ({ count }) => count },
                ]}
              />
              <Rows
                label={t('secretKeys.processes')}
                rows={status.processes}
                keyOf={({ host, pid }) => `${host} ${pid}`}
                empty={null}
                columns={[
                  {
                    label: t('secretKeys.process'),
                    cell: ({ role, host, pid }) => `${role} ${host} (${pid})`,
                  },
                  { label: t('secretKeys.encryptsWith'), cell: ({ wraps }) => <Code>{wraps ?? '?'}</Code> },
                ]}
              />
              {status.retired.length > 0 && (
                <Text size="sm">{t('secretKeys.secrets.retired', { keys: status.retired.join(', ') })}</Text>
              )}
              {may('secrets.retire') && others.length > 0 && (
                <Group gap="xs">
                  {others.map((key) => (
                    <Button key={key} size="compact-sm" variant="default" onClick={() => setRetired(key)}>
                      {t('secretKeys.secrets.retire', { key })}
                    </Button>
                  ))}
                </Group>
              )}
            </Stack>
          );
        }}
      </QueryView>
      <Command text="marquee secrets status" />
      {retired && (
        <ConfirmByName
          title={t('secretKeys.secrets.retire', { key: retired })}
          name={retired}
          consequences={[t('secretKeys.secrets.retiring'), t('secretKeys.secrets.refused')]}
          action={t('secretKeys.secrets.retire', { key: '' })}
          isPending={retire.isPending}
          error={retire.error}
          onClose={() => setRetired(undefined)}
          onConfirm={() =>
            retire.mutate(
              { path: '/keys/secrets/retire', body: { key: retired, confirm: retired } },
              { onSuccess: () => setRetired(undefined) },
            )
          }
        />
      )}
    </Panel>
  );
}

const TOKEN_TONES: Record<TokenKeyAnswer['state'], Tone> = {
  signs: 'good',
  next: 'busy',
  verifies: 'neutral',
  revoked: 'bad',
};

function Tokens() {
  const { t } = useTranslation();
  const format = useConsoleFormat();
  const may = useMay();
  const query = useOperatorQuery<{ keys: TokenKeyAnswer[] }>('keys', '/keys/tokens', { everyMs: EVERY_MS });
  const change = useOperatorChange(['keys'], { showsFailure: true });
  const rotate = useOperatorChange(['keys']);
  const [lead, setLead] = useState<number | string>(600);
  const [revoked, setRevoked] = useState<string>();
  return (
    <Panel title={t('secretKeys.tokens.title')}>
      {may('secrets.rotate') && (
        <Group align="end" gap="sm" mb="sm">
          <NumberInput
            label={t('secretKeys.tokens.lead')}
            min={0}
            max={86_400}
            w={220}
            value={lead}
            onChange={setLead}
          />
          <Button
            variant="default"
            loading={rotate.isPending}
            onClick={() =>
              rotate.mutate({ path: '/keys/tokens/rotate', body: { leadSeconds: Number(lead) } })
            }
          >
            {t('secretKeys.tokens.rotate')}
          </Button>
        </Group>
      )}
      <QueryView query={query}>
        {({ keys }) => (
          <Rows
            label={t('secretKeys.tokens.title')}
            rows={keys}
            keyOf={({ id }) => id}
            empty={<Text size="sm">{t('secretKeys.tokens.none')}</Text>}
            columns={[
              { label: t('secretKeys.key'), cell: ({ id }: TokenKeyAnswer) => <Code>{id}</Code> },
              {
                label: t('secretKeys.state'),
                cell: ({ state }) => (
                  <State tone={TOKEN_TONES[state]}>{t(`secretKeys.tokens.${state}`)}</State>
                ),
              },
              { label: t('secretKeys.tokens.from'), nowrap: true, cell: (one) => <Ago at={one.signsFrom} /> },
              {
                ...{ label: t('secretKeys.tokens.until'), nowrap: true },
                cell: ({ lastExpiry }) => format.moment(lastExpiry),
              },
              {
                label: t('secretKeys.actions'),
                cell: ({ id, state }) =>
                  may('secrets.rotate') &&
                  (state === 'verifies' || state === 'next') && (
                    <Button size="compact-xs" variant="default" color="red" onClick={() => setRevoked(id)}>
                      {t('secretKeys.tokens.revoke')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </QueryView>
      <Command text="marquee tokens rotate" />
      {revoked && (
        <ConfirmByName
          title={t('secretKeys.tokens.revoke')}
          name={revoked}
          consequences={[t('secretKeys.tokens.revoking'), t('secretKeys.tokens.sessionsEnd')]}
          action={t('secretKeys.tokens.revoke')}
          isPending={change.isPending}
          error={change.error}
          onClose={() => setRevoked(undefined)}
          onConfirm={() =>
            change.mutate(
              { path: `/keys/tokens/${revoked}/revoke`, body: { confirm: revoked } },
              { onSuccess: () => setRevoked(undefined) },
            )
          }
        />
      )}
    </Panel>
  );
}

function Seals() {
  const { t } = useTranslation();
  const may = useMay();
  const query = useOperatorQuery<{ sources: string[] }>('keys', '/keys/seals');
  const change = useOperatorChange(['keys', 'tasks']);
  return (
    <Panel title={t('secretKeys.seals.title')}>
      <Text size="sm" mb="sm">
        {t('secretKeys.seals.text')}
      </Text>
      <QueryView query={query} lines={1}>
        {({ sources }) =>
          may('secrets.rotate') ? (
            <Group gap="xs">
              <Button
                size="compact-sm"
                variant="default"
                disabled={sources.length === 0}
                loading={change.isPending}
                onClick={() => change.mutate({ path: '/keys/seals/rotate', body: {} })}
              >
                {t('secretKeys.seals.all', { count: sources.length })}
              </Button>
              {sources.slice(0, 20).map((source) => (
                <Button
                  key={source}
                  size="compact-sm"
                  variant="subtle"
                  onClick={() => change.mutate({ path: '/keys/seals/rotate', body: { sources: [source] } })}
                >
                  {source}
                </Button>
              ))}
            </Group>
          ) : (
            <Text size="sm">{sources.join(', ')}</Text>
          )
        }
      </QueryView>
      <Command text="marquee seal rotate" />
    </Panel>
  );
}

function Outcome({ task: { kind, result } }: { task: OperatorTaskAnswer }) {
  const { t } = useTranslation();
  const may = useMay();
  const again = useOperatorChange(['keys', 'tasks']);
  if (!result) return null;
  if (kind === 'seal.rotate') {
    const rotated = result.rotated as { dataSource: string; tenants: number }[];
    const failed = (result.failed ?? []) as { dataSource: string; error: { message: string } }[];
    return (
      <>
        {rotated.map((one) => t('secretKeys.seals.rotated', one)).join(' ')}{' '}
        {failed
          .map(({ dataSource, error: { message } }) => t('secretKeys.seals.failed', { dataSource, message }))
          .join(' ')}
        {failed.length > 0 && may('secrets.rotate') && (
          <Button
            size="compact-sm"
            variant="subtle"
            loading={again.isPending}
            onClick={() =>
              again.mutate({
                path: '/keys/seals/rotate',
                body: { sources: failed.map(({ dataSource }) => dataSource) },
              })
            }
          >
            {t('secretKeys.seals.again', { count: failed.length })}
          </Button>
        )}
      </>
    );
  }
  const stores = result.stores as { rewritten: number }[];
  const count = stores.reduce((sum, { rewritten }) => sum + rewritten, 0);
  const problems = (result.problems as string[]).join(' ');
  return (
    <>
      {t('secretKeys.secrets.rotated', { count, key: result.present })} {problems}
    </>
  );
}

import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  TenantBackups,
  TenantMoves,
  TenantRecords,
  TenantUsers,
} from '@/server/operator/tenants/tenant';
import { Panel } from '../../ui/Panel';
import { useConsoleFormat } from '../format';
import { Ago } from '../parts/Ago';
import { QueryView } from '../parts/QueryView';
import { State, type Tone } from '../parts/State';
import { type Subject, useOperatorQuery } from '../queries';
import { useFailureMessage, useMessage } from '../server-messages/use-message';

interface Of {
  /** Subdomain. */
  tenant: string;
}

/** Rows shown of each list. */
const MOST = 8;

export function Users({ tenant }: Of) {
  const { t } = useTranslation();
  return (
    <Part<TenantUsers> title={t('tenants.page.users')} subject="tenants" path={`/tenants/${tenant}/users`}>
      {({ users, sessions }) => (
        <Stack gap="xs">
          {users.slice(0, 50).map(({ id, displayName, email, role, secondFactor, lastSignInAt }) => (
            <Line
              key={id}
              main={`${displayName} · ${t(`role.${role}`, role)}`}
              note={[email, secondFactor && t('tenants.page.factor')].filter(Boolean).join(' · ')}
              aside={
                lastSignInAt && (
                  <>
                    {t('tenants.page.lastSignIn')} <Ago at={lastSignInAt} />
                  </>
                )
              }
            />
          ))}
          <Text fw={600} size="sm" mt="sm">
            {t('tenants.page.sessions')}
          </Text>
          {sessions.length === 0 && <Empty text={t('tenants.page.noSessions')} />}
          {sessions.slice(0, MOST).map(({ id, userId, method, address, lastUsedAt }) => (
            <Line
              key={id}
              main={users.find((user) => user.id === userId)?.displayName ?? userId}
              note={[t(`tenants.page.methods.${method}`, method), address].filter(Boolean).join(' · ')}
              aside={<Ago at={lastUsedAt} />}
            />
          ))}
        </Stack>
      )}
    </Part>
  );
}

export function Moves({ tenant }: Of) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  return (
    <Part<TenantMoves> title={t('tenants.page.moves')} subject="moves" path={`/tenants/${tenant}/moves`}>
      {({ moves }) =>
        moves.length === 0 ? (
          <Empty text={t('tenants.page.noMoves')} />
        ) : (
          moves
            .slice(0, MOST)
            .map(({ id, from, to, step, createdAt, finishedAt, error }) => (
              <Line
                key={id}
                main={`${from} → ${to}`}
                note={error && !finishedAt ? sayFailure(error) : t(`moves.steps.${step}`, step)}
                aside={<Ago at={finishedAt ?? createdAt} />}
              />
            ))
        )
      }
    </Part>
  );
}

const BACKUP_TONES: Record<string, Tone> = { complete: 'good', running: 'busy', failed: 'bad' };

export function Backups({ tenant }: Of) {
  const { t } = useTranslation();
  const sayFailure = useFailureMessage();
  const format = useConsoleFormat();
  return (
    <Part<TenantBackups>
      title={t('tenants.page.backups')}
      subject="backups"
      path={`/tenants/${tenant}/backups`}
    >
      {({ backups }) =>
        backups.length === 0 ? (
          <Empty text={t('tenants.page.noBackups')} />
        ) : (
          backups.slice(0, MOST).map(({ id, state, startedAt, rows, storedBytes, provenAt, error }) => (
            <Line
              key={id}
              main={
                <Group gap={6}>
                  <State tone={provenAt ? 'good' : (BACKUP_TONES[state] ?? 'neutral')}>
                    {provenAt ? t('backups.proven') : t(`backups.backupState.${state}`, state)}
                  </State>
                </Group>
              }
              note={
                error
                  ? sayFailure(error)
                  : t('tenants.page.rows', {
                      rows: format.number(rows ?? 0),
                      size: format.bytes(storedBytes ?? 0),
                    })
              }
              aside={<Ago at={startedAt} />}
            />
          ))
        )
      }
    </Part>
  );
}

export function Records({ tenant }: Of) {
  const { t } = useTranslation();
  const say = useMessage();
  return (
    <Part<TenantRecords> title={t('tenants.page.audit')} subject="audit" path={`/tenants/${tenant}/audit`}>
      {({ records }) =>
        records.length === 0 ? (
          <Empty text={t('tenants.page.noAudit')} />
        ) : (
          records
            .slice(0, 20)
            .map(({ id, occurredAt, actorName, action, means, address }) => (
              <Line
                key={id}
                main={capital(say({ code: `actions.${action}` }, means ?? action))}
                note={[actorName, address].filter(Boolean).join(' · ')}
                aside={<Ago at={occurredAt} />}
              />
            ))
        )
      }
    </Part>
  );
}

interface PartProperties<Answer> {
  title: string;
  subject: Subject;
  path: string;
  children: (answer: Answer) => ReactNode;
}

function Part<Answer>({ title, subject, path, children }: PartProperties<Answer>) {
  const query = useOperatorQuery<Answer>(subject, path);
  return (
    <Panel title={title}>
      <QueryView query={query} lines={3}>
        {children}
      </QueryView>
    </Panel>
  );
}

function Line({ main, note, aside }: { main: ReactNode; note: string; aside: ReactNode }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="sm" py={4}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" component="div" truncate>
          {main}
        </Text>
        <Text size="xs" c="dimmed" truncate title={note}>
          {note}
        </Text>
      </div>
      <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
        {aside}
      </Text>
    </Group>
  );
}

/** Capitalizes the first letter. */
function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}

function Empty({ text }: { text: string }) {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}

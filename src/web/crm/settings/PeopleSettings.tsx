import {
  ActionIcon,
  Alert,
  Badge,
  Button,
  Code,
  Modal,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { HistoryIcon, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewPerson, Person, PersonChanges } from '@/server/api/company/people';
import {
  useAddPerson,
  useChangePerson,
  useInviteAgain,
  usePeople,
  useRemoveFactor,
} from '../../hooks/company/people';
import { useSignedIn } from '../../hooks/session/session';
import { confirm } from '../../ui/confirm';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { PersonName } from '../records/fields/FieldValue';
import { AccountHistory } from '../timeline/AccountHistory';
import { History } from '../timeline/History';
import classes from './Settings.module.css';

type Role = NewPerson['role'];

const ROLES: readonly Role[] = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'];

/** Users and their roles. */
export function PeopleSettings() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const { people, isPending, error } = usePeople();
  const change = useChangePerson();
  const invite = useInviteAgain();
  const removeFactor = useRemoveFactor();
  const [adding, { open, close }] = useDisclosure();
  const [shown, setShown] = useState<string>();
  const shownPerson = people.find(({ id }) => id === shown);
  const askToRemoveFactor = ({ id, displayName: name }: Person) =>
    confirm({
      title: t('settings.people.removeFactorTitle', { name }),
      text: t('settings.people.removeFactorText'),
      action: t('settings.people.removeFactor'),
      destructive: true,
      onConfirm: () =>
        removeFactor.mutate(id, { onSuccess: () => notifyDone(t('settings.people.factorRemoved')) }),
    });
  const save = (id: string, changes: PersonChanges) =>
    change.mutate({ id, ...changes }, { onSuccess: () => notifyDone(t('saved')) });
  return (
    <Panel
      title={t('settings.people.title')}
      flush
      aside={
        <Button size="compact-sm" variant="light" leftSection={<Plus size={14} />} onClick={open}>
          {t('settings.people.add')}
        </Button>
      }
    >
      {error ? (
        <Failed error={error} />
      ) : isPending ? (
        <Lines />
      ) : (
        people.map((person) => (
          <section key={person.id} className={classes.person} aria-label={person.displayName}>
            <div className={classes.words}>
              <PersonName name={person.displayName} />
              <Text size="sm" c="dimmed" truncate>
                {person.email}
              </Text>
            </div>
            <Select
              size="xs"
              w={150}
              aria-label={`${t('field.role')}: ${person.displayName}`}
              value={person.role}
              data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
              onChange={(role) => role && role !== person.role && save(person.id, { role: role as Role })}
            />
            <div className={classes.state}>
              {person.status === 'invited' ? (
                <>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    loading={invite.isPending && invite.variables === person.id}
                    onClick={() =>
                      invite.mutate(person.id, {
                        onSuccess: ({ mailed, link }) =>
                          notifyDone(mailed ? t('settings.people.sentAgain') : (link ?? '')),
                      })
                    }
                  >
                    {t('settings.people.inviteAgain')}
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    color="red"
                    aria-label={`${t('settings.people.withdraw')}: ${person.displayName}`}
                    onClick={() => save(person.id, { status: 'disabled' })}
                  >
                    {t('settings.people.withdraw')}
                  </Button>
                </>
              ) : person.id === user.id ? (
                <Badge color="gray" tt="none">
                  {t('settings.people.you')}
                </Badge>
              ) : (
                <Switch
                  size="sm"
                  checked={person.status === 'active'}
                  aria-label={`${t('option.active')}: ${person.displayName}`}
                  onChange={(e) => save(person.id, { status: e.target.checked ? 'active' : 'disabled' })}
                />
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${t('history.title')}: ${person.displayName}`}
                onClick={() => setShown(person.id)}
              >
                <HistoryIcon size={15} />
              </ActionIcon>
            </div>
          </section>
        ))
      )}
      <AddPerson opened={adding} onClose={close} />
      <Modal
        opened={shown !== undefined}
        onClose={() => setShown(undefined)}
        title={shownPerson?.displayName}
      >
        {shown !== undefined && (
          <Stack>
            <AccountHistory personId={shown} />
            <History kind="people" record={{ id: shown }} />
            {shownPerson?.status === 'active' && shownPerson.id !== user.id && (
              <Button variant="default" color="red" onClick={() => askToRemoveFactor(shownPerson)}>
                {t('settings.people.removeFactor')}
              </Button>
            )}
          </Stack>
        )}
      </Modal>
    </Panel>
  );
}

/** Invites a user by mail. */
export function AddPerson({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const add = useAddPerson();
  const [email, setEmail] = useState('');
  const [displayName, setName] = useState('');
  const [role, setRole] = useState<Role>('staff');
  const close = () => {
    add.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={t('settings.people.add')}>
      {add.data ? (
        <Stack>
          <Alert color="green">
            {t(add.data.mailed ? 'settings.people.invited' : 'settings.people.handOver', {
              name: add.data.person.displayName,
              email: add.data.person.email,
            })}
          </Alert>
          {add.data.link && <Code block>{add.data.link}</Code>}
          <Button onClick={close}>{t('close')}</Button>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ email, displayName, role });
          }}
        >
          <Stack>
            <TextInput
              label={t('field.name')}
              value={displayName}
              onChange={(e) => setName(e.target.value)}
              required
              data-autofocus
            />
            <TextInput
              label={t('field.email')}
              type="email"
              value={email}
              onChange={(e) => setEmail(e.target.value)}
              required
            />
            <Select
              label={t('field.role')}
              value={role}
              data={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
              onChange={(value) => setRole((value ?? role) as Role)}
            />
            <FormError error={add.error} />
            <Button type="submit" loading={add.isPending} disabled={!email || !displayName}>
              {t('add')}
            </Button>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

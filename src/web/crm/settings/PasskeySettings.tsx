import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Passkeys } from '@/server/sign-in/passkeys';
import { useFormat } from '../../hooks/format';
import { deviceOf } from '../../hooks/session/device';
import { hasPasskeys, useAddPasskey, usePasskeys, useRemovePasskey } from '../../hooks/session/passkeys';
import { confirm } from '../../ui/confirm';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { ListPanel } from './ListPanel';
import classes from './Settings.module.css';

/** The user's passkeys: sign in by fingerprint, face or PIN of a device. */
export function PasskeySettings() {
  const { t } = useTranslation();
  const query = usePasskeys();
  const [adding, { open, close }] = useDisclosure();
  const passkeys = query.data?.passkeys ?? [];
  return (
    <ListPanel
      title={t('passkeys.title')}
      text={hasPasskeys ? t('passkeys.text') : t('passkeys.notHere')}
      {...(hasPasskeys && { add: { label: t('passkeys.add'), onClick: open } })}
      query={query}
      empty={passkeys.length === 0 ? { icon: KeyRound, title: t('passkeys.none') } : null}
      after={adding && <AddPasskey onClose={close} />}
    >
      {passkeys.map((passkey) => (
        <Entry key={passkey.id} passkey={passkey} />
      ))}
    </ListPanel>
  );
}

function Entry({ passkey: { id, name, createdAt, lastUsedAt } }: { passkey: Passkeys['passkeys'][number] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const remove = useRemovePasskey();
  const askToRemove = () =>
    confirm({
      title: t('passkeys.removeTitle', { name }),
      text: t('passkeys.removeText'),
      action: t('passkeys.remove'),
      destructive: true,
      onConfirm: () => remove.mutate(id, { onSuccess: () => notifyDone(t('passkeys.removed')) }),
    });
  return (
    <section className={classes.entry} aria-label={name}>
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <div className={classes.words}>
          <Text fw={550}>{name}</Text>
          <Text size="sm" c="dimmed">
            {t('passkeys.added', { when: format.moment(createdAt) })}
            {lastUsedAt && ` · ${t('keys.lastUsed', { when: format.moment(lastUsedAt) })}`}
          </Text>
        </div>
        <Button
          size="compact-sm"
          variant="default"
          flex="none"
          loading={remove.isPending}
          onClick={askToRemove}
        >
          {t('passkeys.remove')}
        </Button>
      </Group>
    </section>
  );
}

function AddPasskey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(() => deviceOf(navigator.userAgent));
  const add = useAddPasskey();
  return (
    <Modal opened onClose={onClose} title={t('passkeys.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(name.trim(), {
            onSuccess: () => {
              onClose();
              notifyDone(t('passkeys.addedNow'));
            },
          });
        }}
      >
        <Stack>
          <TextInput
            label={t('field.name')}
            description={t('passkeys.nameText')}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
            data-autofocus
            required
          />
          <FormError error={add.error} />
          <DialogActions
            label={t('passkeys.continue')}
            onCancel={onClose}
            isPending={add.isPending}
            isDisabled={!name.trim()}
          />
        </Stack>
      </form>
    </Modal>
  );
}

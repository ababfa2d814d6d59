import { Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { Command } from '../parts/Command';
import { useOperatorChange } from '../queries';
import type { GivenPassword } from './OperatorActions';
import { type Role, RoleSelect } from './RoleSelect';

/** Adds an operator; the answer has their first password. */
export function AddOperator({
  onClose,
  onGiven,
}: {
  onClose: () => void;
  onGiven: (given: GivenPassword) => void;
}) {
  const { t } = useTranslation();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('support');
  const change = useOperatorChange<GivenPassword>(['operators'], { showsFailure: true });
  const command = `marquee operator add ${email || 'EMAIL'} --role ${role}`;
  return (
    <Modal opened onClose={onClose} title={t('operators.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ path: '/operators', body: { email, name, role } }, { onSuccess: onGiven });
        }}
      >
        <Stack gap="sm">
          <TextInput
            required
            type="email"
            label={t('operators.email')}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextInput
            required
            label={t('operators.name')}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <RoleSelect value={role} onChange={setRole} />
          <FormError error={change.error} />
          <Command text={command} />
          <DialogActions label={t('operators.add')} onCancel={onClose} isPending={change.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}
